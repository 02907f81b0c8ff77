"""Finished pictures without painting: rows and files as the product itself writes them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace

from chatelier.db.models import Generation, Image, Message, Thread, User
from chatelier.domain.images import Kept, add_images
from chatelier.domain.threads import create_thread, find_thread, touch
from chatelier.services import Services
from chatelier.storage.imaging import keep_upload
from chatelier.storage.outbox import send
from chatelier.storage.stored import StoredImage
from tests.storage.pictures import encoded, picture


@functools.cache
def stored() -> StoredImage:
    return keep_upload(encoded(picture(64, 48)), max_bytes=10**6, max_pixels=10**6)


async def hang(
    services: Services,
    user: User,
    prompts: Sequence[str],
    *,
    thread: Thread | None = None,
    style: str | None = None,
    model: str = "fake-1",
    size: tuple[int, int] = (64, 64),
) -> list[Image]:
    """An image for each prompt, each of a generation of its own, in this order."""
    images = []
    files = replace(stored(), width=size[0], height=size[1])
    kept = [Kept(stored=files, sent=await send(services.sessions, files)) for _ in prompts]
    async with services.transaction() as db:
        own = await find_thread(db, user, thread.id) if thread else await create_thread(db, user)
        for prompt, one in zip(prompts, kept, strict=True):
            await touch(db, own, messages=2)
            reply = Message(thread_id=own.id, position=own.last_position, role="assistant", revision=own.revision)
            db.add(reply)
            await db.flush()
            generation = Generation(
                owner_id=user.id,
                thread_id=own.id,
                message_id=reply.id,
                kind="generate",
                instruction=prompt,
                prompt=prompt,
                options={"style": style} if style else {},
                provider="fake",
                model=model,
                seed=1,
                width=size[0],
                height=size[1],
                status="succeeded",
            )
            db.add(generation)
            await db.flush()
            images += await add_images(db, generation, [one], trashed=False)
    return images
