"""Both places where original images may lie, and an object store over the network that fails as it is told."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest

from chatelier.db.engine import conninfo

BOTH_STORES = pytest.mark.parametrize("store", ["database", "objects"], indirect=True)


def keys_in(folder: Path) -> set[str]:
    """The keys of all objects of a store that is a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def keys_known(url: str) -> tuple[set[str], set[str]]:
    """The keys that rows name, and those that are noted as loose."""
    with psycopg.connect(conninfo(url)) as connection:
        named = connection.execute("SELECT object_key FROM image_files WHERE object_key IS NOT NULL").fetchall()
        loose = connection.execute("SELECT object_key FROM loose_objects").fetchall()
    return {key for (key,) in named}, {key for (key,) in loose}


def assert_nothing_dangles(url: str, folder: Path) -> None:
    named, loose = keys_known(url)
    there = keys_in(folder)
    assert named <= there, "rows without their objects"
    assert there <= named | loose, "objects that nothing knows of"
    assert not named & loose, "objects that are in use and to be deleted"


def go_away(folder: Path) -> None:
    """As a disk that is not mounted: what should be a folder is none."""
    folder.rename(folder.with_name("away"))
    folder.write_text("")


def come_back(folder: Path) -> None:
    folder.unlink()
    folder.with_name("away").rename(folder)


@dataclass
class Bucket:
    """What is in it, what was asked, and how it fails: error, hang, wrong, cut, unlisted, or not at all."""

    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    unsigned: int = 0
    fault: str = ""
    hangs_after: int = 10**9  # objects; the next one is not taken
    hung: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)


def lead_to(kept: Bucket, environment: pytest.MonkeyPatch) -> None:
    """As an operator names a store of their own."""
    environment.setenv("AWS_ENDPOINT", kept.url)
    environment.setenv("AWS_ACCESS_KEY_ID", "ada-key")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "ada-secret")


@contextmanager
def bucket() -> Iterator[Bucket]:
    """The part of the S3 protocol that is needed, on loopback."""
    kept = Bucket()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(kept))
    server.daemon_threads = True
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        kept.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


def _listing(keys: list[str]) -> bytes:
    rest = "<LastModified>2026-11-25T12:00:00.000Z</LastModified><ETag>1</ETag><Size>1</Size>"
    found = "".join(f"<Contents><Key>{key}</Key>{rest}</Contents>" for key in keys)
    return f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>".encode()


def _handler(kept: Bucket) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle(self) -> None:
            with contextlib.suppress(ConnectionError):  # who asked has given up
                super().handle()

        def log_message(self, *_: object) -> None:
            return None

        def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            sent = body[: len(body) // 2] if kept.fault == "cut" and self.command == "GET" else body
            self.wfile.write(sent if self.command != "HEAD" else b"")
            if sent != body:
                self.close_connection = True

        def key(self) -> str:
            kept.asked.append(f"{self.command} {self.path}")
            if not self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 Credential=ada-key/"):
                kept.unsigned += 1
            return unquote(self.path.removeprefix("/pictures/"))

        def fails(self) -> bool:
            if kept.fault == "hang":
                kept.let_go.wait(60)
            if kept.fault in ("error", "hang"):
                self.answer(500)
            return kept.fault in ("error", "hang")

        def do_PUT(self) -> None:
            key, body = self.key(), self.rfile.read(int(self.headers["Content-Length"]))
            if len(kept.objects) >= kept.hangs_after:
                kept.hung.set()
                kept.let_go.wait(60)
            elif not self.fails():
                kept.objects[key] = body
                self.answer(200, ETag='"1"')

        def do_POST(self) -> None:
            self.key()  # /pictures?delete
            named = re.findall(r"<Key>(.*?)</Key>", self.rfile.read(int(self.headers["Content-Length"])).decode())
            if not self.fails():
                for key in named:
                    kept.objects.pop(key, None)
                deleted = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in named)
                space = "http://s3.amazonaws.com/doc/2006-03-01/"
                self.answer(200, f'<DeleteResult xmlns="{space}">{deleted}</DeleteResult>'.encode())

        def do_GET(self) -> None:
            key = self.key()
            if self.fails():
                return
            if "list-type=2" in key:
                self.answer(403 if kept.fault == "unlisted" else 200, _listing(sorted(kept.objects)))
                return
            if key not in kept.objects:
                self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
                return
            whole = kept.objects[key]
            body = whole if kept.fault != "wrong" else bytes(byte ^ 1 for byte in whole)
            wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
            common = {"ETag": '"1"', "Last_Modified": "Wed, 25 Nov 2026 12:00:00 GMT"}
            if wanted is None:
                self.answer(200, body, **common)
                return
            start, end = int(wanted[1]), min(int(wanted[2]) + 1, len(body))
            self.answer(206, body[start:end], Content_Range=f"bytes {start}-{end - 1}/{len(body)}", **common)

    return Handler
