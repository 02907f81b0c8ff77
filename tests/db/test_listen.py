"""The hub: "look" arrives after the commit, to everybody who watches, and after every reconnect."""

from __future__ import annotations

from sqlalchemy import text

from chatelier.domain.events import publish
from chatelier.services import Services
from tests.people import until


async def test_a_topic_is_heard_after_the_commit_and_not_before(services: Services) -> None:
    with services.hub.subscribe("thread:one") as heard, services.hub.subscribe("thread:two") as other:
        async with services.transaction() as db:
            publish(db, "thread:one")
            assert await heard.wait(0.2) == set()
        assert await heard.wait(2) == {"thread:one"}
        assert await other.wait(0.05) == set()


async def test_nothing_is_heard_of_what_was_rolled_back(services: Services) -> None:
    with services.hub.subscribe("thread:one") as heard:
        async with services.sessions() as db:
            publish(db, "thread:one")
            await db.rollback()
        assert await heard.wait(0.3) == set()


async def test_many_changes_while_a_page_is_busy_are_one_look(services: Services) -> None:
    with services.hub.subscribe("thread:one", "user:ada") as heard:
        async with services.transaction() as db:
            for topic in ("thread:one", "user:ada", "thread:one"):
                publish(db, topic)
        seen: set[str] = set()
        looks = 0
        while len(seen) < 2:
            seen |= await heard.wait(2)
            looks += 1
        assert seen == {"thread:one", "user:ada"}
        assert looks <= 2
        assert await heard.wait(0.05) == set()


async def test_after_a_cut_connection_everybody_looks_and_hears_again(services: Services) -> None:
    with services.hub.subscribe("thread:one") as heard:
        async with services.transaction() as db:
            await db.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = 'chatelier-hub' AND datname = current_database()"
                )
            )
        assert await heard.wait(10) == {"thread:one"}

        async def alive() -> bool | None:
            return services.hub.alive or None

        await until(alive)
        async with services.transaction() as db:
            publish(db, "thread:one")
        assert await heard.wait(5) == {"thread:one"}


async def test_a_page_that_left_is_forgotten(services: Services) -> None:
    before = services.hub.size
    with services.hub.subscribe("thread:one", "user:ada"):
        assert services.hub.size == before + 2
    assert services.hub.size == before
