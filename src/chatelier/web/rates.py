"""Each request that changes something, and each API call, is counted once: for the person who sends it, else for the
network it comes from."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from chatelier.db.models import User
from chatelier.domain.throttle.networks import network_of
from chatelier.domain.throttle.rates import CALLS, POSTS, rates_of
from chatelier.web.cookies import client_address
from chatelier.web.errors import SAFE_METHODS
from chatelier.web.paths import is_api


async def count_request(request: Request, user: User | None) -> None:
    """Raises TooMany."""
    if getattr(request.state, "is_counted", False):
        return
    request.state.is_counted = True
    rates = rates_of(request.app.state.services)
    who = user.id.hex if user else network_of(client_address(request))
    if is_api(request.url.path):
        await rates.count(CALLS, who)
    if request.method not in SAFE_METHODS:
        await rates.count(POSTS, who)


async def _count_guest(request: Request) -> None:
    await count_request(request, None)


GuestPost = Annotated[None, Depends(_count_guest)]  # for forms that nobody needs to be signed in for
