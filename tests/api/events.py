"""A reader of server-sent events as a browser is one: bytes in, state out. It can be cut off at any byte."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.api.caller import Caller

Json = dict[str, Any]


@dataclass
class Event:
    name: str
    data: Json
    id: str | None


class Parser:
    """Feeds on bytes; gives events that were received whole, as the HTML standard reads them."""

    def __init__(self) -> None:
        self.comments = 0
        self.retry: int | None = None
        self._rest = b""

    def feed(self, piece: bytes) -> list[Event]:
        *whole, self._rest = (self._rest + piece).split(b"\n\n")
        return [event for block in whole if (event := self._event(block.decode()))]

    def _event(self, block: str) -> Event | None:
        fields: dict[str, list[str]] = {}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
        self.comments += len(fields.get("", []))
        if "retry" in fields:
            self.retry = int(fields["retry"][0])
        if "data" not in fields:
            return None
        id = fields["id"][0] if "id" in fields else None
        return Event(name=fields["event"][0], data=json.loads("\n".join(fields["data"])), id=id)


@dataclass
class View:
    """What a program knows of a thread by its events alone."""

    messages: dict[str, Json] = field(default_factory=dict)
    last_id: str | None = None
    names: list[str] = field(default_factory=list)

    def apply(self, event: Event) -> None:
        self.names.append(event.name)
        self.last_id = event.id if event.id is not None else self.last_id
        match event.name:
            case "reset":
                self.messages.clear()
            case "snapshot":
                self.messages = {message["id"]: message for message in event.data["messages"]}
            case "message":
                self.messages[event.data["id"]] = event.data
            case "generation":
                self.messages[event.data["message_id"]]["generation"] = event.data


class Stream:
    """One raw connection to a thread's events; ``head`` is the answer's status line and headers."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> None:
        self.reader, self.writer, self.head = reader, writer, head
        self.parser = Parser()
        self._events: list[Event] = []
        self._chunked = b""

    @property
    def status(self) -> int:
        return int(self.head.split()[1])

    def header(self, name: str) -> str | None:
        lines = dict(line.lower().split(": ", 1) for line in self.head.split("\r\n")[1:] if line)
        return lines.get(name)

    async def bytes(self, most: int = 65536) -> bytes:
        """Some bytes of the body; b'' at its end."""
        length = int((await self.reader.readline()).strip() or b"0", 16)
        piece = await self.reader.readexactly(length)
        await self.reader.readline()
        return piece

    async def next(self, seconds: float = 60) -> Event | None:
        """The next event, or None when the stream has ended."""
        async with asyncio.timeout(seconds):
            while not self._events:
                piece = await self.bytes()
                if not piece:
                    return None
                self._events += self.parser.feed(piece)
        return self._events.pop(0)

    async def until(self, *names: str, seconds: float = 60) -> Event:
        async with asyncio.timeout(seconds):
            while True:
                event = await self.next(seconds)
                assert event is not None, "the stream ended"
                if event.name in names:
                    return event

    def cut(self) -> None:
        self.writer.transport.abort()


async def open_events(caller: Caller, thread: str, last_id: str | None = None, query: str = "") -> Stream:
    url = urlsplit(str(caller.http.base_url))
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    lines = [f"GET {url.path}threads/{thread}/events{query} HTTP/1.1", f"Host: {url.netloc}", "Accept-Encoding: gzip"]
    lines.append(f"Authorization: {caller.http.headers['authorization']}")
    lines += [f"Last-Event-ID: {last_id}"] if last_id is not None else []
    writer.write("\r\n".join([*lines, "", ""]).encode())
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)).decode()
    return Stream(reader, writer, head)


@asynccontextmanager
async def events(caller: Caller, thread: str, last_id: str | None = None) -> AsyncIterator[Stream]:
    stream = await open_events(caller, thread, last_id)
    try:
        yield stream
    finally:
        stream.cut()
