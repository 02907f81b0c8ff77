"""A part of a picture is marked, and only that part changes."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from chatelier.db.models import Message
from chatelier.domain import masks
from chatelier.domain.choices import list_maskers, read_engine
from chatelier.domain.decisions import Draft
from chatelier.domain.masks import Marked
from chatelier.domain.messages import post_message
from chatelier.domain.options import Options
from chatelier.domain.threads import create_thread
from chatelier.errors import Invalid
from chatelier.ids import parse_id
from chatelier.storage.stored import digest
from chatelier.web.again import AskAgain
from chatelier.web.deps import CurrentUser, Db, OwnImage, ServicesDep, read_upload
from chatelier.web.drafts import AskPrice, Text
from chatelier.web.messages import OnceOnly, both
from chatelier.web.render import is_htmx, page
from chatelier.web.threads import shell

NOBODY = "No engine here can change a part of a picture and leave the rest. Ask for the change of the whole picture."
DRAWN = "data:image/png;base64,"  # what a canvas makes of itself


async def show_part(request: Request, user: CurrentUser, db: Db, services: ServicesDep, image: OwnImage) -> Response:
    """The page on which a part of an image is marked."""
    offers = list_maskers(services.providers)
    if not offers:
        raise Invalid(NOBODY)
    values: dict[str, Any] = {"image": image, "offers": offers, "here": "image"}
    return page(request, "images/part.html", **await shell(db, user), **values)


async def posted_part(
    services: ServicesDep,
    user: CurrentUser,
    image_id: str,
    mask: Annotated[UploadFile | None, File()] = None,
    drawn: Text = "",
) -> Marked:
    """What was drawn in the page, or a file where there are no scripts."""
    content = await read_upload(services, mask) if mask and mask.size else _of_canvas(drawn)
    return await masks.read_mask(services, user, parse_id(image_id), content)


Part = Annotated[Marked, Depends(posted_part)]


async def create_part(
    request: Request,
    part: Part,
    user: CurrentUser,
    db: Db,
    services: ServicesDep,
    once: OnceOnly,
    price: AskPrice,
    again: AskAgain,
    text: Annotated[str, Form()] = "",
    engine: Annotated[str, Form()] = "",
) -> Response:
    """Change that part, as the newest message of the image's thread."""
    options, home = Options.from_json(read_engine(engine)), await masks.home_of(db, user, part.image)
    draft = Draft(text=text, intent="edit", options=options, source_image_ids=(part.image.id,), personal=True)
    fields = {"text": text, "engine": engine, "drawn": DRAWN + base64.b64encode(part.mask).decode()}
    draft = again.draft(draft, form="part", **fields)

    async def make() -> Sequence[Message]:
        thread = home or await create_thread(db, user)
        mask_id = await masks.keep_mask(db, user, thread, part.mask)
        return both(await post_message(db, services.providers, user, thread, replace(draft, mask_image_id=mask_id)))

    question = await price.question(home, draft, form="part", **fields)
    body = "\n".join([text, engine, digest(part.mask), draft.instead])
    return question or _shown(request, await once.messages(body, make))


def _shown(request: Request, posted: Sequence[Message]) -> Response:
    """The thread, at the message."""
    address = f"/threads/{posted[-1].thread_id}#message-{posted[-1].id}"
    return Response(headers={"HX-Redirect": address}) if is_htmx(request) else RedirectResponse(address, 303)


def _of_canvas(drawn: str) -> bytes:
    try:
        return base64.b64decode(drawn.removeprefix(DRAWN), validate=True)
    except ValueError:  # not Base64, or not even ASCII
        raise Invalid(masks.NOTHING, fields={"drawn": "not Base64"}) from None
