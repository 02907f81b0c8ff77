"""Engines that count: the scripted painters and talker under names that are not those of tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from chatelier.db.models import User
from chatelier.domain import plans
from chatelier.providers.base import Capabilities, Kind
from chatelier.providers.fake import FakePainter
from chatelier.providers.fake_chat import FakeTalker
from chatelier.services import Services

CENTS = 10_000  # micro-dollars


class Brush(FakePainter):
    """Costs four cents a picture."""

    name, label, default_model = "brush", "Brush", "brush-1"


class Easel(FakePainter):
    """Two models: eight cents a picture, and one."""

    name, label, default_model = "easel", "Easel", "easel-large"
    prices: Mapping[str, int] = {"easel-large": 8 * CENTS, "easel-small": CENTS}

    def models(self) -> Sequence[str]:
        return tuple(self.prices)

    def model_for(self, kind: Kind) -> str:
        return self.default_model

    def capabilities_of(self, model: str) -> Capabilities:
        return replace(self.capabilities, price_micros=self.prices[model])


class Pencil(FakePainter):
    """Costs nothing, as the illustrator does."""

    name, label, default_model = "illustrator", "Pencil", "pencil-1"

    def __init__(self, **options: Any) -> None:
        super().__init__(free=True, **options)


class Talker(FakeTalker):
    """Sold by the token under a published name."""

    name, label, default_model = "openai", "OpenAI", "gpt-4o-mini"

    def __init__(self, **options: Any) -> None:
        super().__init__(free=False, **options)


def use_engines(services: Services, *, chat: FakeTalker | None = None, default: str = "brush") -> None:
    images = {**services.providers.images, "brush": Brush(), "easel": Easel(), "illustrator": Pencil()}
    services.providers = replace(
        services.providers, images=images, default_image=default, chat=chat or services.providers.chat
    )


async def limit(services: Services, user: User, **own: Any) -> None:
    """What holds for this user, whatever their plan says."""
    nothing = dict.fromkeys(("simultaneous", "money_per_month"))
    async with services.transaction() as db:
        await plans.limit_user(db, user, {**nothing, "paid_only": False, **own})


@asynccontextmanager
async def clock(services: Services, moment: str | None = None) -> AsyncIterator[Clock]:
    """The database's clock, stopped until it is set; it runs again at the end."""
    stopped = Clock(services)
    if moment:
        await stopped.set(moment)
    try:
        yield stopped
    finally:
        await stopped.run()


class Clock:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def set(self, moment: str) -> None:
        """``moment`` as PostgreSQL reads it, with a zone: "2026-03-29 00:00:00 Europe/Berlin"."""
        await self._become(f"'{moment}'::timestamptz")

    async def run(self) -> None:
        await self._become("now()")

    async def _become(self, body: str) -> None:
        async with self._services.transaction() as db:
            await (await db.connection()).exec_driver_sql(
                "CREATE OR REPLACE FUNCTION chatelier_now() RETURNS timestamptz "
                f"LANGUAGE sql STABLE PARALLEL SAFE AS $$SELECT {body}$$"
            )
