"""The reference of the JSON API for signed-in people, drawn from its own description; nothing comes from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chatelier.web.deps import CurrentUser
from chatelier.web.render import page

METHODS = ("get", "post", "put", "patch", "delete")

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class Operation:
    method: str
    path: str
    text: str
    fields: list[tuple[str, str]]  # name and meaning, of the address and of the body
    answers: list[tuple[str, str]]


@router.get("/docs")
async def show_reference(request: Request, user: CurrentUser) -> Response:
    """The reference of the JSON API, for who is signed in."""
    operations = list(_operations(request.app.openapi()))
    return page(request, "docs/show.html", user=user, operations=operations)


@router.get("/docs/openapi.json")
async def show_schema(request: Request, user: CurrentUser) -> Response:
    """The same as an OpenAPI document."""
    return JSONResponse(request.app.openapi())


def _operations(schema: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if operation := methods.get(method):
                yield Operation(
                    method=method.upper(),
                    path=path,
                    text=_plain(operation.get("description") or operation.get("summary", "")),
                    fields=[*_parameters(operation), *_body(operation, schema)],
                    answers=[(code, _plain(answer["description"])) for code, answer in operation["responses"].items()],
                )


def _parameters(operation: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for parameter in operation.get("parameters", ()):
        where = {"query": "?", "header": "header "}.get(parameter["in"], "")
        yield f"{where}{parameter['name']}", _meaning(parameter.get("schema", {}), parameter.get("description", ""))


def _body(operation: dict[str, Any], schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        model = _resolve(content["schema"], schema)
        for name, part in model.get("properties", {}).items():
            needed = "" if name in model.get("required", ()) else "Optional."
            yield name, _meaning(part, " ".join(filter(None, (part.get("description"), needed))))


def _resolve(part: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = part.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = schema["components"]["schemas"][name] if name else part
    return found


def _meaning(part: dict[str, Any], text: str) -> str:
    kinds = [str(kind.get("type", "")) for kind in (part, *part.get("anyOf", ()))]
    kind = " or ".join(kind for kind in kinds if kind and kind != "null")
    return ": ".join(filter(None, (kind, _plain(text))))


def _plain(text: str) -> str:
    """Without the marks that Markdown has for code."""
    return text.replace("`", "")
