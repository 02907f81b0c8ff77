"""Addresses for programs that show a picture without a key of their own: share links, which expire."""

from __future__ import annotations

from fastapi import Request

from chatelier.db.models import Image, User
from chatelier.domain.shares import create_link
from chatelier.services import Services
from chatelier.web.shares import address_of


async def link_to(request: Request, user: User, image: Image, *, days: int) -> str:
    """The address of the file itself, for everybody who has it."""
    services: Services = request.app.state.services
    async with services.transaction() as db:
        _, token = await create_link(db, user, image, days=days, with_prompt=False)
    return f"{address_of(request, token)}/original"
