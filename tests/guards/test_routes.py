"""Every route reaches rows through their owner, and every request passes the same guards.
What the guards do is tried in tests/test_routes.py and tests/stories/test_two_users.py."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from chatelier.api.routes import SignedInRoute
from chatelier.app import DOORS, create_app
from chatelier.config import Settings
from chatelier.web import deps, parts
from chatelier.web.middleware import BodyLimit, CrossSiteGuard, SecurityHeaders
from tests.guards import walk

OWNERS = {value for name, value in vars(deps).items() if name.startswith("own_")} | {parts.posted_part}
# verbs that take the caller and an id, and answer NotFound for a stranger's
OWNER_VERBS = {"open_stream", "keep_upload", "serve_own_image", "find_image", "find_generation"}
OWNER_VERBS |= {"revoke_key", "revoke_link"}
OWNER_VERBS |= {"find_account", "decide_upgrade"}  # they take an admin, and nobody else
OWNER_VERBS |= {"new_link", "remove_export"}
OWNER_VERBS |= {"dismiss_notice", "lift_pause", "remove_threshold"}
ROUTES = [route for door in DOORS for route in door.routes if isinstance(route, APIRoute)]
DOOR_FILES = [path for path in walk.sources() if walk.name(path).startswith(("web/", "api/", "app.py"))]


def callables(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from callables(inner)


def names_in(function: object) -> set[str]:
    return set(re.findall(r"\w+", inspect.getsource(function)))  # type: ignore[arg-type]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{'/'.join(sorted(route.methods))} {route.path}")
def test_an_id_in_a_path_is_looked_up_through_its_owner(route: APIRoute) -> None:
    if "_id}" not in route.path:
        return
    found = OWNERS & set(callables(route.dependant)) or OWNER_VERBS & names_in(route.endpoint)
    assert found, f"{route.path} names an id, and nothing asks whose it is"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{'/'.join(sorted(route.methods))} {route.path}")
def test_a_door_for_programs_asks_for_credentials_before_it_reads(route: APIRoute) -> None:
    if route.path.startswith(("/api/", "/v1/")):
        assert isinstance(route, SignedInRoute)
        assert deps.current_user in callables(route.dependant)


def test_only_the_json_api_is_described() -> None:
    described = {route.path for route in ROUTES if route.include_in_schema}
    assert described
    assert all(path.startswith(("/api/v1/", "/v1/")) for path in described)


def test_every_request_passes_the_guards(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path, database_url="postgresql://localhost/none"))
    installed = {middleware.cls for middleware in app.user_middleware}
    assert {SecurityHeaders, CrossSiteGuard, BodyLimit} <= installed
    assert len(ROUTES) > 50


@pytest.mark.parametrize("path", DOOR_FILES, ids=walk.name)
def test_a_door_never_gets_a_row_by_its_id_alone(path: Path) -> None:
    """``db.get(Thread, id)`` would skip the question whose it is."""
    calls = [node.func for node in ast.walk(walk.tree(path)) if isinstance(node, ast.Call)]
    direct = {"get", "get_one", "scalar", "scalars", "execute"}
    wrong = [
        f"{walk.name(path)}:{call.lineno} db.{call.attr}"
        for call in calls
        if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name)
        if call.value.id in ("db", "session") and call.attr in direct
    ]
    assert not wrong


@pytest.mark.parametrize("path", DOOR_FILES, ids=walk.name)
def test_no_body_takes_fields_that_nobody_named(path: Path) -> None:
    assert not re.search(r"""extra\s*=\s*["']allow|["']extra["']\s*:\s*["']allow""", path.read_text())
