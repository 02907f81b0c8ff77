"""Pictures that come along with a request: kept like any upload, and in the trash again when it is refused."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from chatelier.db.models import Message, User
from chatelier.domain.images import find_image, keep_upload
from chatelier.domain.trash import trash_images
from chatelier.errors import Invalid
from chatelier.services import Services

DATA = re.compile(r"data:[a-z]+/[a-z0-9.+-]+;base64,", re.IGNORECASE)


async def bring(services: Services, user: User, thread_id: UUID, files: Sequence[bytes]) -> list[UUID]:
    """Their ids, in order. Raises what an upload raises; those before it are in the trash then."""
    brought: list[UUID] = []
    async with take_back(services, user, brought) as wanted:
        for content in files:
            brought.append((await keep_upload(services, user, thread_id, content)).id)
        wanted(None)
    return brought


@asynccontextmanager
async def take_back(
    services: Services, user: User, brought: Sequence[UUID]
) -> AsyncIterator[Callable[[Message | None], None]]:
    """Pictures are taken back unless what they came for was accepted: say so by a call, with the reply where there is
    one, which may be that to an earlier request with pictures of its own."""
    accepted = False

    def wanted(reply: Message | None) -> None:
        nonlocal accepted
        generation = reply.generation if reply else None
        accepted = generation is None or {str(one) for one in brought} >= set(generation.source_image_ids)

    try:
        yield wanted
    finally:
        if not accepted and brought:
            async with services.transaction() as db:
                await trash_images(db, [await find_image(db, user, one) for one in brought])


async def from_data_url(address: str) -> bytes:
    """The bytes in a data URL. Raises Invalid: nothing is fetched from elsewhere."""
    found = DATA.match(address)
    if found is None:
        raise Invalid(
            "Pictures come as data URLs with Base64, as in data:image/png;base64,…; addresses are not fetched.",
            fields={"messages": "image_url must be a data URL"},
        )
    try:
        return await asyncio.to_thread(base64.b64decode, address[found.end() :], validate=True)
    except binascii.Error as error:
        raise Invalid("A picture's data URL is not valid Base64.", fields={"messages": "not Base64"}) from error
