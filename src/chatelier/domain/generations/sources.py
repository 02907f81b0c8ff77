"""Turn a generation's row into the provider's request: the images it starts from, the keyed hash of its owner."""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Generation, Image
from chatelier.domain.masks import MaskGone, read_drawn
from chatelier.domain.options import Options
from chatelier.errors import NotFound
from chatelier.providers.base import Capabilities, ImageRequest, Kind, Size, SourceImage
from chatelier.services import Services
from chatelier.storage.database import open_file


class SourceGone(Exception):
    """What it starts from is in the trash, or deleted, by now. Without it another picture would be painted and paid."""


async def build_request(services: Services, generation: Generation, capabilities: Capabilities) -> ImageRequest:
    """A provider that cannot edit gets the whole wanted picture in words, with the seed of the source kept. Files are
    read outside of any transaction. Raises SourceGone, MaskGone, StorageUnavailable."""
    options = Options.from_json(generation.options)
    sources = await _sources(services, generation) if capabilities.edit else ()
    kind = Kind(generation.kind) if sources else Kind.GENERATE
    return ImageRequest(
        kind=kind,
        prompt=generation.prompt,
        instruction=generation.instruction if kind is Kind.EDIT else "",
        model=generation.model,
        size=Size(width=generation.width, height=generation.height),
        n=options.n or 1,
        seed=generation.seed,
        quality=options.quality,
        style=options.style,
        background=options.background,
        negative_prompt=options.negative_prompt,
        sources=sources,
        mask=await _mask(services, generation) if sources and capabilities.mask else None,
        user_ref=user_ref(services.secret_key, generation.owner_id),
        extra=options.extra or {},
    )


def words_of(generation: Generation, request: ImageRequest) -> list[str]:
    """All words of a request that say what will be seen, from whoever they are."""
    options = [request.style, request.background, request.quality, *request.extra.values()]
    told = [request.prompt, generation.prompt, generation.description, generation.instruction, *options]
    return [words for words in told if isinstance(words, str) and words]


async def read_uploads(services: Services, generation: Generation) -> list[tuple[bytes, str]]:
    """What it starts from that was not made here, with media types, in a size that is enough to see what they show."""
    async with services.transaction() as db:
        found = await _find(db, generation, [UUID(text) for text in generation.source_image_ids])
    files = [
        await open_file(services.sessions, image.id, "preview") for image in found.values() if image.origin == "upload"
    ]
    return [(await file.read(), file.media_type) for file in files]


def user_ref(secret_key: bytes, owner_id: UUID) -> str:
    """What a provider may know of a person: nothing but that it is the same one as before."""
    return hmac.new(secret_key, b"provider-user:" + owner_id.bytes, hashlib.sha256).hexdigest()[:32]


async def _sources(services: Services, generation: Generation) -> tuple[SourceImage, ...]:
    wanted = [UUID(text) for text in generation.source_image_ids]
    if not wanted:
        return ()
    async with services.transaction() as db:
        found = await _find(db, generation, wanted)
    return tuple([await _source(services, found.get(image_id)) for image_id in wanted])


async def _mask(services: Services, generation: Generation) -> bytes | None:
    """Found through the owner again. Raises MaskGone for one that has gone to the trash since it was named: without it
    all of the picture would change."""
    if generation.mask_image_id is None:
        return None
    async with services.transaction() as db:
        drawn = await read_drawn(db, generation.owner_id, generation.mask_image_id)
        found = await _find(db, generation, [generation.mask_image_id])
    mask = drawn or (await _read(services, generation.mask_image_id) if found else None)
    if mask is None:
        raise MaskGone
    return mask


async def _find(db: AsyncSession, generation: Generation, wanted: list[UUID]) -> dict[UUID, Image]:
    query = select(Image).where(Image.id.in_(wanted), Image.owner_id == generation.owner_id, Image.deleted_at.is_(None))
    return {image.id: image for image in await db.scalars(query)}


async def _source(services: Services, image: Image | None) -> SourceImage:
    content = await _read(services, image.id) if image else None
    if image is None or content is None:
        raise SourceGone
    return SourceImage(
        content=content,
        media_type=image.media_type,
        size=Size(width=image.width, height=image.height),
        prompt=image.prompt,
        seed=image.seed,
        recipe=image.recipe,
    )


async def _read(services: Services, image_id: UUID) -> bytes | None:
    try:
        return await (await open_file(services.sessions, image_id, "original")).read()
    except NotFound:
        return None
