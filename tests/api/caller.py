"""A running site on loopback, and people who call its API with their keys over real TCP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import uvicorn
from fastapi import FastAPI

from chatelier.app import create_app
from chatelier.cli.process import proxies
from chatelier.config import Settings
from chatelier.db.listen import Hub
from chatelier.db.models import User
from chatelier.domain.keys import add_key
from chatelier.services import Services
from tests.people import until

Json = dict[str, Any]
OVER = ("succeeded", "failed", "cancelled", "unknown")


@dataclass
class Site:
    """The app as it is served; ``services`` are the app's own."""

    url: str
    app: FastAPI

    @property
    def services(self) -> Services:
        found: Services = self.app.state.services
        return found


@asynccontextmanager
async def serve(settings: Settings) -> AsyncIterator[Site]:
    app = create_app(settings)
    listening = socket.create_server(("127.0.0.1", 0))
    options = {"log_level": "warning", "ws": "none", "lifespan": "on", **proxies(settings)}
    server = uvicorn.Server(uvicorn.Config(app, timeout_graceful_shutdown=3, **options))
    task = asyncio.create_task(server.serve(sockets=[listening]))

    async def started() -> bool | None:
        if task.done():
            task.result()
        return server.started or None

    await until(started)
    try:
        yield Site(url=f"http://127.0.0.1:{listening.getsockname()[1]}", app=app)
    finally:
        app.state.stopping.set()
        server.should_exit = True
        await asyncio.wait_for(task, 60)


@dataclass
class Caller:
    """One person with an API key. The short verbs expect success and answer the JSON."""

    user: User
    key: str
    http: httpx.AsyncClient = field(repr=False)
    hub: Hub = field(repr=False)

    async def call(self, method: str, path: str, status: int = 200, **options: Any) -> Json:
        response = await self.http.request(method, path, **options)
        assert response.status_code == status, (method, path, response.status_code, response.text[:600])
        return dict(response.json()) if response.content else {}

    async def thread(self, title: str = "") -> str:
        return str((await self.call("POST", "/threads", 201, json={"title": title}))["id"])

    async def says(self, thread: str, text: str, **more: Any) -> Json:
        return await self.call("POST", f"/threads/{thread}/messages", 201, json={"text": text, **more})

    async def asks(self, thread: str, text: str, **more: Any) -> Json:
        """Ask for an image; answers its generation as it was at once."""
        return dict((await self.says(thread, text, intent="generate", **more))["reply"]["generation"])

    async def finished(self, generation: Json, *, seconds: float = 60) -> Json:
        async def look() -> Json | None:
            found = await self.call("GET", f"/generations/{generation['id']}")
            return found if found["status"] in OVER else None

        return await until(look, seconds=seconds, hub=self.hub, thread=generation["thread_id"])

    async def image(self, thread: str | None = None, text: str = "a small cat", **options: Any) -> Json:
        """A finished image."""
        asked = await self.asks(thread or await self.thread(), text, options={"size": "256x256", **options})
        done = await self.finished(asked)
        assert done["status"] == "succeeded", done["error"]
        return dict(done["images"][0])

    async def answered(self, thread: str, reply: Json, *, seconds: float = 60) -> Json:
        async def look() -> Json | None:
            page = await self.call("GET", f"/threads/{thread}/messages")
            found = next(message for message in page["items"] if message["id"] == reply["id"])
            return found if found["status"] != "streaming" else None

        return await until(look, seconds=seconds, hub=self.hub, thread=thread)

    async def upload(self, thread: str, content: bytes, status: int = 201, name: str = "a.png") -> Json:
        return await self.call(
            "POST", f"/threads/{thread}/images", status, files={"file": (name, content, "image/png")}
        )


def plain_http(base_url: str, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    """Without the certificates of the system, which it does not need and which take 20 ms to read."""
    return httpx.AsyncClient(base_url=base_url, headers=headers, timeout=60, trust_env=False, verify=False)


async def call_as(site: Site, user: User) -> Caller:
    async with site.services.transaction() as db:
        key = await add_key(db, user, "tests")
    http = plain_http(f"{site.url}/api/v1", {"Authorization": f"Bearer {key}"})
    return Caller(user=user, key=key, http=http, hub=site.services.hub)


def is_id(text: str) -> bool:
    return UUID(text).version == 7
