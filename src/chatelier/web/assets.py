"""Static files, read once: style sheets and scripts as one bundle each, every address with the hash of its content.

Style sheets are joined in the order of ``FIRST``, then by name. Scripts share nothing: each is put into a block of
its own, so that their names cannot meet, and none imports another. New files need a new start.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from starlette.requests import Request
from starlette.responses import Response

from chatelier.errors import NotFound

FIRST = ("tokens.css", "base.css")
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, kw_only=True)
class Asset:
    """``address`` is where browsers find it; ``packed`` is the content compressed by gzip."""

    address: str
    media_type: str
    content: bytes
    packed: bytes


def asset(name: str) -> str:
    """The address of a static file such as ``app.css`` or ``vendor/htmx.min.js``."""
    return by_name()[name].address


async def serve_asset(request: Request) -> Response:
    """A style sheet, script or icon, which never changes under its address."""
    found = by_address().get(request.url.path)
    if found is None:
        raise NotFound
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.packed, headers={**HEADERS, "Content-Encoding": "gzip"}, media_type=found.media_type)
    return Response(found.content, headers=HEADERS, media_type=found.media_type)


@cache
def by_name() -> dict[str, Asset]:
    static = files("chatelier") / "static"
    contents = {"app.css": _join_styles(static / "css"), "app.js": _join_scripts(static / "js")}
    for name in ("icon.svg", "vendor/htmx.min.js"):
        contents[name] = static.joinpath(*name.split("/")).read_bytes()
    return {name: _make(name, content) for name, content in contents.items()}


@cache
def by_address() -> dict[str, Asset]:
    return {found.address: found for found in by_name().values()}


def _make(name: str, content: bytes) -> Asset:
    path = PurePosixPath(name)
    mark = hashlib.sha256(content).hexdigest()[:10]
    return Asset(
        address=f"/static/{path.with_suffix('')}.{mark}{path.suffix}",
        media_type=TYPES[path.suffix],
        content=content,
        packed=gzip.compress(content, 9, mtime=0),
    )


def _join_styles(folder: Traversable) -> bytes:
    sheets = sorted(_named(folder, ".css"), key=lambda sheet: (sheet.name not in FIRST, -_rank(sheet), sheet.name))
    return b"\n".join(sheet.read_bytes() for sheet in sheets)


def _rank(sheet: Traversable) -> int:
    return len(FIRST) - FIRST.index(sheet.name) if sheet.name in FIRST else 0


def _join_scripts(folder: Traversable) -> bytes:
    scripts = sorted(_named(folder, ".js"), key=lambda script: script.name)
    return b"\n".join(b"{\n" + script.read_bytes() + b"}" for script in scripts)


def _named(folder: Traversable, suffix: str) -> list[Traversable]:
    return [entry for entry in folder.iterdir() if entry.name.endswith(suffix)]
