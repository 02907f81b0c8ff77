"""What images are found by: written when one is stored, described or its thread renamed; read for a query."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Text, bindparam, cast, func, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Generation, Image, ImageWord, Thread, User
from chatelier.domain import spelling, texts
from chatelier.domain.words import facets_of, query, scope, vector, wanted_words, words_of
from chatelier.services import Services

MOST_ASKED = 10  # words of one query
MOST_KNOWN = 50_000  # words of one owner that a mistyped one is compared with
BATCH = 200
FACETS = ("model", "provider", "style")  # those with choices of their own

BEGINS = text(
    "SELECT asked.word, EXISTS (SELECT FROM image_words AS known WHERE known.owner_id = :owner_id"
    " AND known.word >= asked.word AND known.word < asked.word || chr(1114111)) AS begins"
    " FROM unnest(CAST(:words AS text[])) AS asked (word)"
)
RETITLE = text(
    """UPDATE images SET words = ts_filter(words, '{a,b}'::"char"[]) || CAST(:title AS tsvector)"""
    " WHERE thread_id = :thread_id AND words IS NOT NULL"
)
REDESCRIBE = text(
    """UPDATE images SET words = ts_filter(words, '{a,c}'::"char"[]) || CAST(:own AS tsvector)"""
    " WHERE id = :image_id AND words IS NOT NULL"
)
# Words of images that went away which no image that stayed has.
FORGET = text("""
DELETE FROM image_words AS known
USING unnest(CAST(:words AS text[]), CAST(:queries AS text[])) AS gone (word, query)
WHERE known.owner_id = :owner_id AND known.word = gone.word AND NOT EXISTS (
  SELECT FROM images WHERE images.owner_id = :owner_id AND images.words @@ CAST(gone.query AS tsquery))
""")


async def write_words(db: AsyncSession, images: Sequence[Image], generation: Generation | None, title: str) -> None:
    """For new images of the thread called ``title``, before they are flushed; what they came from decides their
    facets."""
    named = words_of(title)
    known = set(named)
    for image in images:
        facets, own = _facets(image, generation), _own_words(image)
        image.words = vector(image.owner_id, facets, own, named)
        known.update(facets, own)
    await _remember(db, images[0].owner_id, known)


async def write_title(db: AsyncSession, thread: Thread, title: str) -> None:
    """The thread is called so from now on; '' when it is gone."""
    words = words_of(title)
    values = {"thread_id": thread.id, "title": vector(thread.owner_id, title=words)}
    changed = await db.execute(RETITLE, values)
    if changed.rowcount:  # type: ignore[attr-defined]  # an UPDATE has one
        await _remember(db, thread.owner_id, words)


async def write_description(db: AsyncSession, image: Image) -> None:
    """The image's own texts have changed."""
    own = _own_words(image)
    await db.execute(REDESCRIBE, {"image_id": image.id, "own": vector(image.owner_id, words=own)})
    await _remember(db, image.owner_id, own)


async def matching(
    db: AsyncSession, user: User, asked: str, facets: Mapping[str, str | None]
) -> ColumnElement[bool] | None:
    """The condition for images of the user that hold all words of ``asked`` and all facets; None for no condition.
    A word that begins none of the user's own is read as the nearest ones that are there."""
    wanted = facets_of(facets)
    words = wanted_words(texts.clean(asked), MOST_ASKED)
    if asked.strip() and not words:
        return Image.id.is_(None)
    if not words and not wanted:
        return None
    spellings = await _spellings(db, user, words)
    if any(not some for some in spellings):
        return Image.id.is_(None)
    # Plans depend on how common the words are: none is kept for other words.
    await db.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
    asked_for = bindparam(None, query(user.id, spellings, wanted), Text)
    return Image.words.bool_op("@@")(cast(asked_for, TSQUERY))


async def list_facets(db: AsyncSession, user: User) -> dict[str, list[str]]:
    """The choices that the user's images offer for each filter, sorted."""
    found: dict[str, list[str]] = {name: [] for name in FACETS}
    facets = select(ImageWord.word).where(ImageWord.owner_id == user.id, ImageWord.word >= "=", ImageWord.word < ">")
    for word in await db.scalars(facets.order_by(ImageWord.word)):
        name, _, value = word[1:].partition(":")
        if name in found:
            found[name].append(value)
    return found


async def write_missing(services: Services) -> int:
    """Words for images that have none yet, as after an upgrade; how many were given theirs."""
    rows = (
        select(Image, Generation, Thread.title)
        .join(Thread, Thread.id == Image.thread_id)
        .outerjoin(Generation, Generation.id == Image.generation_id)
        .where(Image.words.is_(None))
        .order_by(Image.id)
        .limit(BATCH)
    )
    async with services.transaction() as db:
        found = (await db.execute(rows.with_for_update(of=Image, skip_locked=True))).all()
        known: dict[UUID, set[str]] = {}
        for image, generation, title in found:
            facets, own, named = _facets(image, generation), _own_words(image), words_of(title)
            words = vector(image.owner_id, facets, own, named)
            await db.execute(update(Image).where(Image.id == image.id).values(words=words))
            known.setdefault(image.owner_id, set()).update(facets, own, named)
        for owner_id in sorted(known):
            await _remember(db, owner_id, known[owner_id])
    return len(found)


async def forget_words(db: AsyncSession, owner_id: UUID, words: Iterable[str]) -> None:
    """After images were removed for good: what they alone were found by is not known any more."""
    gone = sorted(set(words))
    await db.execute(text("SET LOCAL enable_indexscan = off"))  # by the words' own index, not by the owner's images
    await db.execute(FORGET, {"owner_id": owner_id, "words": gone, "queries": [query(owner_id, [], [w]) for w in gone]})
    await db.execute(text("SET LOCAL enable_indexscan = on"))


def lexemes(images_words: Iterable[Sequence[str]], owner_id: UUID) -> set[str]:
    """Words and facets out of what ``tsvector_to_array`` told."""
    mark = len(scope(owner_id))
    return {lexeme[mark:] for some in images_words for lexeme in some}


def _facets(image: Image, generation: Generation | None) -> list[str]:
    aspect = "square" if image.width == image.height else "landscape" if image.width > image.height else "portrait"
    values: dict[str, str | None] = {"aspect": aspect, "origin": image.origin}
    if generation is not None:
        style = str(generation.options.get("style") or "").strip().casefold()
        values |= {"model": generation.model, "provider": generation.provider, "style": style}
    return facets_of(values)


def _own_words(image: Image) -> list[str]:
    return words_of(f"{image.prompt}\n{image.instruction}\n{image.alt_text}")


async def _remember(db: AsyncSession, owner_id: UUID, words: Iterable[str]) -> None:
    """Sorted, in one statement: two writers that meet take their rows in the same order."""
    ordered = sorted(set(words))
    if ordered:
        rows = select(bindparam(None, owner_id), func.unnest(bindparam(None, ordered, ARRAY(Text))))
        statement = insert(ImageWord).from_select(["owner_id", "word"], rows)
        await db.execute(statement.on_conflict_do_nothing())


async def _spellings(db: AsyncSession, user: User, words: Sequence[str]) -> list[list[str]]:
    if not words:
        return []
    rows = await db.execute(BEGINS, {"owner_id": user.id, "words": list(words)})
    begun: dict[str, bool] = {row.word: row.begins for row in rows}
    unknown = [word for word in words if not begun[word]]
    if not unknown:
        return [[word] for word in words]
    own = select(ImageWord.word).where(ImageWord.owner_id == user.id, ~ImageWord.word.startswith("="))
    known = list(await db.scalars(own.limit(MOST_KNOWN)))
    near = await asyncio.to_thread(lambda: {word: spelling.nearest(word, known) for word in unknown})
    return [near.get(word, [word]) for word in words]
