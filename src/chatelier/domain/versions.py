"""Versions: each image knows the images and the words it came from. A family is everything that grew from one root."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Generation, Image, Thread, User
from chatelier.domain.threads import find_thread, touch

MOST = 200  # versions of one family that are shown
DEEP = 200  # steps from the newest version to its root

# Up to the root by main sources, then down to all that lists one of them as its main source.
FAMILY = text("""
WITH RECURSIVE up AS (
    SELECT image.id, image.generation_id, 0 AS depth FROM images AS image
    WHERE image.id = :image_id AND image.owner_id = :owner_id
  UNION ALL
    SELECT parent.id, parent.generation_id, up.depth + 1 FROM up
    JOIN generations AS g ON g.id = up.generation_id
    JOIN images AS parent ON parent.id = (g.source_image_ids ->> 0)::uuid AND parent.owner_id = :owner_id
    WHERE up.depth < :deep
), root AS (
    SELECT id FROM up ORDER BY depth DESC LIMIT 1
), down AS (
    SELECT id, NULL::uuid AS parent_id, 0 AS depth FROM root
  UNION ALL
    SELECT child.id, down.id, down.depth + 1 FROM down
    JOIN generations AS g ON g.owner_id = :owner_id AND g.source_image_ids ->> 0 = down.id::text
    JOIN images AS child ON child.generation_id = g.id
    WHERE down.depth < :deep
)
SELECT id, parent_id FROM down ORDER BY depth, id LIMIT :most
""")


@dataclass
class Version:
    """One image of a family. ``generation`` is None for an upload. An image in the trash keeps its place in the
    tree, and nothing of it is shown."""

    image: Image
    generation: Generation | None
    parent: Version | None
    children: list[Version] = field(default_factory=list)

    @property
    def gone(self) -> bool:
        return self.image.deleted_at is not None

    def walk(self) -> Iterator[Version]:
        """Itself and all that grew from it, oldest branch first."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def branch(self) -> int:
        """How many of its ancestors went on in more than one way."""
        return sum(len(version.children) > 1 for version in self.line()[:-1])

    def line(self) -> list[Version]:
        """From the root to itself."""
        return [*self.parent.line(), self] if self.parent else [self]


async def find_family(db: AsyncSession, user: User, image: Image) -> Version:
    """The root of the image's family, at most 200 versions of it: two statements whatever its size."""
    rows = await db.execute(FAMILY, {"image_id": image.id, "owner_id": user.id, "deep": DEEP, "most": MOST})
    parents: dict[UUID, UUID | None] = {row.id: row.parent_id for row in rows}
    query = (
        select(Image, Generation)
        .outerjoin(Generation, Generation.id == Image.generation_id)
        .where(Image.id.in_(parents), Image.owner_id == user.id)
    )
    found = {image.id: (image, generation) for image, generation in await db.execute(query)}
    versions: dict[UUID, Version] = {}
    for image_id, parent_id in parents.items():
        parent = versions.get(parent_id) if parent_id else None
        version = Version(*found[image_id], parent=parent)
        versions[image_id] = version
        if parent:
            parent.children.append(version)
    return next(iter(versions.values()))


async def find_lines(db: AsyncSession, thread: Thread, generations: Iterable[Generation]) -> Mapping[UUID, list[Image]]:
    """For each of these generations that is a version: the images of its line, oldest first, itself last. Only images
    of the thread that are not in the trash, in one statement for all of them; none for threads without edits."""
    wanted = [generation for generation in generations if generation.images and generation.source_image_ids]
    if not wanted:
        return {}
    query = (
        select(Image, Generation.source_image_ids)
        .outerjoin(Generation, Generation.id == Image.generation_id)
        .where(Image.thread_id == thread.id, Image.owner_id == thread.owner_id, Image.deleted_at.is_(None))
    )
    known = {str(image.id): (image, sources or []) for image, sources in await db.execute(query)}
    return {generation.id: _line(known, str(generation.images[0].id)) for generation in wanted}


def _line(known: Mapping[str, tuple[Image, Sequence[str]]], image_id: str) -> list[Image]:
    line: list[Image] = []
    seen: set[str] = set()
    while image_id in known and image_id not in seen and len(line) < DEEP:
        seen.add(image_id)
        image, sources = known[image_id]
        line.append(image)
        image_id = sources[0] if sources else ""
    return line[::-1]


async def make_current(db: AsyncSession, user: User, image: Image) -> None:
    """The image that changes start from when none is named. Cards of both images are drawn again."""
    thread = await find_thread(db, user, image.thread_id, lock=True)
    before = thread.current_image_id
    if before == image.id:
        return
    revision = await touch(db, thread, activity=False)
    thread.current_image_id = image.id
    makers = select(Image.generation_id).where(Image.id.in_([image.id, *([before] if before else [])]))
    await db.execute(update(Generation).where(Generation.id.in_(makers)).values(revision=revision))
    await db.flush()


async def describe_version(db: AsyncSession, user: User, image: Image) -> Version:
    """The image alone with its generation, found through its owner."""
    query = select(Generation).where(Generation.id == image.generation_id, Generation.owner_id == user.id)
    generation = await db.scalar(query) if image.generation_id else None
    return Version(image=image, generation=generation, parent=None)


def differences(first: Version, second: Version) -> list[tuple[str, str, str]]:
    """What is not the same about two versions: its name and both values, '' for none."""
    one, other = dict(_facts(first)), dict(_facts(second))
    rows = ((name, one.get(name, ""), other.get(name, "")) for name in {**one, **other})
    return [row for row in rows if row[1] != row[2]]


def _facts(version: Version) -> Iterator[tuple[str, str]]:
    image, generation = version.image, version.generation
    yield "Size", f"{image.width} × {image.height}"
    yield "Prompt", image.prompt
    yield "Instruction", image.instruction
    if image.seed is not None:
        yield "Seed", str(image.seed)
    if generation is not None:
        yield "Model", f"{generation.provider} · {generation.model}"
        for name, value in generation.options.items():
            if name not in ("seed", "size"):
                yield name.replace("_", " ").capitalize(), str(value)
