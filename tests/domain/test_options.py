"""What people ask of a picture: read, merged, checked against what a provider can."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatelier.domain.options import MAX_SEED, Options, check_options, resolve_size
from chatelier.errors import Invalid
from chatelier.providers.base import Capabilities, Size

ILLUSTRATOR = Capabilities(max_images=4, qualities=("draft", "high"))


def test_only_what_ada_said_is_kept() -> None:
    raw = {"size": "1536x1024", "n": 2, "style": "oil painting", "seed": None}
    options = Options.from_json(raw)
    assert options == Options(size=Size(width=1536, height=1024), n=2, style="oil painting")
    assert options.to_json() == {"size": "1536x1024", "n": 2, "style": "oil painting"}


def test_every_option_survives_being_stored() -> None:
    options = Options(
        size=Size(width=512, height=512),
        n=3,
        quality="high",
        style="flat",
        seed=MAX_SEED,
        background="transparent",
        negative_prompt="text, people",
        provider="illustrator",
        model="scenes-1",
    )
    assert Options.from_json(options.to_json()) == options


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"size": "big"}, "size"),
        ({"size": "0x512"}, "size"),
        ({"size": 1024}, "size"),
        ({"aspect_ratio": "16"}, "aspect_ratio"),
        ({"aspect_ratio": "16:0"}, "aspect_ratio"),
        ({"n": 0}, "n"),
        ({"n": True}, "n"),
        ({"n": "2"}, "n"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**32}, "seed"),
        ({"style": "  "}, "style"),
        ({"style": "x" * 201}, "style"),
        ({"negative_prompt": ["text"]}, "negative_prompt"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(raw: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        Options.from_json(raw)
    assert list(caught.value.extra["fields"]) == [field]
    assert field in caught.value.sentence or str(next(iter(raw.values()))) in caught.value.sentence


def test_ben_reads_about_all_wrong_fields_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        Options.from_json({"n": 99, "seed": "seven", "style": "flat"})
    assert set(caught.value.extra["fields"]) == {"n", "seed"}


def test_control_characters_never_reach_an_option() -> None:
    assert Options.from_json({"style": "flat\x00\u202e\n art"}).style == "flat art"


def test_what_chloe_says_later_wins() -> None:
    earlier = Options(n=2, style="flat", seed=7)
    assert earlier.merged(Options(style="watercolor")) == Options(n=2, style="watercolor", seed=7)
    assert earlier.merged(Options()) == earlier


def test_a_size_and_an_aspect_ratio_replace_each_other() -> None:
    square, wide = Options(size=Size(width=512, height=512)), Options(aspect_ratio="16:9")
    assert square.merged(wide) == wide
    assert wide.merged(square) == square


def test_without_a_wish_the_default_size_is_taken() -> None:
    assert resolve_size(Options(), ILLUSTRATOR) == Size(width=1024, height=1024)


def test_an_exact_size_is_taken_as_it_is() -> None:
    size = Size(width=1536, height=1024)
    assert resolve_size(Options(size=size), ILLUSTRATOR) == size


@pytest.mark.parametrize(
    "size",
    [
        Size(width=4096, height=1024),
        Size(width=1000, height=1001),
        Size(width=128, height=128),
        Size(width=2048, height=512),
    ],
    ids=str,
)
def test_an_impossible_size_is_refused_with_the_limits(size: Size) -> None:
    with pytest.raises(Invalid, match=r"256 to 2048 pixels in steps of 8, and width to height from 1:3 to 3:1"):
        resolve_size(Options(size=size), ILLUSTRATOR)


@pytest.mark.parametrize(("ratio", "size"), [("16:9", "1368x768"), ("1:1", "1024x1024"), ("2:3", "840x1256")])
def test_an_aspect_ratio_keeps_about_the_default_area(ratio: str, size: str) -> None:
    assert str(resolve_size(Options(aspect_ratio=ratio), ILLUSTRATOR)) == size


def test_a_ratio_beyond_the_provider_is_refused() -> None:
    with pytest.raises(Invalid, match=r"The aspect ratio 5:1 is not possible here.*3:1"):
        resolve_size(Options(aspect_ratio="5:1"), ILLUSTRATOR)


@given(
    width=st.integers(1, 60),
    height=st.integers(1, 60),
    side=st.sampled_from([512, 1024, 2048]),
    multiple=st.sampled_from([1, 8, 16, 64]),
)
def test_every_possible_ratio_gives_a_size_within_the_limits(width: int, height: int, side: int, multiple: int) -> None:
    capabilities = Capabilities(side_multiple=multiple, default_size=Size(width=side, height=side))
    try:
        size = resolve_size(Options(aspect_ratio=f"{width}:{height}"), capabilities)
    except Invalid:
        assert not 1 / 2.9 <= width / height <= 2.9
        return
    assert size.width % multiple == size.height % multiple == 0
    assert 256 <= min(size.width, size.height) <= max(size.width, size.height) <= 2048
    assert resolve_size(Options(size=size), capabilities) == size


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        (Options(n=5), {"n"}),
        (Options(quality="ultra"), {"quality"}),
        (Options(seed=2**32), {"seed"}),
        (Options(size=Size(width=1024, height=1024), aspect_ratio="16:9"), {"size", "aspect_ratio"}),
    ],
)
def test_what_the_provider_does_not_offer_is_refused(options: Options, fields: set[str]) -> None:
    with pytest.raises(Invalid) as caught:
        check_options(options, ILLUSTRATOR)
    assert set(caught.value.extra["fields"]) == fields


def test_unknown_styles_and_agreeing_sizes_pass() -> None:
    check_options(Options(n=4, style="rococo collage", quality="high", seed=0), ILLUSTRATOR)
    check_options(Options(size=Size(width=1368, height=768), aspect_ratio="16:9"), ILLUSTRATOR)
    check_options(Options(quality="anything"), Capabilities())
