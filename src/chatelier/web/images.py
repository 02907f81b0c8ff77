"""Images: the page of one, its bytes, favourite, trash and restore, another version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from chatelier.db.models import Generation, Image, Message, User
from chatelier.domain import versions
from chatelier.domain.choices import list_maskers
from chatelier.domain.decisions import Draft
from chatelier.domain.gallery import find_neighbours
from chatelier.domain.generations import find_generation
from chatelier.domain.generations.wording import price_of_words
from chatelier.domain.images import change_image
from chatelier.domain.messages import find_message, post_message
from chatelier.domain.shares import list_links
from chatelier.domain.threads import find_thread
from chatelier.domain.trash import restore_images, trash_images
from chatelier.domain.versions import find_family
from chatelier.errors import NotFound
from chatelier.web.again import AskAgain
from chatelier.web.cards import card_values
from chatelier.web.deps import CurrentUser, Db, OwnImage, OwnTrashedImage, ServicesDep, services_of
from chatelier.web.drafts import AskPrice
from chatelier.web.image_bytes import serve_own_image
from chatelier.web.messages import OnceOnly, answer, both
from chatelier.web.render import fragment, is_htmx, page, time_zone
from chatelier.web.threads import shell
from chatelier.web.words import image_facts

View = Annotated[str, Form()]  # where the button stood: thread, tile or page


async def show_image(request: Request, user: CurrentUser, db: Db, image: OwnImage) -> Response:
    """The page of one image."""
    return await show(request, user, db, image)


async def show_trashed_image(request: Request, user: CurrentUser, db: Db, image: OwnTrashedImage) -> Response:
    """What is in the trash is seen there by its owner, and at no other address."""
    return await show(request, user, db, image)


async def show(request: Request, user: User, db: AsyncSession, image: Image, **more: Any) -> Response:
    generation = await made_by(db, user, image)
    words = await price_of_words(db, generation) if generation else 0
    root = await find_family(db, user, image)
    values: dict[str, Any] = {
        "image": image,
        "versions": list(root.walk()) if root.children else [],
        "place": generation.message if generation else None,
        "generation": generation,
        "facts": image_facts(image, generation, time_zone(request, user), words_micros=words),
        "links": await list_links(db, user, image),
        "neighbours": await find_neighbours(db, user, image) if image.deleted_at is None else (None, None),
        "can_mask": bool(list_maskers((await services_of(request)).providers)),
        "here": "image",
        **more,
    }
    return page(request, "images/show.html", **await shell(db, user), **values)


async def show_file(
    request: Request, user: CurrentUser, services: ServicesDep, image_id: str, variant: str, download: bool = False
) -> Response:
    """The bytes of an image: original, thumbnail or preview."""
    return await serve_own_image(services, user, image_id, variant, request, download)


async def show_trashed_file(
    request: Request, user: CurrentUser, services: ServicesDep, image_id: str, variant: str, download: bool = False
) -> Response:
    """The bytes of what is in the trash, for the trash's own pages."""
    return await serve_own_image(services, user, image_id, variant, request, download, deleted=True)


async def change_favourite(
    request: Request, user: CurrentUser, db: Db, image: OwnImage, favourite: Annotated[bool, Form()]
) -> Response:
    """Mark an image as favourite, or no longer."""
    await change_image(db, image, favourite=favourite)
    if not is_htmx(request):
        return RedirectResponse(f"/images/{image.id}", 303)
    return fragment("images/_favourite.html", image=image)


async def trash(request: Request, user: CurrentUser, db: Db, image: OwnImage, view: View = "page") -> Response:
    """An image to the trash."""
    await trash_images(db, [image])
    return await moved(request, user, db, image, view)


async def restore(request: Request, user: CurrentUser, db: Db, image: OwnTrashedImage, view: View = "page") -> Response:
    """An image back from the trash."""
    await restore_images(db, [image])
    return await moved(request, user, db, image, view)


async def make_current(request: Request, user: CurrentUser, db: Db, image: OwnImage) -> Response:
    """Make an image the one that the next change in its thread starts from."""
    await versions.make_current(db, user, image)
    return RedirectResponse(f"/images/{image.id}", 303)


async def create_variation(
    request: Request,
    user: CurrentUser,
    db: Db,
    services: ServicesDep,
    image: OwnImage,
    once: OnceOnly,
    price: AskPrice,
    again: AskAgain,
) -> Response:
    """Paint once more from the same picture, with another seed."""
    draft = Draft(text=f"Another version of #{image.handle}", source_image_ids=(image.id,), personal=True)
    draft = again.draft(draft)
    thread = await find_thread(db, user, image.thread_id)

    async def make() -> Sequence[Message]:
        return both(await post_message(db, services.providers, user, thread, draft))

    question = await price.question(thread, draft, confirmed="1")
    return question or await answer(request, user, db, await once.messages("", make))


async def moved(request: Request, user: User, db: AsyncSession, image: Image, view: str) -> Response:
    """To the trash or back: the card in its thread with a way back, or nothing in the place of a tile."""
    if not is_htmx(request):
        return RedirectResponse(f"/gallery/trash/{image.id}" if image.deleted_at else f"/images/{image.id}", 303)
    generation = await made_by(db, user, image) if view == "thread" else None
    if generation is None:
        return Response()
    thread = await find_thread(db, user, generation.thread_id)
    messages = [await find_message(db, user, generation.message_id)]
    cards = await card_values(db, thread, messages)
    return fragment("images/_moved.html", image=image, thread=thread, messages=messages, **cards)


async def made_by(db: AsyncSession, user: User, image: Image) -> Generation | None:
    """The generation it came from; None for an upload and when its thread was deleted."""
    try:
        return await find_generation(db, user, image.generation_id)
    except NotFound:
        return None
