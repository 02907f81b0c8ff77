"""The bytes of an image as an answer: 200, 206 or 304 from our own address, never a redirect.

Stored bytes are immutable and private to their owner, so the owner's browser may keep them for a year; a trashed
image stays in that cache, which is the price of a gallery that scrolls without asking again.
"""

from __future__ import annotations

import asyncio
import base64
import re
import unicodedata
from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chatelier.db.models import Image, ShareLink, User
from chatelier.domain.images import find_image
from chatelier.domain.labels import find_label
from chatelier.errors import Invalid, NotFound
from chatelier.ids import parse_id
from chatelier.services import Services
from chatelier.storage.database import StoredFile, open_file
from chatelier.storage.labels import LabelledFile, label_file
from chatelier.storage.xmp import Label

VARIANTS = ("original", "thumbnail", "preview")
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
NAME_CHARACTERS = 60
HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Vary": "Cookie",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Accept-Ranges": "bytes",
}


async def serve_image(
    services: Services,
    image: Image,
    variant: str,
    request: Request,
    download: bool,
    *,
    words: str | None = None,
    label: Label | None = None,
) -> Response:
    """One variant of an image that was found through its owner, saved under ``words`` or else its prompt, with
    ``label`` in it. Raises NotFound for an unknown variant and Invalid for query parameters other than ``download``:
    sizes are ours."""
    if variant not in VARIANTS:
        raise NotFound
    if unknown := request.query_params.keys() - {"download"}:
        raise Invalid("Only download=1 can be asked for here.", fields=dict.fromkeys(sorted(unknown), "unknown"))
    file: StoredFile | LabelledFile = await open_file(services.sessions, image.id, variant)
    words = image.prompt or image.alt_text if words is None else words
    extension = EXTENSIONS.get(file.media_type, "bin")
    saved_as = disposition(words, image.handle, variant, extension, download=download)
    headers = {**HEADERS, "Content-Disposition": saved_as}
    if label and isinstance(file, StoredFile):
        file = await label_file(file, label)
        headers["Cache-Control"] = "private, no-cache"  # its owner may choose another label
    headers["ETag"] = f'"{file.sha256}"'
    if _is_known(request.headers, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    status, start, end = _choose_range(request.headers, headers["ETag"], file.bytes)
    if status == 416:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{file.bytes}"})
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.bytes}"
    headers["Content-Length"] = str(end - start)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=file.media_type)
    pieces = await begun(file.chunks(start, end))
    if variant != "thumbnail":
        services.served.add(end - start)
    return StreamingResponse(pieces, status, headers, file.media_type)


async def begun(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same once its first piece is there, so that what cannot be read is still answered with a sentence."""
    first = [await anext(pieces, b"")]

    async def all_of_them() -> AsyncIterator[bytes]:
        yield first.pop()  # not kept for as long as the rest takes: hundreds of downloads may be under way
        async for piece in pieces:
            yield piece

    return all_of_them()


async def serve_own_image(
    services: Services,
    user: User,
    image_id: str,
    variant: str,
    request: Request,
    download: bool,
    *,
    deleted: bool = False,
) -> Response:
    """The same for an image that is still to be found; ``deleted``: in the trash. Its row is read in a transaction of
    its own: an endpoint that kept one open here would hold two connections, and a gallery would empty the pool."""
    if variant == "thumbnail" and not request.query_params and "range" not in request.headers:
        if found := await find_thumbnail(services, user, image_id, request.headers, deleted=deleted):
            return found
        raise NotFound
    async with services.transaction() as db:
        image = await find_image(db, user, parse_id(image_id), deleted=deleted)
        label = await find_label(db, user, image) if download and variant == "original" else None
    return await serve_image(services, image, variant, request, download, label=label)


async def serve_shared_image(
    services: Services, link: ShareLink, variant: str, request: Request, download: bool
) -> Response:
    """For who has the link. The file's name tells the prompt only where the owner chose so."""
    words = link.image.prompt if link.with_prompt else "picture"
    return await serve_image(services, link.image, variant, request, download, words=words)


async def find_thumbnail(
    services: Services, user: User, text: str, headers: Mapping[str, str], *, deleted: bool
) -> Response | None:
    """Whole, out of memory where it is there. None where it is not the user's to see."""
    image_id = parse_id(text)
    file = image_id and await services.thumbnails.find(user.id, image_id, _thumbnail_name, deleted=deleted)
    if not file:
        return None
    own = {**HEADERS, "ETag": f'"{file.sha256}"', "Content-Disposition": file.name}
    if _is_known(headers, own["ETag"]):
        return Response(status_code=304, headers=own)
    return Response(file.content, 200, own, file.media_type)


def _thumbnail_name(words: str, handle: int, media_type: str) -> str:
    return disposition(words, handle, "thumbnail", EXTENSIONS.get(media_type, "bin"), download=False)


async def data_url(services: Services, image: Image) -> str:
    """The whole original as a ``data:`` URL."""
    file = await open_file(services.sessions, image.id, "original")
    content = await file.read()
    encoded = await asyncio.to_thread(lambda: base64.b64encode(content).decode())
    return f"data:{file.media_type};base64,{encoded}"


def disposition(words: str, handle: int, variant: str, extension: str, *, download: bool) -> str:
    """RFC 6266, with a name made of the prompt's own words: letters, digits and hyphens of any script."""
    suffix = "" if variant == "original" else f"-{variant}"
    name = f"{plain_words(words) or 'image'}-{handle}{suffix}.{extension}"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lstrip("-.") or f"image.{extension}"
    return f"{'attachment' if download else 'inline'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def plain_words(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text[:1000]).lower()
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in normal)
    name = ""
    for word in kept.split():
        if len(name) + len(word) >= NAME_CHARACTERS:
            return name or word[:NAME_CHARACTERS]
        name = f"{name}-{word}" if name else word
    return name


def _is_known(headers: Mapping[str, str], etag: str) -> bool:
    given = headers.get("if-none-match", "")
    return given.strip() == "*" or etag in (part.strip().removeprefix("W/") for part in given.split(","))


def _choose_range(headers: Mapping[str, str], etag: str, size: int) -> tuple[int, int, int]:
    """Status and the half-open range to send. One well-formed range is honoured; several, or nonsense, are ignored
    as RFC 9110 allows: nobody needs them of an image, and they have been a way to tie servers up."""
    single = re.fullmatch(r"bytes=([0-9]{0,18})-([0-9]{0,18})", headers.get("range", "")[:64].strip())
    if not single or headers.get("if-range", etag) != etag:
        return 200, 0, size
    first, last = single.groups()
    if not first and not last:
        return 200, 0, size
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if first and last and int(last) < int(first):
        return 200, 0, size
    return (206, start, end) if start < end else (416, 0, size)
