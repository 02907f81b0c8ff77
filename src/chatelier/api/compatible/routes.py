"""The routes of the OpenAI-compatible door. Its reference is OpenAI's own, so it is not described a second time."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from chatelier.api.compatible import completions, models, pictures
from chatelier.api.routes import SignedInRoute
from chatelier.errors import Invalid
from chatelier.web.deps import current_user

MOST_SIGNS = 300_000  # brackets and commas of a body; a picture in Base64 has none

TABLE = (
    ("GET", "/models", models.list_models),
    ("GET", "/models/{name:path}", models.get_model),
    ("POST", "/chat/completions", completions.create_completion),
    ("POST", "/images/generations", pictures.create_pictures),
    ("POST", "/images/edits", pictures.create_edit),
)


class ReadableRoute(SignedInRoute):
    """A talk may be as large as the pictures in it. What is made of small pieces alone would take seconds to read, and
    nobody else be answered meanwhile."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_readable(request: Request) -> Response:
            if "json" in request.headers.get("content-type", ""):
                await current_user(request)
                body = await request.body()
                if sum(map(body.count, (b",", b"{", b"["))) > MOST_SIGNS:
                    raise Invalid("The body has too many parts. Send the newest turns of the talk alone.")
            return await handle(request)

        return handle_readable


router = APIRouter(prefix="/v1", route_class=ReadableRoute, dependencies=[Depends(current_user)])
for method, path, verb in TABLE:
    router.add_api_route(path, verb, methods=[method], include_in_schema=False, response_model=None)
