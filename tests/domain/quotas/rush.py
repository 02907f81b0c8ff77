"""A process of its own that asks for much at once: ``python -m tests.domain.quotas.rush URL SECONDS FOLDER`` with
the host's clock off by so many seconds. Each line on standard input is a list of [user, text]; it answers "prepared",
waits for one more line, asks for all and answers what became of each: "in" or the refusal's code, and Retry-After."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from uuid import UUID

OFF, _clock = float(sys.argv[2]), time.time
time.time = lambda: _clock() + OFF

from sqlalchemy import select  # noqa: E402

from chatelier.config import Settings  # noqa: E402
from chatelier.db.engine import POOL_SIZE  # noqa: E402
from chatelier.db.models import User  # noqa: E402
from chatelier.domain.decisions import Draft  # noqa: E402
from chatelier.domain.generations import cancel_generation, find_generation  # noqa: E402
from chatelier.domain.messages import post_message  # noqa: E402
from chatelier.domain.threads import create_thread, find_thread  # noqa: E402
from chatelier.errors import LimitReached  # noqa: E402
from chatelier.providers.fake_chat import FakeTalker  # noqa: E402
from chatelier.services import Services, open_services  # noqa: E402
from tests.engines import use_engines  # noqa: E402

Outcome = tuple[str, int]


class Neighbour(FakeTalker):
    """Counts, costs nothing, and needs no published prices, which take a second to read."""

    name = "neighbour"


async def main(url: str, folder: str) -> None:
    settings = Settings(data_dir=Path(folder), database_url=url, fake_provider=True, chat_model="fake")
    async with open_services(settings) as services:
        use_engines(services, chat=Neighbour())
        tell("ready")
        while line := await hear():
            tell(await rush(services, json.loads(line)))


async def rush(services: Services, asks: list[tuple[str, str]]) -> list[Outcome]:
    async with services.transaction() as db:
        users = {str(user.id): user for user in await db.scalars(select(User))}
        threads = [(await create_thread(db, users[name])).id for name, _ in asks]
    tell("prepared")
    await hear()
    every = zip(asks, threads, strict=True)
    turns = asyncio.Semaphore(POOL_SIZE)  # so that no request waits for a connection longer than the pool allows

    async def in_turn(name: str, text: str, thread: UUID) -> Outcome:
        async with turns:
            return await one(services, users[name], text, thread)

    return await asyncio.gather(*(in_turn(name, text, thread) for (name, text), thread in every))


async def one(services: Services, user: User, text: str, thread_id: UUID) -> Outcome:
    """What is asked for with a "never mind" is stopped again at once."""
    try:
        async with services.transaction() as db:
            thread = await find_thread(db, user, thread_id)
            intent = "generate" if text.startswith("draw") else "chat"
            posted = await post_message(db, services.providers, user, thread, Draft(text=text, intent=intent))
    except LimitReached as refused:
        return refused.code, refused.retry_after
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:300], 0
    if "never mind" in text and posted.reply.generation is not None:
        async with services.transaction() as db:
            await cancel_generation(db, await find_generation(db, user, posted.reply.generation.id))
    return "in", 0


def tell(what: object) -> None:
    print(json.dumps(what), flush=True)


async def hear() -> str:
    return await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[3]))
