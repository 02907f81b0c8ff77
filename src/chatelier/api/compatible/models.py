"""What can be named as ``model`` by OpenAI's protocol."""

from __future__ import annotations

from typing import Any

from chatelier.domain import dialect
from chatelier.errors import NotFound
from chatelier.web.deps import CurrentUser, ServicesDep

MADE = 1_767_225_600  # 1 January 2026: the protocol wants a date, and engines have none


async def list_models(user: CurrentUser, services: ServicesDep) -> dict[str, Any]:
    """The whole of Chatelier, its chat model, and whatever paints here."""
    return {"object": "list", "data": [_model(*one) for one in dialect.list_models(services.providers)]}


async def get_model(name: str, user: CurrentUser, services: ServicesDep) -> dict[str, Any]:
    """One of them by its name."""
    owner = dict(dialect.list_models(services.providers)).get(name)
    if owner is None:
        raise NotFound(f"There is no model {name[:100]} here. GET /v1/models lists them.")
    return _model(name, owner)


def _model(name: str, owner: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": MADE, "owned_by": owner}
