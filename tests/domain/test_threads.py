"""Threads belong to one person, are found by title, and page without gaps."""

from __future__ import annotations

import pytest

from chatelier.domain.deletion import delete_thread
from chatelier.domain.threads import change_thread, create_thread, find_thread, list_threads, touch
from chatelier.errors import Invalid, InvalidCursor, NotFound
from chatelier.services import Services
from tests.people import People


async def test_ben_does_not_find_adas_thread(services: Services, people: People) -> None:
    ada, ben = await people.user("Ada"), await people.user("Ben")
    thread = await people.thread(ada)
    async with services.transaction() as db:
        assert (await find_thread(db, ada, thread.id)).id == thread.id
        with pytest.raises(NotFound):
            await find_thread(db, ben, thread.id)
        assert (await list_threads(db, ben)).items == []


async def test_pages_show_every_thread_once_newest_activity_first(services: Services, people: People) -> None:
    ada = await people.user("Ada")
    made = [await people.thread(ada, f"Thread {n}") for n in range(7)]
    async with services.transaction() as db:
        await touch(db, await find_thread(db, ada, made[0].id))
    seen, cursor = [], None
    async with services.transaction() as db:
        while True:
            page = await list_threads(db, ada, limit=3, cursor=cursor)
            seen += [thread.title for thread in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert seen == ["Thread 0", "Thread 6", "Thread 5", "Thread 4", "Thread 3", "Thread 2", "Thread 1"]


async def test_pinned_threads_come_first_across_pages(services: Services, people: People) -> None:
    ada = await people.user("Ada")
    made = [await people.thread(ada, f"Thread {n}") for n in range(5)]
    async with services.transaction() as db:
        await change_thread(db, await find_thread(db, ada, made[1].id), pinned=True)
        first = await list_threads(db, ada, limit=2, pinned_first=True)
        second = await list_threads(db, ada, limit=50, pinned_first=True, cursor=first.next_cursor)
    titles = [thread.title for thread in (*first.items, *second.items)]
    assert titles == ["Thread 1", "Thread 4", "Thread 3", "Thread 2", "Thread 0"]


async def test_search_looks_into_titles_and_takes_percent_signs_literally(services: Services, people: People) -> None:
    ada = await people.user("Ada")
    for title in ("A Red fox", "100% wool", "boats"):
        await people.thread(ada, title)
    async with services.transaction() as db:
        assert [t.title for t in (await list_threads(db, ada, q="red")).items] == ["A Red fox"]
        assert [t.title for t in (await list_threads(db, ada, q="%")).items] == ["100% wool"]


async def test_a_cursor_of_another_query_or_of_nobody_is_refused(services: Services, people: People) -> None:
    ada = await people.user("Ada")
    for n in range(3):
        await people.thread(ada, f"Thread {n}")
    async with services.transaction() as db:
        cursor = (await list_threads(db, ada, limit=1)).next_cursor
        assert cursor
        for bad, q in ((cursor, "other"), ("nonsense", ""), (cursor[:-4] + "AAAA", ""), ("", "x" * 3)):
            if bad:
                with pytest.raises(InvalidCursor):
                    await list_threads(db, ada, q=q, cursor=bad)


@pytest.mark.parametrize("limit", [0, 51, -1])
async def test_a_page_holds_one_to_fifty(services: Services, people: People, limit: int) -> None:
    ada = await people.user("Ada")
    async with services.transaction() as db:
        with pytest.raises(Invalid):
            await list_threads(db, ada, limit=limit)


async def test_a_deleted_thread_is_gone_at_once(services: Services, people: People) -> None:
    ada = await people.user("Ada")
    thread = await people.thread(ada, "Short life")
    async with services.transaction() as db:
        await delete_thread(db, await find_thread(db, ada, thread.id))
    async with services.transaction() as db:
        with pytest.raises(NotFound):
            await find_thread(db, ada, thread.id)
        assert (await list_threads(db, ada)).items == []


@pytest.mark.parametrize("title", ["", "   ", "\x00\x07", "x" * 201])
async def test_a_title_needs_a_character_and_has_a_longest_length(
    services: Services, people: People, title: str
) -> None:
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    async with services.transaction() as db:
        with pytest.raises(Invalid):
            await change_thread(db, await find_thread(db, ada, thread.id), title=title)


async def test_emoji_right_to_left_and_markup_in_a_title_stay_as_written(services: Services, people: People) -> None:
    ada = await people.user("Ada")
    for title in ("🦊 in the ❄️", "ثعلب في الثلج", "<b>fox</b> & *snow*"):
        async with services.transaction() as db:
            assert (await create_thread(db, ada, title=title)).title == title
