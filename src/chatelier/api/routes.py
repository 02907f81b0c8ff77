"""The JSON API as one table: method, path, verb, status, and what beside 401, 422 and 429 it may answer."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, NamedTuple

from fastapi import APIRouter, Depends, Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyCookie, HTTPBearer

from chatelier.api import events, generations, images, messages, threads, usage
from chatelier.api.schemas import (
    PREFIX,
    ErrorAnswer,
    ImageAnswer,
    ImageWithData,
    PostedAnswer,
    PostedMessageAnswer,
    ThreadAnswer,
)
from chatelier.web.cookies import PLAIN_NAME
from chatelier.web.deps import current_user

PICTURES = ("image/png", "image/jpeg", "image/webp")
BINARY = {"schema": {"type": "string", "format": "binary"}}
BYTES: dict[int | str, Any] = {
    200: {"content": dict.fromkeys(PICTURES, BINARY)},
    206: {"description": "The range asked for."},
    304: {"description": "Unchanged since the ETag given."},
    416: {"description": "The range lies outside the image."},
}
STREAM: dict[int | str, Any] = {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}}
REFUSALS = {
    401: "No credentials, or they are no longer valid.",
    404: "Not there, not yours, or deleted: all three look the same.",
    409: "It cannot be retried, or the Idempotency-Key belongs to another request.",
    413: "Too large.",
    415: "Not a PNG, JPEG or WebP image that can be used.",
    422: "Something in the request cannot be used; `fields` says what.",
    429: "A limit was reached; `Retry-After` says when to come back.",
    503: "Busy, or the image store cannot be reached.",
}


class SignedInRoute(APIRoute):
    """Asks who is there before anything of the body is read: a stranger learns 401 and costs nothing more."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_signed_in(request: Request) -> Response:
            await current_user(request)
            return await handle(request)

        return handle_signed_in


class Line(NamedTuple):
    method: str
    path: str
    verb: Callable[..., Any]
    status: int = 200
    refusals: tuple[int, ...] = ()
    model: Any = None  # where the verb answers with a Response
    answers: Mapping[int | str, Any] = {}


THREAD, GENERATION, IMAGE = "/threads/{thread_id}", "/generations/{generation_id}", "/images/{image_id}"

TABLE = (
    Line("POST", "/threads", threads.create_thread, 201, (409,), ThreadAnswer),
    Line("GET", "/threads", threads.list_threads),
    Line("GET", THREAD, threads.get_thread, 200, (404,)),
    Line("PATCH", THREAD, threads.change_thread, 200, (404,)),
    Line("DELETE", THREAD, threads.delete_thread, 204, (404,)),
    Line("POST", f"{THREAD}/messages", messages.post_message, 201, (404, 409, 503), PostedMessageAnswer),
    Line("GET", f"{THREAD}/messages", messages.list_messages, 200, (404,)),
    Line("GET", f"{THREAD}/events", events.follow_thread, 200, (404,), None, STREAM),
    Line("POST", f"{THREAD}/images", images.upload_image, 201, (404, 409, 413, 415, 503), ImageAnswer),
    Line("GET", GENERATION, generations.get_generation, 200, (404,)),
    Line("POST", f"{GENERATION}/cancellation", generations.cancel_generation, 200, (404,)),
    Line("POST", f"{GENERATION}/retry", generations.retry_generation, 201, (404, 409, 503), PostedAnswer),
    Line("GET", "/images", images.list_images),
    Line("GET", IMAGE, images.get_image, 200, (404,), ImageWithData),
    Line("PATCH", IMAGE, images.change_image, 200, (404,)),
    Line("DELETE", IMAGE, images.trash_image, 204, (404,)),
    Line("POST", f"{IMAGE}/restoration", images.restore_image, 200, (404,)),
    Line("GET", IMAGE + "/{variant}", images.get_image_bytes, 200, (404, 503), None, BYTES),
    Line("GET", "/usage", usage.get_usage),
)


def _refusals(line: Line) -> dict[int | str, dict[str, Any]]:
    statuses = sorted({401, 422, 429, *line.refusals})
    return {status: {"model": ErrorAnswer, "description": REFUSALS[status]} for status in statuses}


def _add(router: APIRouter, line: Line) -> None:
    options: dict[str, Any] = {"response_model": line.model} if line.model else {}
    if line.answers:
        options["response_class"] = Response
    router.add_api_route(
        line.path,
        line.verb,
        methods=[line.method],
        status_code=line.status,
        operation_id=line.verb.__name__,
        summary=line.verb.__name__.replace("_", " ").capitalize(),
        tags=[line.path.split("/")[1]],
        responses={**_refusals(line), **line.answers},
        **options,
    )
    if line.answers is BYTES:
        router.add_api_route(line.path, line.verb, methods=["HEAD"], include_in_schema=False)


# Only for the schema: who is asking is found out by current_user.
CREDENTIALS = [
    Security(HTTPBearer(auto_error=False, description="An API key of the account page or `chatelier key add`.")),
    Security(APIKeyCookie(name=PLAIN_NAME, auto_error=False, description="The cookie of a signed-in browser.")),
]

router = APIRouter(prefix=PREFIX, route_class=SignedInRoute, dependencies=[Depends(current_user), *CREDENTIALS])
for _line in TABLE:
    _add(router, _line)
