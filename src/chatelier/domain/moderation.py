"""One door before and one after. Every request for a picture or an answer passes here when its job starts, whatever way
it came in: the admin's word lists first, then the moderation service, where there is one. Images that were brought
and finished ones pass the service, too, where the operator wants that. A door that does not open raises DoorClosed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Instance
from chatelier.domain import audit, sentences
from chatelier.domain.refusals import Door, check_pace
from chatelier.domain.sentences import Sentence
from chatelier.domain.word_lists import read_list
from chatelier.errors import Invalid, TooMany
from chatelier.providers.base import Moderator, ProviderError
from chatelier.services import Services

LONGEST_LIST = 20_000  # characters
LONGEST_QUESTION = 32_000
MOST_PER_HOUR = 1000
log = structlog.get_logger()


class DoorClosed(Exception):
    """``sentence`` is what the person reads; ``door`` is None where nothing was refused, only not possible now."""

    def __init__(self, sentence: Sentence, door: Door | None = None) -> None:
        super().__init__(sentence.message)
        self.sentence = sentence
        self.door = door


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What an admin does not let through. ``words`` has an entry a line (domain/word_lists.py)."""

    words: str = ""
    child_safe: bool = False
    per_hour: int = 20


async def read_rules(db: AsyncSession) -> Rules:
    row = (
        await db.execute(
            select(Instance.refused_words, Instance.child_safe, Instance.refusals_per_hour).where(Instance.id == 1)
        )
    ).first()
    return Rules(words=row[0], child_safe=row[1], per_hour=row[2]) if row else Rules()


async def save_rules(db: AsyncSession, rules: Rules, *, actor: UUID) -> None:
    """They hold for every job that starts from now on. The audit log tells that they changed, not what they are."""
    words = "\n".join(line.strip() for line in rules.words.replace("\x00", "").splitlines()).strip()
    if len(words) > LONGEST_LIST:
        raise Invalid(f"A word list has at most {LONGEST_LIST} characters.", fields={"words": "too long"})
    if not 1 <= rules.per_hour <= MOST_PER_HOUR:
        fields = {"per_hour": f"1 to {MOST_PER_HOUR}"}
        raise Invalid(f"Refused requests in an hour: a whole number from 1 to {MOST_PER_HOUR}.", fields=fields)
    values = {"refused_words": words, "child_safe": rules.child_safe, "refusals_per_hour": rules.per_hour}
    await db.execute(update(Instance).where(Instance.id == 1).values(**values))
    await audit.record(db, "moderation.changed", actor=actor, child_safe=rules.child_safe, per_hour=rules.per_hour)


async def check_words(services: Services, owner_id: UUID, texts: Sequence[str]) -> None:
    """The word lists alone: before anybody outside, a chat model included, hears of it. Who was refused too often
    stays outside with all that waits, too: many messages at once are no way round the hour."""
    async with services.transaction() as db:
        rules = await read_rules(db)
        try:
            await check_pace(db, owner_id)
        except TooMany as error:
            raise DoorClosed(replace(sentences.TOO_OFTEN, message=f"{error.sentence} Nothing was charged.")) from None
    if (rules.words or rules.child_safe) and (door := await asyncio.to_thread(_listed, rules, texts)):
        raise DoorClosed(sentences.LISTED if door is Door.WORDS else sentences.NOT_FOR_CHILDREN, door)


async def ask_service(services: Services, texts: Sequence[str], *, without: str = "") -> None:
    """The moderation service, where there is one. ``without`` is what should not be seen: only it can judge what that
    means."""
    moderator = services.providers.moderator
    if moderator is None:
        return
    said = [*dict.fromkeys(filter(None, texts)), *([f"Not to be seen: {without}"] if without else [])]
    question = "\n".join(said)
    for start in range(0, len(question), LONGEST_QUESTION):
        if await _declines(services, moderator, question[start : start + LONGEST_QUESTION], sentences.UNCHECKED):
            raise DoorClosed(sentences.DECLINED, Door.SERVICE)


def looks_at_images(services: Services) -> bool:
    return services.settings.moderation_images and services.providers.moderator is not None


async def check_images(services: Services, images: Sequence[tuple[bytes, str]]) -> None:
    """The door after: finished images with their media types, in a size that is enough to see what they show."""
    closed = DoorClosed(sentences.RESULT_DECLINED, Door.RESULT)
    await _look_at(services, images, declined=closed, unchecked=sentences.RESULT_UNCHECKED)


async def check_uploads(services: Services, images: Sequence[tuple[bytes, str]]) -> None:
    """The door before, for images that somebody brought to be changed, where the service looks at images."""
    closed = DoorClosed(sentences.UPLOAD_DECLINED, Door.SERVICE)
    await _look_at(services, images, declined=closed, unchecked=sentences.UNCHECKED)


async def _look_at(
    services: Services, images: Sequence[tuple[bytes, str]], *, declined: DoorClosed, unchecked: Sentence
) -> None:
    moderator = services.providers.moderator
    if moderator is None or not looks_at_images(services):
        return
    for image in images:
        if await _declines(services, moderator, image, unchecked):
            raise declined


async def _declines(
    services: Services, moderator: Moderator, question: str | tuple[bytes, str], unchecked: Sentence
) -> bool:
    """``unchecked`` is what the person reads where it does not answer and must."""
    try:
        if isinstance(question, str):
            return await moderator.declines_text(question)
        return await moderator.declines_image(*question)
    except ProviderError as error:
        refuse = services.settings.moderation_when_down == "refuse"
        log.warning("moderation.down", service=moderator.label, detail=error.detail, let_through=not refuse)
        if refuse:
            raise DoorClosed(unchecked) from None
        return False


def _listed(rules: Rules, texts: Sequence[str]) -> Door | None:
    own = read_list(rules.words)
    children = read_list(child_safe_words() if rules.child_safe else "", allowed=rules.words)
    for text in dict.fromkeys(texts):
        if own.finds(text):
            return Door.WORDS
        if children.finds(text):
            return Door.CHILD_SAFE
    return None


@cache
def child_safe_words() -> str:
    return Path(__file__).with_name("child_safe_words.txt").read_text("utf-8")
