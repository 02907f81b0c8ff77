"""Ada's gallery: searched, filtered, sorted, paged; Ben's is another one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from chatelier.db.models import Image, Thread, User
from chatelier.domain.deletion import delete_thread
from chatelier.domain.gallery import Aspect, Filters, Sort, list_images
from chatelier.domain.images import change_image, find_image, storage_used
from chatelier.domain.pages import Page, encode_cursor
from chatelier.domain.search import list_facets, write_missing
from chatelier.domain.threads import change_thread, find_thread
from chatelier.errors import InvalidCursor
from chatelier.ids import new_id
from chatelier.services import Services
from tests.domain.pictures import hang
from tests.people import People

pytestmark = pytest.mark.anyio


async def seen(
    services: Services, user: User, *, cursor: str | None = None, limit: int = 50, **filters: Any
) -> Page[Image]:
    async with services.transaction() as db:
        return await list_images(db, user, Filters(**filters), cursor=cursor, limit=limit)


async def found(services: Services, user: User, q: str, **filters: Any) -> list[str]:
    return [image.prompt for image in (await seen(services, user, q=q, **filters)).items]


async def facets(services: Services, user: User) -> dict[str, list[str]]:
    async with services.transaction() as db:
        return await list_facets(db, user)


async def test_all_words_are_looked_for_in_any_order_as_beginnings_and_nearly_right(
    services: Services, people: People
) -> None:
    ada = await people.user("ada")
    await hang(services, ada, ["a red fox in the snow", "a lighthouse at night", "Ein Mädchen mit Füchsen", "黒猫の絵"])
    assert await found(services, ada, "SNOW fox") == ["a red fox in the snow"]
    assert await found(services, ada, "light") == ["a lighthouse at night"]
    assert await found(services, ada, "ligthouse") == ["a lighthouse at night"]
    assert await found(services, ada, "madchen fuch") == ["Ein Mädchen mit Füchsen"]
    assert await found(services, ada, "猫") == await found(services, ada, "黒猫") == ["黒猫の絵"]
    assert await found(services, ada, "fox night") == []
    assert await found(services, ada, "zebra") == []
    assert len(await found(services, ada, "  ")) == 4


HOSTILE = (
    *(
        "'",
        "\\",
        "''; DROP TABLE images; --",
        "a:*",
        "!fox",
        "fox & | (",
        "<->",
        "\x00",
        "\ud800",
        "%",
        "_",
        "=style:ink",
    ),
    *("x" * 5000, "fox " * 500, "🦊" * 300, "\u202e\u200b", "' | 'fox", "*", ":B", "''"),
)


async def test_hostile_words_are_only_words(services: Services, people: People) -> None:
    ada, ben = await people.user("ada"), await people.user("ben")
    await hang(services, ben, ["a secret fox"], style="ink")
    await hang(services, ada, ["owl"])
    for q in HOSTILE:
        assert await found(services, ada, q) == [], q
        assert await found(services, ada, "", style=q, model=q) == [], q


async def test_a_new_title_and_a_new_description_are_found_and_the_old_ones_are_not(
    services: Services, people: People
) -> None:
    ada = await people.user("ada")
    thread = await people.thread(ada, "Holiday at sea")
    (image,) = await hang(services, ada, ["a boat"], thread=thread, style="ink")
    assert await found(services, ada, "holiday boat") == ["a boat"]
    async with services.transaction() as db:
        await change_thread(db, await find_thread(db, ada, thread.id), title="Winter in town")
        await change_image(db, await find_image(db, ada, image.id), alt_text="Grandmother's ship")
    assert await found(services, ada, "holiday") == []
    assert await found(services, ada, "winter grandmother boat", style="ink") == ["a boat"]
    async with services.transaction() as db:
        await change_image(db, await find_image(db, ada, image.id), alt_text="")
        await delete_thread(db, await find_thread(db, ada, thread.id))
    assert await found(services, ada, "grandmother") == await found(services, ada, "winter") == []
    assert await found(services, ada, "boat") == ["a boat"]


async def test_filters_hold_together_and_say_what_there_is_to_choose(services: Services, people: People) -> None:
    ada, ben = await people.user("ada"), await people.user("ben")
    await hang(services, ada, ["fox ink"], style="Ink", model="brush-2", size=(512, 512))
    await hang(services, ada, ["fox oil"], style="oil", model="brush-3", size=(768, 512))
    (owl,) = await hang(services, ada, ["owl ink"], style="ink", model="brush-3", size=(512, 768))
    await hang(services, ben, ["fox ben"], style="pastel", model="brush-9")
    assert await found(services, ada, "", style="ink ") == ["owl ink", "fox ink"]
    assert await found(services, ada, "", model="brush-3", style="oil") == ["fox oil"]
    assert await found(services, ada, "fox", aspect=Aspect.SQUARE) == ["fox ink"]
    assert await found(services, ada, "", aspect=Aspect.PORTRAIT, provider="fake") == ["owl ink"]
    assert await found(services, ada, "", style="pastel") == await found(services, ada, "", model="brush-9") == []
    assert await found(services, ada, "", thread_id=owl.thread_id) == ["owl ink"]
    assert await facets(services, ada) == {
        "model": ["brush-2", "brush-3"],
        "provider": ["fake"],
        "style": ["ink", "oil"],
    }


async def test_a_span_of_days_begins_with_its_first_moment_and_ends_before_its_last(
    services: Services, people: People
) -> None:
    ada = await people.user("ada")
    images = await hang(services, ada, ["one", "two", "three"])
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    async with services.transaction() as db:
        for number, image in enumerate(images):
            made = noon + timedelta(days=number)
            await db.execute(update(Image).where(Image.id == image.id).values(created_at=made))
    day = timedelta(days=1)
    assert await found(services, ada, "", since=noon + day) == ["three", "two"]
    assert await found(services, ada, "", until=noon + day) == ["one"]
    assert await found(services, ada, "", since=noon + day, until=noon + 2 * day) == ["two"]


async def walked(services: Services, user: User, **filters: Any) -> list[str]:
    """All pages of three, one after the other."""
    prompts: list[str] = []
    cursor = None
    while True:
        page = await seen(services, user, cursor=cursor, limit=3, **filters)
        prompts += [image.prompt for image in page.items]
        if (cursor := page.next_cursor) is None:
            return prompts


@pytest.mark.parametrize("filters", [{}, {"q": "kite"}, {"style": "ink"}, {"favourite": False}, {"aspect": "square"}])
async def test_each_order_goes_through_all_once(services: Services, people: People, filters: dict[str, Any]) -> None:
    ada = await people.user("ada")
    images = await hang(services, ada, [f"kite {number}" for number in range(10)], style="ink")
    async with services.transaction() as db:
        for place, image in enumerate(images):  # all made at the same moment, some of the same size
            values = {"bytes": 100 + place // 3, "created_at": images[0].created_at}
            await db.execute(update(Image).where(Image.id == image.id).values(**values))
    newest = [image.prompt for image in reversed(images)]
    assert await walked(services, ada, **filters) == newest
    assert await walked(services, ada, sort=Sort.OLDEST, **filters) == newest[::-1]
    assert await walked(services, ada, sort=Sort.LARGEST, **filters) == newest


async def test_two_hundred_new_pictures_change_nothing_for_who_is_paging(services: Services, people: People) -> None:
    ada = await people.user("ada")
    thread = await people.thread(ada)
    old = [image.prompt for image in await hang(services, ada, [f"kite {n}" for n in range(60)], thread=thread)]
    prompts: list[str] = []
    cursor = None
    for number in range(20):
        page = await seen(services, ada, cursor=cursor, limit=6)
        prompts += [image.prompt for image in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
        await hang(services, ada, [f"late {number} {n}" for n in range(20)], thread=thread)
    assert prompts == old[::-1]


async def test_a_cursor_of_another_query_or_a_made_up_one_is_refused(services: Services, people: People) -> None:
    ada, ben = await people.user("ada"), await people.user("ben")
    await hang(services, ada, ["one", "two", "three"])
    cursor = (await seen(services, ada, limit=1)).next_cursor
    assert cursor
    others: Sequence[tuple[User, dict[str, Any]]] = [
        (ben, {}),
        (ada, {"q": "two"}),
        (ada, {"style": "ink"}),
        (ada, {"sort": Sort.OLDEST}),
        (ada, {"deleted": True}),
        (ada, {"since": datetime(2020, 1, 1, tzinfo=UTC)}),
    ]
    for user, filters in others:
        with pytest.raises(InvalidCursor):
            await seen(services, user, cursor=cursor, **filters)
    marks = ("images", ada.id, *(str(value) for value in Filters(sort=Sort.LARGEST).__dict__.values()))
    for size in ("-1", "1e3", str(2**63), "", "x"):
        with pytest.raises(InvalidCursor):
            await seen(services, ada, sort=Sort.LARGEST, cursor=encode_cursor(marks, [size, str(new_id())]))
    for text in ("", "!", cursor[:-4], cursor + "AAAA", cursor.swapcase()):
        if text:
            with pytest.raises(InvalidCursor):
                await seen(services, ada, cursor=text)


async def test_images_from_before_get_their_words_later(services: Services, people: People) -> None:
    ada = await people.user("ada")
    thread = await people.thread(ada, "Old times")
    await hang(services, ada, ["a fox"], thread=thread, style="ink")
    async with services.transaction() as db:
        await db.execute(update(Image).values(words=None))
    assert await found(services, ada, "fox") == []
    assert await write_missing(services) == 1
    assert await write_missing(services) == 0
    assert await found(services, ada, "fox times", style="ink") == ["a fox"]


async def test_storage_is_counted_for_its_owner_alone_whatever_way_images_go(
    services: Services, people: People
) -> None:
    ada, ben = await people.user("ada"), await people.user("ben")
    thread: Thread = await people.thread(ada)
    images = await hang(services, ada, ["one", "two"], thread=thread)
    await hang(services, ben, ["three"])

    async def used(user: User) -> int:
        async with services.transaction() as db:
            return await storage_used(db, user)

    assert await used(ada) == sum(image.stored_bytes for image in images) > sum(image.bytes for image in images)
    before = await used(ben)
    async with services.transaction() as db:
        await db.delete(await db.get_one(Thread, thread.id))
    assert await used(ada) == 0
    assert await used(ben) == before
    async with services.transaction() as db:
        await db.delete(await db.get_one(User, ben.id))
    assert await used(ben) == 0


def ids(images: Sequence[Image]) -> list[UUID]:
    return [image.id for image in images]
