"""Turn a generation's row into the provider's request: the images it starts from, the keyed hash of its owner."""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Generation, Image
from chatelier.domain.masks import read_content
from chatelier.domain.options import Options
from chatelier.providers.base import Capabilities, ImageRequest, Kind, Size, SourceImage
from chatelier.storage import database


async def build_request(
    db: AsyncSession, generation: Generation, capabilities: Capabilities, secret_key: bytes
) -> ImageRequest:
    """A provider that cannot edit gets the whole wanted picture in words, with the seed of the source kept."""
    options = Options.from_json(generation.options)
    sources = await _sources(db, generation) if capabilities.edit else ()
    kind = Kind(generation.kind) if sources else Kind.GENERATE
    masks = bool(sources) and capabilities.mask
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
        mask=await read_content(db, generation.owner_id, generation.mask_image_id) if masks else None,
        user_ref=user_ref(secret_key, generation.owner_id),
        extra=options.extra or {},
    )


def words_of(generation: Generation, request: ImageRequest) -> list[str]:
    """All words of a request that say what will be seen, from whoever they are."""
    options = [request.style, request.background, request.quality, *request.extra.values()]
    told = [request.prompt, generation.prompt, generation.description, generation.instruction, *options]
    return [words for words in told if isinstance(words, str) and words]


def user_ref(secret_key: bytes, owner_id: UUID) -> str:
    """What a provider may know of a person: nothing but that it is the same one as before."""
    return hmac.new(secret_key, b"provider-user:" + owner_id.bytes, hashlib.sha256).hexdigest()[:32]


async def _sources(db: AsyncSession, generation: Generation) -> tuple[SourceImage, ...]:
    wanted = [UUID(text) for text in generation.source_image_ids]
    query = select(Image).where(Image.id.in_(wanted), Image.owner_id == generation.owner_id, Image.deleted_at.is_(None))
    found = {image.id: image for image in await db.scalars(query)}
    return tuple([await _source(db, found[image_id]) for image_id in wanted if image_id in found])


async def _source(db: AsyncSession, image: Image) -> SourceImage:
    return SourceImage(
        content=await database.read_all(db, image.id, "original"),
        media_type=image.media_type,
        size=Size(width=image.width, height=image.height),
        prompt=image.prompt,
        seed=image.seed,
        recipe=image.recipe,
    )
