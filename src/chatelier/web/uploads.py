"""Images that people bring into a thread, to ask for changes of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import File, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from chatelier.domain.images import keep_first_upload, keep_upload
from chatelier.ids import parse_id
from chatelier.web.deps import CurrentUser, ServicesDep, read_upload
from chatelier.web.render import fragment, is_htmx

ImageFile = Annotated[UploadFile, File()]


async def upload_image(
    request: Request, user: CurrentUser, services: ServicesDep, thread_id: str, file: ImageFile
) -> Response:
    """Bring an image into a thread; it stands above the text, ready to be changed."""
    image = await keep_upload(services, user, parse_id(thread_id), await read_upload(services, file))
    if not is_htmx(request):
        return RedirectResponse(f"/threads/{image.thread_id}?source={image.id}", 303)
    return fragment("threads/_target.html", target=image, here=image.thread_id)


async def upload_first_image(request: Request, user: CurrentUser, services: ServicesDep, file: ImageFile) -> Response:
    """Bring an image that begins its own thread; the header says where that is."""
    image = await keep_first_upload(services, user, await read_upload(services, file))
    address = f"/threads/{image.thread_id}?source={image.id}"
    if not is_htmx(request):
        return RedirectResponse(address, 303)
    return Response(headers={"Thread": address})
