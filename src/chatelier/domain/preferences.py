"""What a person likes their pictures to be: said on the account page, or learned from what they ask for again and
again. Learned values stand behind said ones; both are shown and can be cleared."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import User
from chatelier.domain.events import publish, user_topic
from chatelier.domain.options import Options

LEARNABLE = ("aspect_ratio", "quality", "style")
ENGINE = ("provider", "model")  # said, never learned
REMEMBERED = 5  # last explicit wishes kept for each option
HABIT = 3  # of those that have to agree


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """``learned`` names the options whose value was not said but learned. ``confirm_paid``: ask with the price before
    each paid generation. ``prompt_help``: short prompts may be worded for the engine. ``describe_files``: downloads
    carry prompt, model, seed and options."""

    aspect_ratio: str | None = None
    quality: str | None = None
    style: str | None = None
    provider: str | None = None
    model: str | None = None
    confirm_paid: bool = False
    prompt_help: bool = True
    learn: bool = True
    describe_files: bool = False
    learned: tuple[str, ...] = ()

    def options(self) -> Options:
        look = Options(aspect_ratio=self.aspect_ratio, quality=self.quality, style=self.style)
        return replace(look, provider=self.provider, model=self.model)


def read_preferences(user: User) -> Preferences:
    kept = user.preferences or {}
    said = {name: value for name, value in kept.get("said", {}).items() if name in (*LEARNABLE, *ENGINE)}
    learned = {name: value for name in LEARNABLE if name not in said and (value := _habit(kept, name))}
    if not kept.get("learn", True):
        learned = {}
    values = {**learned, **said}
    return Preferences(
        aspect_ratio=values.get("aspect_ratio"),
        quality=values.get("quality"),
        style=values.get("style"),
        provider=values.get("provider"),
        model=values.get("model"),
        confirm_paid=bool(kept.get("confirm_paid", False)),
        prompt_help=bool(kept.get("prompt_help", True)),
        learn=bool(kept.get("learn", True)),
        describe_files=bool(kept.get("describe_files", False)),
        learned=tuple(learned),
    )


async def change_preferences(
    db: AsyncSession,
    user: User,
    *,
    aspect_ratio: str = "",
    quality: str = "",
    style: str = "",
    provider: str = "",
    model: str = "",
    confirm_paid: bool = False,
    prompt_help: bool = True,
    learn: bool = True,
    describe_files: bool = False,
) -> Preferences:
    """Keep what the form says, '' for no preference. Raises Invalid for what cannot be an option.

    What was learned is forgotten: from here on the form's values are the person's own, and habits begin anew."""
    given = {"aspect_ratio": aspect_ratio.strip(), "quality": quality.strip(), "style": style.strip()}
    given |= {"provider": provider, "model": model}
    said = Options.from_json({name: value for name, value in given.items() if value}).to_json()
    row = await _locked(db, user)
    switches = {
        "confirm_paid": confirm_paid,
        "prompt_help": prompt_help,
        "learn": learn,
        "describe_files": describe_files,
    }
    row.preferences = {"said": said, **switches}
    publish(db, user_topic(user.id))
    return read_preferences(row)


async def learn(db: AsyncSession, user: User, said: Options) -> None:
    """Remember what was asked for in so many words; nothing is written when nothing was."""
    wishes = {name: value for name, value in said.to_json().items() if name in LEARNABLE}
    if said.size is not None or not wishes or not read_preferences(user).learn:
        return
    row = await _locked(db, user)
    seen = dict(row.preferences.get("seen", {}))
    for name, value in wishes.items():
        seen[name] = [*seen.get(name, []), value][-REMEMBERED:]
    row.preferences = {**row.preferences, "seen": seen}
    publish(db, user_topic(user.id))


def _habit(kept: dict[str, Any], name: str) -> str | None:
    """The value of most of the last wishes."""
    counted = Counter(kept.get("seen", {}).get(name, ())).most_common(1)
    return str(counted[0][0]) if counted and counted[0][1] >= HABIT else None


async def _locked(db: AsyncSession, user: User) -> User:
    query = select(User).where(User.id == user.id).with_for_update()
    return (await db.scalars(query.execution_options(populate_existing=True))).one()
