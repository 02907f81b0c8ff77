"""The book of models: lifecycles by seller, prices that are never guessed, and what an operator says instead."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatelier.domain import prices
from chatelier.errors import CannotStart
from chatelier.providers.base import Capabilities, Size
from chatelier.providers.models import ModelBook, Status, read_book

BOOK = read_book()
SQUARE = Size(width=1024, height=1024)


def capabilities(
    model: str, house: str = "openai", book: ModelBook = BOOK, today: date = date(2026, 11, 25)
) -> Capabilities:
    return book.rows[model].capabilities(house, today)


@pytest.mark.parametrize(
    ("day", "house", "status"),
    [
        ("2026-11-30", "openai", Status.DEPRECATED),
        ("2026-12-01", "openai", Status.RETIRED),
        ("2026-12-01", "azure", Status.DEPRECATED),
        ("2026-12-16", "azure", Status.RETIRED),
        ("2030-01-01", "", Status.ACTIVE),  # a compatible server goes on serving it
    ],
)
def test_a_model_ends_where_it_is_sold_on_its_day(day: str, house: str, status: Status) -> None:
    assert BOOK.rows["gpt-image-1.5"].status(house, date.fromisoformat(day)) is status


def test_every_model_that_ends_at_openai_names_one_that_goes_on() -> None:
    for name, row in BOOK.rows.items():
        if "openai" in row.ends:
            assert not BOOK.rows[row.replacement].ends.get("openai"), name


def test_every_default_is_known_and_priced() -> None:
    for house, kinds in BOOK.defaults.items():
        for model in kinds.values():
            assert prices.estimate(capabilities(model, house)), model


@pytest.mark.parametrize(
    ("model", "quality", "size", "micros"),
    [
        ("dall-e-3", "standard", "1024x1024", 40_000),
        ("dall-e-3", "standard", "1792x1024", 80_000),
        ("dall-e-3", "hd", "1024x1024", 80_000),
        ("dall-e-3", "hd", "1024x1792", 120_000),
        ("gpt-image-1.5", "low", "1024x1024", 8_704),
        ("gpt-image-1.5", "high", "1024x1536", 199_680),
        ("gpt-image-2.6-flare", "medium", "1024x1024", 53_010),
    ],
)
def test_prices_are_those_of_the_day(model: str, quality: str, size: str, micros: int) -> None:
    width, height = map(int, size.split("x"))
    wanted = Size(width=width, height=height)
    assert prices.estimate(capabilities(model), 1, size=wanted, quality=quality) == micros
    assert prices.estimate(capabilities(model), 3, size=wanted, quality=quality) == 3 * micros


def test_a_ceiling_counts_words_sources_partial_images_and_size() -> None:
    can = capabilities("gpt-image-2.6-sunburst")
    plain = prices.estimate(can, size=SQUARE)
    assert plain is not None
    more = [
        prices.estimate(can, size=SQUARE, characters=1000),
        prices.estimate(can, size=SQUARE, sources=2),
        prices.estimate(can, size=Size(width=2048, height=2048)),
    ]
    assert all(one is not None and one > plain for one in more)


def test_nobody_guesses_a_price() -> None:
    can = capabilities("gpt-image-2.6-flare")
    assert prices.estimate(can, quality="max") is None
    assert prices.estimate(can, quality="auto") is None
    assert prices.estimate(capabilities("gpt-image-2.6-flare", house="")) is None  # somebody else's server
    assert prices.estimate(Capabilities()) is None
    assert prices.charge(Capabilities(), 1, {}) is None
    assert prices.estimate(Capabilities(free=True)) == 0


def usage(entered: object, output: object, **inner: object) -> dict[str, Any]:
    return {"input_tokens": entered, "output_tokens": output, "input_tokens_details": inner}


def test_the_bill_is_what_the_provider_counted() -> None:
    can = capabilities("gpt-image-2.6-flare")
    told = usage(1100, 1767, text_tokens=100, image_tokens=1000)
    assert prices.charge(can, 1, told, held=99) == 500 + 8_000 + 53_010
    assert prices.charge(can, 1, usage(1000, 0), held=99) == 8_000  # without details the dearer kind
    assert prices.charge(can, 1, {}, held=99) == 99
    assert prices.charge(capabilities("dall-e-3"), 1, told, size=SQUARE, quality="hd", held=99) == 80_000


@given(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    st.integers(),
)
def test_no_usage_makes_money_or_breaks(entered: object, output: object, text: int) -> None:
    """A hostile or broken server cannot be owed less than nothing, or more than can be counted."""
    micros = prices.charge(capabilities("gpt-image-2.6-flare"), 1, usage(entered, output, text_tokens=text), held=7)
    assert micros is not None
    assert 0 <= micros < 2**62


@pytest.mark.parametrize("usd", [-0.01, math.nan, math.inf, 1e308, "much", None, True])
def test_a_price_that_is_no_price_refuses_the_configuration(usd: object) -> None:
    with pytest.raises(CannotStart, match=r"models\.mine"):
        read_book({"mine": {"price": {"per_image": [{"usd": usd}]}}})
    with pytest.raises(CannotStart, match=r"models\.mine"):
        read_book({"mine": {"price": {"per_million": {"image_out": usd}}}})


def test_the_operator_knows_better() -> None:
    mine = {"like": "gpt-image-2.6-flare", "qualities": ["low"], "price": {"per_image": [{"usd": 0.5}]}}
    book = read_book({"atelier-1": mine, "gpt-image-2": {"ends": {"openai": date(2026, 1, 1)}}})
    can = capabilities("atelier-1", "", book)
    assert (can.edit, can.qualities, can.max_images) == (True, ("low",), 10)
    assert prices.estimate(can, 2) == 1_000_000  # at any server
    assert book.rows["gpt-image-2"].status("openai", date(2026, 2, 1)) is Status.RETIRED
    assert prices.estimate(capabilities("gpt-image-2.6-flare", book=book)) == 53_010


@pytest.mark.parametrize("mine", [{"like": "nobody"}, {"like": "mine"}, {"colour": 1}, {"sizes": ["big"]}])
def test_a_model_that_cannot_be_read_is_named(mine: dict[str, Any]) -> None:
    with pytest.raises(CannotStart, match=r"models\.mine"):
        read_book({"mine": mine})


def test_a_price_may_begin_on_a_day_of_its_own() -> None:
    dear, cheap = (
        {"per_image": [{"usd": usd}], "since": day} for usd, day in ((0.5, "2027-01-01"), (0.1, "2027-03-01"))
    )
    book = read_book({"gpt-image-2": {"price": [dear, cheap]}, "mine": {"price": dear}, "ours": {"like": "mine"}})

    def costs(model: str, day: str) -> int | None:
        return prices.estimate(capabilities(model, "openai", book, date.fromisoformat(day)))

    assert costs("gpt-image-2", "2026-12-31") == prices.estimate(capabilities("gpt-image-2"))
    assert [costs("gpt-image-2", day) for day in ("2027-01-01", "2027-02-28", "2030-01-01")] == [
        500_000,
        500_000,
        100_000,
    ]
    for model in ("mine", "ours"):
        assert costs(model, "2026-12-31") is None  # not known yet, and never nothing
        assert costs(model, "2027-01-01") == 500_000


def test_a_price_without_a_day_of_its_own_refuses_the_configuration() -> None:
    for days in (["2027-01-01", "2027-01-01"], [None, None], ["some day"], [False]):
        rows = [{"per_image": [{"usd": 1}], "since": day} for day in days]
        with pytest.raises(CannotStart, match=r"models\.mine"):
            read_book({"mine": {"price": rows}})
