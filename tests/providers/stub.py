"""A small HTTP server on loopback that answers as a test tells it, byte for byte, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Asked:
    """``body`` is empty where it was not JSON; ``raw`` holds its bytes."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    raw: bytes = b""


@dataclass
class Connection:
    """What a handler may do with one request."""

    asked: Asked
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self, status: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
        lines = [f"HTTP/1.1 {status} Status", f"Content-Type: {kind}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await self.send("\r\n".join([*lines, "", ""]).encode())

    async def event(self, payload: object) -> None:
        text = payload if isinstance(payload, str) else json.dumps(payload)
        await self.send(f"data: {text}\n\n".encode())

    async def words(self, *words: str, finish: str | None = "stop") -> None:
        for word in words:
            await self.event({"model": "stub-1", "choices": [{"index": 0, "delta": {"content": word}}]})
        if finish:
            await self.event({"model": "stub-1", "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})

    async def document(self, status: int, body: object, **headers: str) -> None:
        await self.head(status, "application/json", **headers)
        await self.send((body if isinstance(body, str) else json.dumps(body)).encode())

    def reset(self) -> None:
        """Break the connection with RST."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.close()

    async def closed_by_peer(self) -> bool:
        """Wait until the other side has closed."""
        with contextlib.suppress(ConnectionError):
            return await self.reader.read() == b""
        return True


Handler = Callable[[Connection], Awaitable[None]]


@dataclass
class Stub:
    url: str
    asked: list[Asked] = field(default_factory=list)


@asynccontextmanager
async def stub(*handlers: Handler) -> AsyncIterator[Stub]:
    """Each request gets the next handler, the last one for all that follow."""
    queue = list(handlers)
    served = Stub(url="")
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        serving.add(task)
        try:
            connection = Connection(await _request(reader), reader, writer)
            served.asked.append(connection.asked)
            await (queue.pop(0) if len(queue) > 1 else queue[0])(connection)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    served.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield served
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


async def _request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    raw = await reader.readexactly(int(headers.get("content-length", "0")))
    is_form = headers.get("content-type", "").startswith("multipart/")
    body = json.loads(raw) if raw and not is_form else {}
    return Asked(path=head[0].split(" ")[1], headers=headers, body=body, raw=raw)
