"""From a request to what an endpoint needs: the database session (committed here, once), who is asking, and rows
found through their owner, so that a stranger's id is the same 404 as one that never was."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, cast

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile
from starlette.requests import HTTPConnection, Request
from structlog.contextvars import bind_contextvars

from chatelier.db.models import Generation, Image, Message, Thread, User
from chatelier.domain.generations import find_generation
from chatelier.domain.images import find_image
from chatelier.domain.keys import find_key_owner
from chatelier.domain.messages import find_message
from chatelier.domain.roles import check_admin
from chatelier.domain.sign_in import find_session
from chatelier.domain.threads import find_thread
from chatelier.errors import TooLarge, Unauthenticated
from chatelier.ids import parse_id
from chatelier.services import Services
from chatelier.web.cookies import session_token
from chatelier.web.paths import is_api
from chatelier.web.rates import count_request

BEARER = "bearer "
KEY_PATHS = ("/metrics", "/docs/openapi.json")  # beside the JSON doors


async def services_of(request: Request) -> Services:
    return cast(Services, request.app.state.services)


ServicesDep = Annotated[Services, Depends(services_of)]


async def db(services: ServicesDep) -> AsyncIterator[AsyncSession]:
    """One transaction for the request: committed before the answer is sent, rolled back on any error."""
    async with services.transaction() as session:
        yield session


Db = Annotated[AsyncSession, Depends(db, scope="function")]


def bearer_key(connection: HTTPConnection) -> str | None:
    """The API key a program sent; only the JSON doors take one, pages go by the cookie alone."""
    given = connection.headers.get("authorization", "")
    path = connection.scope["path"]  # its URL would be put together for each request
    takes_keys = is_api(path) or path in KEY_PATHS
    return given[len(BEARER) :].strip() if takes_keys and given[: len(BEARER)].lower() == BEARER else None


async def find_caller(connection: HTTPConnection) -> User | None:
    """Who is asking. A request that carries a key is judged by the key, whatever its cookie says."""
    services: Services = connection.app.state.services
    if (key := bearer_key(connection)) is not None:
        return await find_key_owner(services, key)
    token = session_token(connection)
    return await find_session(services, token) if token else None


async def current_user(request: Request) -> User:
    """The signed-in user, a snapshot of at most 30 seconds: read it, change rows by id."""
    user = await find_caller(request)
    await count_request(request, user)
    if user is None:
        raise Unauthenticated
    bind_contextvars(user=str(user.id))
    return user


CurrentUser = Annotated[User, Depends(current_user)]


async def maybe_user(request: Request) -> User | None:
    """The signed-in user, or None on pages that everybody may see."""
    return await find_caller(request)


MaybeUser = Annotated[User | None, Depends(maybe_user)]


async def admin_user(user: CurrentUser) -> User:
    check_admin(user)
    return user


AdminUser = Annotated[User, Depends(admin_user)]


def user_check(request: Request) -> Callable[[], Awaitable[User | None]]:
    """Asks anew who is there, for answers that outlive a request's beginning, such as streams."""
    return lambda: find_caller(request)


async def own_thread(thread_id: str, user: CurrentUser, db: Db) -> Thread:
    return await find_thread(db, user, parse_id(thread_id))


async def own_generation(generation_id: str, user: CurrentUser, db: Db) -> Generation:
    return await find_generation(db, user, parse_id(generation_id))


async def own_message(message_id: str, user: CurrentUser, db: Db) -> Message:
    return await find_message(db, user, parse_id(message_id))


async def own_image(image_id: str, user: CurrentUser, db: Db) -> Image:
    return await find_image(db, user, parse_id(image_id))


async def own_trashed_image(image_id: str, user: CurrentUser, db: Db) -> Image:
    return await find_image(db, user, parse_id(image_id), deleted=True)


async def own_any_image(image_id: str, user: CurrentUser, db: Db) -> Image:
    return await find_image(db, user, parse_id(image_id), deleted=None)


async def read_upload(services: Services, file: UploadFile) -> bytes:
    """What was sent as a file. Raises TooLarge, having read no more than may come."""
    longest = services.settings.upload_bytes
    content = await file.read(longest + 1)
    if len(content) > longest:
        raise TooLarge
    return content


OwnThread = Annotated[Thread, Depends(own_thread)]
OwnGeneration = Annotated[Generation, Depends(own_generation)]
OwnMessage = Annotated[Message, Depends(own_message)]
OwnImage = Annotated[Image, Depends(own_image)]
OwnTrashedImage = Annotated[Image, Depends(own_trashed_image)]
OwnAnyImage = Annotated[Image, Depends(own_any_image)]
