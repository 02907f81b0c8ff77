"""The description of the API: complete, and true. Schemathesis tries what nobody thought of."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.caller import Caller, Site

pytestmark = pytest.mark.anyio
CALLS = """
POST /threads · GET /threads · GET /threads/{thread_id} · PATCH /threads/{thread_id} · DELETE /threads/{thread_id}
POST /threads/{thread_id}/messages · GET /threads/{thread_id}/messages · GET /threads/{thread_id}/events
POST /threads/{thread_id}/images · GET /generations/{generation_id}
POST /generations/{generation_id}/cancellation · POST /generations/{generation_id}/retry
GET /images · GET /images/{image_id} · PATCH /images/{image_id} · DELETE /images/{image_id}
GET /images/{image_id}/{variant} · POST /images/{image_id}/restoration · GET /usage
"""
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
    "negative_data_rejection,ignored_auth,use_after_free"
)


def operations(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


async def test_every_call_of_the_contract_is_described_and_nothing_else(site: Site) -> None:
    described = operations(site.app.openapi())
    wanted = {call.strip().replace(" /", " /api/v1/") for line in CALLS.strip().split("\n") for call in line.split("·")}
    assert {call for call in described if "/api/v1/" in call} == wanted
    assert not [call for call in described if "/api/v1/" not in call and "/v1/" not in call]


async def test_each_call_says_what_it_does_and_how_it_refuses(site: Site) -> None:
    schema = site.app.openapi()
    described = operations(schema)
    names = [operation["operationId"] for operation in described.values()]
    assert len(set(names)) == len(names)
    for call, operation in described.items():
        assert operation["description"], call
        assert operation["security"], call
        assert {"401", "422", "429"} <= operation["responses"].keys(), call
        assert ("404" in operation["responses"]) == ("{" in call), call
        for status, response in operation["responses"].items():
            if int(status) >= 400 and status != "416":
                assert response["content"]["application/json"]["schema"] == {
                    "$ref": "#/components/schemas/ErrorAnswer"
                }, (call, status)
    assert set(schema["components"]["securitySchemes"]) == {"HTTPBearer", "APIKeyCookie"}
    assert "HTTPValidationError" not in schema["components"]["schemas"]


async def test_nobody_gets_in_without_credentials(site: Site, ada: Caller, stranger: httpx.AsyncClient) -> None:
    image = await ada.image()
    ids = {"thread_id": image["thread_id"], "generation_id": image["generation_id"], "image_id": image["id"]}
    for call in operations(site.app.openapi()):
        method, path = call.split(" ")
        path = path.removeprefix("/api/v1").format(**ids, variant="original")
        for headers in (
            {},
            {"Authorization": "Bearer chk_wrong"},
            {"Authorization": "Basic eDp4"},
            {"Cookie": "chatelier=x"},
        ):
            answer = await stranger.request(method, path, headers={"Origin": site.url, **headers})
            assert answer.status_code == 401, (call, headers)
            assert answer.json()["error"]["code"] == "unauthenticated"
            assert answer.headers["cache-control"] == "no-store"
        broken = await stranger.request(method, path, content=b"{", headers={"Content-Type": "application/json"})
        assert broken.status_code == 401, call
        in_address = await stranger.request(method, f"{path}?access_token={ada.key}")
        assert in_address.status_code in (401, 422), call


async def test_schemathesis_finds_nothing(site: Site, ada: Caller, tmp_path: Path) -> None:
    """Some 600 requests, the same each time. Streams never end, so they are left out."""
    image = await ada.image()
    schema = site.app.openapi()
    schema["paths"].pop("/api/v1/threads/{thread_id}/events")
    described = tmp_path / "openapi.json"
    described.write_text(json.dumps(_with_examples(schema, image)))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "run", str(described), "--url", site.url),
        *("--header", f"Authorization: Bearer {ada.key}", "--checks", CHECKS, "--seed", "1"),
        *("--max-examples", "3", "--phases", "examples,coverage,fuzzing", "--no-color"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=tmp_path,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), 300)
    finally:
        if process.returncode is None:
            process.kill()
    print(said.decode())
    assert process.returncode == 0, said.decode()[-9000:]


def _with_examples(schema: dict[str, Any], image: dict[str, Any]) -> dict[str, Any]:
    """Ids that are there, so that more than 404 is tried."""
    ids = {"thread_id": image["thread_id"], "generation_id": image["generation_id"], "image_id": image["id"]}
    for operation in operations(schema).values():
        for parameter in operation.get("parameters", ()):
            if parameter["name"] in ids and parameter["in"] == "path":
                parameter["schema"] = {**parameter["schema"], "example": ids[parameter["name"]]}
    return schema
