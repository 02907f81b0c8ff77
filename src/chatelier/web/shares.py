"""Share links: made and revoked by the owner, opened by anybody. The token in the address is all that a visitor has,
so it stays out of logs, referrers, caches and search engines."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from chatelier.domain import shares
from chatelier.ids import parse_id
from chatelier.web.deps import CurrentUser, Db, OwnImage, ServicesDep
from chatelier.web.image_bytes import serve_shared_image
from chatelier.web.images import show
from chatelier.web.render import page

QUIET = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow, noarchive", "Cache-Control": "no-store"}


async def create_link(
    request: Request,
    user: CurrentUser,
    db: Db,
    image: OwnImage,
    days: Annotated[int, Form()] = 7,
    with_prompt: Annotated[bool, Form()] = False,
) -> Response:
    """Make a link to an image; it is shown this once, on the image's page."""
    _, token = await shares.create_link(db, user, image, days=days, with_prompt=with_prompt)
    return await show(request, user, db, image, new_link=address_of(request, token))


def address_of(request: Request, token: str) -> str:
    """What its owner passes on."""
    base = request.app.state.settings.base_url or str(request.base_url)
    return f"{base.rstrip('/')}/s/{token}"


async def create_revocation(user: CurrentUser, db: Db, link_id: str) -> Response:
    """End a share link at once, for its page and every file."""
    image_id = await shares.revoke_link(db, user, parse_id(link_id))
    return RedirectResponse(f"/images/{image_id}#share", 303)


async def show_shared(request: Request, db: Db, token: str) -> Response:
    """The page of a shared image, for anybody who has the link; the prompt stands there only where its owner chose
    so."""
    link = await shares.find_link(db, token)
    if request.method == "GET":
        await shares.count_view(db, link)
    response = page(request, "shares/show.html", image=link.image, link=link, token=token)
    response.headers.update(QUIET)
    return response


async def show_shared_file(
    request: Request, services: ServicesDep, token: str, variant: str, download: bool = False
) -> Response:
    """The bytes of a shared image, asked for anew each time: a revoked link is dead for its files, too."""
    async with services.transaction() as db:
        link = await shares.find_link(db, token)
    response = await serve_shared_image(services, link, variant, request, download)
    response.headers.update(QUIET)
    return response
