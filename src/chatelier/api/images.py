"""Images as JSON, their bytes, and uploads."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, fields
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, File, Form, Path, Query, Request, Response, UploadFile
from pydantic import AwareDatetime, BeforeValidator

from chatelier.api.once import OnceOnly
from chatelier.api.paging import Cursor, Limit
from chatelier.api.schemas import Body, ImageAnswer, ImageChange, ImageWithData, Listing
from chatelier.domain import gallery, images, trash
from chatelier.ids import parse_id
from chatelier.web.deps import CurrentUser, Db, OwnAnyImage, OwnImage, ServicesDep, read_upload
from chatelier.web.image_bytes import data_url, serve_own_image

# A keyed upload keeps its claim's connection while another one stores; few at a time leave the pool alive.
_keyed_uploads = asyncio.Semaphore(2)


class Upload(Body):
    file: Annotated[UploadFile, File(description="PNG, JPEG or WebP; it is decoded and encoded again.")]


def _written_out(value: object) -> object:
    """The library would take a bare number for seconds since 1970; the description says date-time."""
    if isinstance(value, str) and not re.match(r"\d{4}-\d\d-\d\d[Tt ]", value):
        raise ValueError("write it like 2026-03-31T12:00:00Z")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out)]


@dataclass
class ImageFilters:
    """All that is given must hold."""

    q: Annotated[
        str,
        Query(max_length=500, description="Words of prompt, instruction, description or thread title, or beginnings."),
    ] = ""
    thread_id: UUID | None = None
    favourite: bool | None = None
    deleted: bool = False
    model: Annotated[str, Query(max_length=200)] = ""
    provider: Annotated[str, Query(max_length=100)] = ""
    style: Annotated[str, Query(max_length=200)] = ""
    aspect: gallery.Aspect | None = None
    since: Annotated[Moment | None, Query(description="Made at this time or later.")] = None
    until: Annotated[Moment | None, Query(description="Made before this time.")] = None
    sort: Annotated[gallery.Sort, Query(description="Not for the trash: newest deletion first.")] = gallery.Sort.NEWEST

    def wanted(self) -> gallery.Filters:
        return gallery.Filters(**{field.name: getattr(self, field.name) for field in fields(self)})


MultipartUpload = Annotated[Upload, Form(media_type="multipart/form-data")]


async def upload_image(
    thread_id: str, upload: MultipartUpload, user: CurrentUser, services: ServicesDep, once: OnceOnly
) -> Response:
    """Bring an image into a thread, to ask for changes of it."""
    content = await read_upload(services, upload.file)

    async def make() -> ImageAnswer:
        return ImageAnswer.of(await images.keep_upload(services, user, parse_id(thread_id), content))

    if not once.keyed:
        return await once.answer(content, make)
    async with _keyed_uploads:
        return await once.answer(content, make)


async def list_images(
    db: Db, user: CurrentUser, filters: Annotated[ImageFilters, Depends()], cursor: Cursor = None, limit: Limit = 24
) -> Listing[ImageAnswer]:
    """The caller's images over all threads, newest first; `deleted=true` lists the trash."""
    page = await gallery.list_images(db, user, filters.wanted(), cursor=cursor, limit=limit)
    return Listing(items=[ImageAnswer.of(image) for image in page.items], next_cursor=page.next_cursor)


async def get_image(
    image_id: str,
    user: CurrentUser,
    services: ServicesDep,
    include: Annotated[Literal["data_url"] | None, Query()] = None,
) -> Response:
    """One image. `include=data_url` adds its original as a data URL."""
    async with services.transaction() as db:
        image = await images.find_image(db, user, parse_id(image_id))
    answer = ImageWithData.of(image)
    if include:
        answer.data_url = await data_url(services, image)
    text = await asyncio.to_thread(answer.model_dump_json, exclude_unset=True)
    return Response(text, media_type="application/json")


async def get_image_bytes(
    image_id: str,
    variant: Annotated[str, Path(json_schema_extra={"enum": ["original", "thumbnail", "preview"]})],
    request: Request,
    user: CurrentUser,
    services: ServicesDep,
    download: Annotated[bool, Query(description="Ask the browser to save it.")] = False,
) -> Response:
    """The bytes of the original, a 256 px thumbnail or a preview. Single ranges and ETags work."""
    return await serve_own_image(services, user, image_id, variant, request, download)


async def change_image(body: ImageChange, image: OwnImage, db: Db) -> ImageAnswer:
    """Mark as favourite or describe; what is left out stays."""
    await images.change_image(db, image, **body.model_dump(exclude_unset=True))
    return ImageAnswer.of(image)


async def trash_image(image: OwnImage, db: Db) -> None:
    """To the trash: it can be restored from there."""
    await trash.trash_images(db, [image])


async def restore_image(image: OwnAnyImage, db: Db) -> ImageAnswer:
    """Back from the trash; an image that is not there is answered as it is."""
    if image.deleted_at is not None:
        await trash.restore_images(db, [image])
    return ImageAnswer.of(image)
