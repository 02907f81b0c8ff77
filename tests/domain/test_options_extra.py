"""Options that only some engines have: read from flags, forms and programs, checked against the chosen engine."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatelier.domain.intent.flags import take_flags
from chatelier.domain.options import Options, check_options
from chatelier.domain.options_extra import from_words
from chatelier.errors import Invalid
from chatelier.providers.base import Capabilities, ExtraOption, OptionKind

WEBUI = Capabilities(
    extra_options=(
        ExtraOption(name="sampler", label="Sampler", kind=OptionKind.CHOICE, choices=("Euler", "Euler a")),
        ExtraOption(name="steps", label="Steps", kind=OptionKind.WHOLE, lowest=1, highest=150),
        ExtraOption(name="cfg", label="CFG scale", kind=OptionKind.NUMBER, lowest=0, highest=30),
    )
)


def test_they_survive_being_stored_and_the_later_word_wins_one_by_one() -> None:
    options = Options.from_json({"extra": {"steps": 30, "cfg": 7.5, "sampler": "Euler a", "scheduler": None}})
    assert options.extra == {"steps": 30, "cfg": 7.5, "sampler": "Euler a"}
    assert Options.from_json(options.to_json()) == options
    later = options.merged(Options(extra={"steps": 9}))
    assert later.extra == {"steps": 9, "cfg": 7.5, "sampler": "Euler a"}
    assert Options(n=2).merged(options).extra == options.extra


@pytest.mark.parametrize(
    "extra",
    [
        "steps",
        {"Steps": 3},
        {"": 3},
        {"steps": True},
        {"steps": [3]},
        {"steps": float("nan")},
        {"steps": 10**400},
        {"sampler": " \x00 "},
        {"sampler": "x" * 201},
        {f"name{at}": 1 for at in range(21)},
    ],
)
def test_what_cannot_be_a_value_is_refused(extra: object) -> None:
    with pytest.raises(Invalid) as caught:
        Options.from_json({"extra": extra})
    assert "extra" in caught.value.extra["fields"]


@pytest.mark.parametrize("extra", [{"steps": 150}, {"steps": 30.0}, {"cfg": 0}, {"cfg": 7.5}, {"sampler": "euler A"}])
def test_an_engine_takes_what_it_declares(extra: dict[str, Any]) -> None:
    check_options(Options(extra=extra), WEBUI)


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ({"steps": 0}, "Steps is a whole number from 1 to 150, not 0."),
        ({"steps": 1.5}, "Steps is a whole number"),
        ({"steps": "many"}, "Steps is a whole number"),
        ({"cfg": 31}, "CFG scale is a number from 0 to 30, not 31."),
        ({"sampler": "DDIM"}, "Sampler DDIM is not offered here. Choose Euler, Euler a."),
        ({"sampler": 3}, "Sampler 3 is not offered here."),
        ({"colour": "red"}, "no option colour. It has sampler, steps, cfg."),
    ],
)
def test_an_engine_refuses_what_it_lacks_in_a_sentence(extra: dict[str, Any], says: str) -> None:
    with pytest.raises(Invalid, match=says.replace(".", r"\.")) as caught:
        check_options(Options(extra=extra), WEBUI)
    assert set(caught.value.extra["fields"]) == set(extra)


def test_an_engine_without_any_refuses_all() -> None:
    with pytest.raises(Invalid, match="This provider has no option steps"):
        check_options(Options(extra={"steps": 30}), Capabilities())


def test_flags_say_them() -> None:
    told = take_flags("a cat --steps 30 --sampler Euler a --cfg 7.5 --n 2", strict=True)
    assert told.text == "a cat"
    assert told.options == Options(n=2, extra={"steps": 30, "sampler": "Euler a", "cfg": 7.5})


def test_a_flag_given_twice_or_without_its_value_is_named() -> None:
    with pytest.raises(Invalid, match="--steps is given twice"):
        take_flags("a cat --steps 30 --steps 40", strict=True)
    with pytest.raises(Invalid, match="--cfg needs a value"):
        take_flags("a cat --cfg", strict=True)


@given(st.text(max_size=40))
def test_any_words_of_a_form_are_read(text: str) -> None:
    assert isinstance(from_words(text), str | int | float)
    assert from_words("30") == 30
    assert from_words("7.5") == 7.5
    assert from_words("nan") == "nan"
