"""What is done to many pictures at once: favourite, download, trash, restore, delete for good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from chatelier.db.models import Image
from chatelier.domain import trash
from chatelier.ids import parse_id
from chatelier.web.archive import serve_archive
from chatelier.web.deps import CurrentUser, Db, ServicesDep
from chatelier.web.paths import own_path
from chatelier.web.render import fragment, is_htmx, page
from chatelier.web.threads import shell

Back = Annotated[str, Form(max_length=2000)]
Ids = Annotated[list[str], Form(default_factory=list)]


async def own_selection(user: CurrentUser, db: Db, image_id: Ids) -> Sequence[Image]:
    """Those of the user's images that are there; what is gone meanwhile is left out."""
    return await trash.find_selected(db, user, [one for one in map(parse_id, image_id) if one])


async def own_trashed_selection(user: CurrentUser, db: Db, image_id: Ids) -> Sequence[Image]:
    return await trash.find_selected(db, user, [one for one in map(parse_id, image_id) if one], deleted=True)


Selection = Annotated[Sequence[Image], Depends(own_selection)]
TrashedSelection = Annotated[Sequence[Image], Depends(own_trashed_selection)]


async def download(user: CurrentUser, services: ServicesDep, image_id: Ids) -> Response:
    """The originals of many images as one zip file."""
    async with services.transaction() as db:
        images = await own_selection(user, db, image_id)
    return await serve_archive(services, user, images)


async def mark_favourites(
    request: Request, images: Selection, db: Db, favourite: Annotated[bool, Form()], back: Back = ""
) -> Response:
    """Mark many images as favourites, or no longer."""
    await trash.mark_favourites(db, images, favourite)
    did = "marked as favourites" if favourite else "no favourites any more"
    return _done(request, images, back, f"{_count(images)} {did}.", sign="star")


async def move_to_trash(request: Request, images: Selection, db: Db, back: Back = "") -> Response:
    """Many images to the trash."""
    await trash.trash_images(db, images)
    sentence = f"{_count(images)} moved to the trash."
    return _done(request, images, back, sentence, sign="trash", gone=True, undo="/gallery/restoration")


async def restore(request: Request, images: TrashedSelection, db: Db, back: Back = "") -> Response:
    """Many images back from the trash."""
    await trash.restore_images(db, images)
    sentence = f"{_count(images)} restored."
    return _done(request, images, back, sentence, sign="restore", gone=True, undo="/gallery/trash")


async def purge(
    request: Request,
    user: CurrentUser,
    images: TrashedSelection,
    db: Db,
    back: Back = "",
    sure: Annotated[bool, Form()] = False,
) -> Response:
    """Delete many images of the trash for good; asks first, in the dialog or on a page."""
    if sure:
        await trash.purge_images(db, user, images)
        return RedirectResponse(own_path(back, "/gallery/trash"), 303)
    if is_htmx(request):
        return fragment("gallery/_purge.html", images=images, back=back)
    return page(request, "gallery/question.html", **await shell(db, user), images=images, back=back, here="gallery")


def _done(request: Request, images: Sequence[Image], back: str, sentence: str, **more: Any) -> Response:
    """A word about it with a way back, and the tiles as they are now."""
    back = own_path(back, "/gallery")
    if not is_htmx(request):
        return RedirectResponse(back, 303)
    return fragment("gallery/_done.html", images=images, back=back, sentence=sentence, **more)


def _count(images: Sequence[Image]) -> str:
    return "1 picture" if len(images) == 1 else f"{len(images)} pictures"
