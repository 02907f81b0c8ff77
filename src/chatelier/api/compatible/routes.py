"""The routes of the OpenAI-compatible door. Its reference is OpenAI's own, so it is not described a second time."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from chatelier.api.compatible import completions, models, pictures
from chatelier.api.routes import SignedInRoute
from chatelier.web.deps import current_user

TABLE = (
    ("GET", "/models", models.list_models),
    ("GET", "/models/{name:path}", models.get_model),
    ("POST", "/chat/completions", completions.create_completion),
    ("POST", "/images/generations", pictures.create_pictures),
    ("POST", "/images/edits", pictures.create_edit),
)

router = APIRouter(prefix="/v1", route_class=SignedInRoute, dependencies=[Depends(current_user)])
for method, path, verb in TABLE:
    router.add_api_route(path, verb, methods=[method], include_in_schema=False, response_model=None)
