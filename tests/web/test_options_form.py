"""The options beside the composer: only what the chosen engine can, with its price; kept out of talk and of edits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from chatelier.config import ProviderSettings, Settings
from chatelier.db.models import Generation
from chatelier.domain.choices import read_choices
from chatelier.domain.preferences import change_preferences, read_preferences
from chatelier.errors import Invalid
from chatelier.providers.base import ExtraOption, OptionKind
from tests.web.visitor import Element, Visitor

pytestmark = pytest.mark.anyio
NOWHERE = "http://127.0.0.1:9/v1"  # nothing is asked of it here


@pytest.fixture
def settings(settings: Settings) -> Settings:
    tables = {
        "paid": ProviderSettings(
            base_url=NOWHERE, label="Paid", model="gpt-image-1.5", models=("dall-e-3",), price=0.05
        ),
        "plain": ProviderSettings(base_url=NOWHERE, label="Plain", free=False),
    }
    return settings.model_copy(update={"providers": tables, "image_provider": "illustrator"})


def offered(part: Element, name: str) -> list[str]:
    return [option.attrs.get("value", "") for option in part.one("select", name=name).all("option")]


def names(part: Element) -> set[str]:
    return {element["name"] for element in part.walk() if element.tag in ("select", "input")}


async def test_each_engine_shows_what_it_can(ada: Visitor) -> None:
    usual = await ada.part("/options")
    assert names(usual) == {"engine", "shape", "n", "style", "seed", "negative_prompt"}
    assert usual.one("p", role="status").text == "Costs nothing."
    assert offered(usual, "engine") == ["", "illustrator", "fake", "paid", "paid/dall-e-3", "plain"]
    gpt = await ada.part("/options?engine=paid&n=2")
    usual_ones = {"engine", "shape", "n", "quality", "background", "style", "negative_prompt", "raw"}
    own = {"extra.output_format", "extra.output_compression", "extra.input_fidelity"}
    assert names(gpt) == usual_ones | own
    assert offered(gpt, "shape") == ["", "1024x1024", "1536x1024", "1024x1536"]
    assert gpt.one("p", role="status").text == "Up to $0.100 together."
    dall_e = await ada.part("/options?engine=paid/dall-e-3")
    assert offered(dall_e, "quality") == ["", "standard", "hd"]
    assert "n" not in names(dall_e)
    assert [option["value"] for option in dall_e.all("option") if option["value"] == "vivid"]
    assert (await ada.part("/options?engine=plain")).one("p", role="status").text == "Its price is not known."


async def test_options_of_one_engine_alone_are_shown_with_it_and_fall_away_with_it(ada: Visitor) -> None:
    images = ada.site.services.providers.images
    steps = ExtraOption(name="steps", label="Steps", kind=OptionKind.WHOLE, lowest=1, highest=150)
    sampler = ExtraOption(name="sampler", label="Sampler", kind=OptionKind.CHOICE, choices=("Euler", "DDIM"))
    fake = images["fake"]
    fake.capabilities = replace(fake.capabilities, extra_options=(steps, sampler))
    part = await ada.part("/options?engine=fake&extra.steps=30&extra.sampler=DDIM")
    assert part.one("input", name="extra.steps")["value"] == "30"
    assert offered(part, "extra.sampler") == ["", "", ""]  # a value that is its text has no attribute
    assert "Steps" in (await ada.part("/options?engine=fake&extra.steps=900")).one("p", role="status").text
    other = await ada.part("/options?engine=illustrator&extra.steps=30")
    assert other.one("p", role="status").text == "Costs nothing."
    assert "extra.steps" not in names(other)
    await ada.send("/messages", text="draw a cat", engine="fake", **{"extra.steps": "30"})  # type: ignore[arg-type]
    async with ada.site.services.transaction() as db:
        assert (await db.scalars(select(Generation))).one().options["extra"] == {"steps": 30}


async def test_choices_stay_while_another_engine_is_looked_at(ada: Visitor) -> None:
    part = await ada.part("/options?engine=paid&style=watercolor&shape=16:9&quality=high")
    assert part.one("input", name="style")["value"] == "watercolor"
    assert part.one("p", role="status").text == "Up to $0.050."
    assert offered(part, "shape")[0] == ""


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("engine=paid&n=200", "n is a whole number"),
        ("engine=paid&quality=hd", "Quality hd is not offered here"),
        ("seed=minus", "seed is a whole number"),
        ("shape=1:9", "not possible here"),
    ],
)
async def test_what_cannot_be_is_said_in_the_place_of_the_price(ada: Visitor, query: str, words: str) -> None:
    assert words in (await ada.part(f"/options?{query}")).one("p", role="status").text


async def test_an_engine_that_is_gone_gives_way(ada: Visitor) -> None:
    assert (await ada.part("/options?engine=gone/away")).one("p", role="status").text == "Costs nothing."
    await ada.send("/messages", 422, text="draw a cat", engine="gone")


async def test_what_is_chosen_holds_for_the_picture(ada: Visitor) -> None:
    thread = (await ada.fetch("POST", "/threads")).headers["location"].split("#")[0]
    choice: dict[str, Any] = {"engine": "fake", "shape": "16:9", "n": "2", "style": "ink", "seed": "7"}
    sent = await ada.send(f"{thread}/messages", text="draw a cat", **choice)
    assert sent.all("article")
    shown = await ada.shows(thread, class_="picture")
    assert len(shown.all("figure", class_="picture")) == 2
    flagged = await ada.send(f"{thread}/decision", text="/imagine a dog --n 3", **choice)
    assert flagged.one("button").text == "3 new images"  # what is typed goes before the form
    await ada.send(f"{thread}/messages", 422, text="draw a dog", n="-1")
    await ada.send(f"{thread}/messages", 422, text="draw a dog", engine="paid/dall-e-3", n="2")


async def test_an_edit_keeps_the_shape_of_its_picture(ada: Visitor) -> None:
    thread = await ada.begins("/imagine a cat --provider fake")
    await ada.shows(thread, class_="details")
    await ada.send(f"{thread}/messages", text="make it night", engine="fake", shape="16:9")
    async with ada.site.services.transaction() as db:
        made = await db.scalars(select(Generation).order_by(Generation.created_at))
        assert [(one.kind, one.width, one.height) for one in made] == [
            ("generate", 1024, 1024),
            ("edit", 1024, 1024),
        ]


async def test_the_usual_engine_is_ones_own_choice(ada: Visitor) -> None:
    fields = {"engine": "paid/dall-e-3", "quality": "hd", "learn": "1"}
    assert (await ada.fetch("POST", "/account/preferences", data=fields)).status_code == 200
    account = await ada.page("/account")
    chosen = [
        option["value"] for option in account.one("select", name="engine").all("option") if "selected" in option.attrs
    ]
    assert chosen == ["paid/dall-e-3"]
    assert offered(await ada.part("/options"), "quality") == ["", "standard", "hd"]
    wrong = await ada.fetch("POST", "/account/preferences", data={"engine": "gone"})
    assert wrong.status_code == 422
    assert "There is no image provider gone" in wrong.text


async def test_taste_that_an_engine_cannot_follow_gives_way(ada: Visitor) -> None:
    services = ada.site.services
    async with services.transaction() as db:
        assert ada.user
        taste = await change_preferences(db, ada.user, quality="splendid", provider="was-here", model="old-1")
    assert (taste.provider, taste.model) == ("was-here", "old-1")
    thread = await ada.begins("draw a small cat")
    assert (await ada.shows(thread, class_="details")).all("figure", class_="picture")
    assert read_preferences(ada.user) is not None


def test_form_fields_are_options() -> None:
    read = read_choices({"shape": "1792x1024", "n": "2", "engine": "paid/a/b", "seed": " 7 ", "text": "ignored"})
    assert read.to_json() == {"size": "1792x1024", "n": 2, "seed": 7, "provider": "paid", "model": "a/b"}
    assert read_choices({}).to_json() == {}
    for wrong in ({"n": "²"}, {"seed": "1e3"}, {"shape": "wide"}, {"n": "9" * 400}):
        with pytest.raises(Invalid):
            read_choices(wrong)
