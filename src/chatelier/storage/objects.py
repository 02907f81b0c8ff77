"""The object store, where one is configured: S3, Google, Azure, or a folder. The only user of obstore.

Keys are made here and cannot be guessed. Nothing that is read leaves before its checksum was compared: the SHA-256 of
each block of 256 KiB stands in the row (``block_sums``), so a range is checked as well as a whole file. Calls block
in threads of their own (asynchronous ones of obstore 0.12 ended the process at exit), with a time limit: a store
that hangs costs a sentence, never the threads that everything else works in.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import structlog

from chatelier.errors import CannotStart, ImageLost, StorageUnavailable

BLOCK = 256 * 1024
READ_BLOCKS = 2  # of one request
THREADS = 16
LISTED = 10_000  # keys at a time
READ_SECONDS = 8.0
WRITE_SECONDS = 20.0
_SUM = hashlib.sha256().digest_size
_SCHEMES = ("file", "s3", "s3a", "gs", "az", "azure", "adl", "abfs", "abfss")
_ENDPOINTS = ("AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AZURE_STORAGE_ENDPOINT")
_T = TypeVar("_T")
log = structlog.get_logger()


def new_key() -> str:
    """128 bits of chance, under one of 256 folders."""
    name = secrets.token_hex(16)
    return f"images/{name[:2]}/{name}"


def block_sums(content: bytes) -> bytes:
    """SHA-256 of each block, one behind the other."""
    view = memoryview(content)
    return b"".join(hashlib.sha256(view[at : at + BLOCK]).digest() for at in range(0, len(content), BLOCK))


class Objects:
    """One store. Opening blocks, and raises CannotStart for an address that is none; whether it answers is seen when it
    is used. Every other failure is StorageUnavailable."""

    def __init__(self, url: str, *, write_seconds: float = WRITE_SECONDS) -> None:
        self.name = _plain(url)  # for people: without credentials
        self._folder = _folder(url)
        self._write_seconds = write_seconds
        self._reader = _open(url, self._folder, READ_SECONDS)
        self._writer = _open(url, self._folder, write_seconds)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="objects")

    async def put(self, key: str, content: bytes) -> None:
        """Whole or not at all, and on the disk of a folder when this returns."""
        await self._ask("put", key, lambda: self._put(key, content), self._write_seconds)

    async def read(self, key: str, size: int, sums: bytes, start: int, end: int) -> bytes | None:
        """Checked bytes of an object of ``size``, from ``start`` and at most to ``end``, as many as one request brings;
        None where there is no such object."""
        first = start // BLOCK
        last = min(-(-end // BLOCK), first + READ_BLOCKS)
        begin, stop = first * BLOCK, min(last * BLOCK, size)
        wanted = sums[first * _SUM : last * _SUM]
        for _ in range(2):  # what was garbled on the way may come whole the second time
            content = await self._ask("read", key, lambda: self._read(key, begin, stop, wanted), READ_SECONDS)
            if content != b"":
                return content and content[start - begin : end - begin]
        log.error("storage.damaged", key=key)
        raise ImageLost

    async def delete(self, keys: Sequence[str]) -> None:
        """What is not there is no failure."""
        await self._ask("delete", f"{len(keys)} keys", lambda: self._delete(keys), READ_SECONDS)

    async def keys(self) -> AsyncIterator[list[str]]:
        """All that lie there under names of our kind, many at a time."""
        found = await self._ask("list", "images", self._list, READ_SECONDS)
        while some := await self._ask("list", "images", lambda: next(found, []), READ_SECONDS):
            yield [str(one["path"]) for one in some]

    async def probe(self) -> None:
        """Put, read and delete a small object."""
        key, content = new_key(), secrets.token_bytes(64)
        await self.put(key, content)
        try:
            if await self.read(key, len(content), block_sums(content), 0, len(content)) != content:
                raise StorageUnavailable(f"The image store {self.name} does not give back what was put there.")
        finally:
            await self.delete([key])

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _ask(self, what: str, key: str, work: Callable[[], _T], seconds: float) -> _T:
        """The client gives up by itself after ``seconds``; whoever still waits for a thread then gives up as well."""
        try:
            future = asyncio.get_running_loop().run_in_executor(self._threads, _calm, work)
            return await asyncio.wait_for(future, seconds + 2)
        except Exception as error:
            log.warning("storage.unavailable", what=what, key=key, error=_reason(error))
            raise StorageUnavailable from error

    def _put(self, key: str, content: bytes) -> None:
        import obstore

        obstore.put(self._writer, key, content, use_multipart=False)  # parts of a put that broke would stay
        if self._folder is not None:
            _sync(self._folder / key)

    def _read(self, key: str, start: int, end: int, sums: bytes) -> bytes | None:
        """b'' where a checksum is wrong."""
        import obstore

        try:
            content = bytes(obstore.get_range(self._reader, key, start=start, end=end))
        except FileNotFoundError:
            return None
        return content if block_sums(content) == sums else b""

    def _list(self) -> Iterator[Sequence[Any]]:
        import obstore

        return iter(obstore.list(self._reader, prefix="images", chunk_size=LISTED))

    def _delete(self, keys: Sequence[str]) -> None:
        import obstore

        for some in [[key] for key in keys] if self._folder is not None else [list(keys)]:
            with contextlib.suppress(FileNotFoundError):
                obstore.delete(self._reader, some)


def _calm(work: Callable[[], _T]) -> _T:
    """A panic of Rust is no Exception, and would end whoever waits for it."""
    try:
        return work()
    except Exception:
        raise
    except BaseException as panic:
        raise RuntimeError(str(panic)) from panic


def _open(url: str, folder: Path | None, seconds: float) -> Any:
    from obstore.store import LocalStore, from_url

    try:
        if folder is not None:
            (folder / "images").mkdir(mode=0o700, parents=True, exist_ok=True)
            return LocalStore(folder)
        plain = any(os.environ.get(name, "").startswith("http://") for name in _ENDPOINTS)
        options = {"timeout": f"{seconds:.0f}s", "connect_timeout": "4s", "allow_http": plain}
        retries = {"max_retries": 1, "retry_timeout": timedelta(seconds=seconds / 2)}
        return from_url(url, client_options=options, retry_config=retries)  # type: ignore[call-overload]
    except Exception as error:
        raise CannotStart(f"CHATELIER_STORAGE_URL cannot be used: {_reason(error)}. See docs/operate.md.") from error


def _folder(url: str) -> Path | None:
    """The folder that ``url`` names, None for a store elsewhere. Raises CannotStart for what is neither."""
    parts = urlsplit(url)
    if not parts.scheme and url.startswith("/"):
        return Path(url)
    if parts.scheme not in _SCHEMES or (parts.scheme == "file" and (parts.netloc or not parts.path.startswith("/"))):
        raise CannotStart(
            "CHATELIER_STORAGE_URL must be like s3://bucket/prefix, gs://bucket, az://container or file:///a/folder."
        )
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def _plain(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts.scheme else url


def _sync(path: Path) -> None:
    """A row is about to count on it."""
    for one in (path, path.parent, path.parent.parent):
        descriptor = os.open(one, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _reason(error: BaseException) -> str:
    """The first line; what follows a question mark may be a signature."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return re.sub(r"\?\S*", "", line)[:300] or type(error).__name__
