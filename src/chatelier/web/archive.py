"""Many originals as one zip file, made while it is sent: one chunk in memory, no connection held in between."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import UTC

from starlette.responses import Response, StreamingResponse

from chatelier.db.models import Image, User
from chatelier.domain.labels import find_label
from chatelier.errors import NotFound
from chatelier.services import Services
from chatelier.storage.database import StoredFile, open_file
from chatelier.storage.labels import LabelledFile, label_file
from chatelier.web.image_bytes import EXTENSIONS, begun, plain_words

HEADERS = {
    "Content-Disposition": 'attachment; filename="chatelier-pictures.zip"',
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "no-store",
}


class _Pipe:
    """Takes what the zip writer writes and gives it away. It cannot be rewound, so sizes follow the files."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        return None

    def take(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


async def serve_archive(services: Services, user: User, images: Sequence[Image]) -> Response:
    """The originals of images that were found through ``user``, their owner, each labelled as when it is downloaded
    alone. What is deleted for good meanwhile is left out."""
    pieces = await begun(_packed(services, user, images))
    return StreamingResponse(pieces, headers=HEADERS, media_type="application/zip")


async def _packed(services: Services, user: User, images: Sequence[Image]) -> AsyncIterator[bytes]:
    pipe = _Pipe()
    archive = zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED)  # type: ignore[call-overload]  # a writer suffices
    for number, image in enumerate(images, start=1):
        try:
            file = await _open_labelled(services, user, image)
        except NotFound:
            continue
        entry = zipfile.ZipInfo(_name(number, image), image.created_at.astimezone(UTC).timetuple()[:6])
        entry.external_attr = 0o644 << 16
        entry.file_size = file.bytes
        with archive.open(entry, "w", force_zip64=file.bytes >= 2**31) as member:
            async for piece in file.chunks():
                await asyncio.to_thread(member.write, piece)  # sums up what passes
                yield pipe.take()
        services.served.add(file.bytes)
    archive.close()
    yield pipe.take()


async def _open_labelled(services: Services, user: User, image: Image) -> StoredFile | LabelledFile:
    file = await open_file(services.sessions, image.id, "original")
    async with services.transaction() as db:
        label = await find_label(db, user, image)
    return await label_file(file, label) if label else file


def _name(number: int, image: Image) -> str:
    words = plain_words(image.prompt or image.alt_text) or "picture"
    return f"{number:03}-{words}.{EXTENSIONS.get(image.media_type, 'bin')}"
