"""HTTP to a painting server that the operator runs: one client, answers read under a cap, failures as our six kinds.

Its address is the operator's own choice and may be private; redirects are not followed, since they would lead
elsewhere. Importing this module imports the HTTP library: do it in a thread, at first use.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx2

from chatelier.providers.base import FailureKind, ProviderError
from chatelier.providers.retry_after import retry_after

CONNECT_SECONDS = 5.0
_SHOWN = 400  # characters of an answer in a failure's detail
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
_UNUSABLE = (httpx2.InvalidURL, httpx2.LocalProtocolError)


class StatusError(ProviderError):
    """The server answered with another status than 2xx; ``body`` is its JSON, or None."""

    status = 0
    body: Any = None


class StudioHttp:
    """``headers`` go out with each request. No answer is read beyond ``max_bytes``."""

    def __init__(self, base_url: str, *, headers: Mapping[str, str], max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._client = httpx2.AsyncClient(
            base_url=base_url.rstrip("/") + "/",
            headers={**headers, "Accept-Encoding": "identity"},  # the cap counts what is unpacked
            timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS, write=60.0),
            follow_redirects=False,
            trust_env=False,  # a proxy for the internet does not reach the operator's own server
            limits=httpx2.Limits(max_connections=20, keepalive_expiry=4.0),
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def get(self, path: str, *, seconds: float = 20.0, max_bytes: int | None = None, **params: str) -> Any:
        """JSON. Raises ProviderError, as all calls here do."""
        return await self._parsed(await self._read("GET", path, seconds, max_bytes, params=params))

    async def get_bytes(self, path: str, params: Mapping[str, str], *, seconds: float = 60.0) -> bytes:
        return await self._read("GET", path, seconds, None, params=params)

    async def post(self, path: str, body: Mapping[str, Any] | None = None, *, seconds: float = 20.0) -> Any:
        """JSON in, JSON out; None where the answer is empty."""
        content = await asyncio.to_thread(lambda: json.dumps(body).encode()) if body is not None else b""
        headers = {"Content-Type": "application/json"} if content else {}
        return await self._parsed(await self._read("POST", path, seconds, None, content=content, headers=headers))

    async def upload(self, path: str, content: bytes, name: str, media_type: str, **fields: str) -> Any:
        """A multipart form with one file named ``image``."""
        files = {"image": (name, content, media_type)}
        return await self._parsed(await self._read("POST", path, 60.0, None, files=files, data=fields))

    async def _read(self, method: str, path: str, seconds: float, max_bytes: int | None, **options: Any) -> bytes:
        try:
            async with asyncio.timeout(seconds):
                async with self._client.stream(method, path, **options) as response:
                    content = await self._capped(response, max_bytes or self._max_bytes)
        except Exception as error:
            raise _of_transport(error) from None  # a traceback with its values would show the password
        if response.is_success:
            return content
        raise _of_status(response, content)

    async def _capped(self, response: httpx2.Response, limit: int) -> bytes:
        pieces, left = [], limit
        async for piece in response.aiter_bytes():
            left -= len(piece)
            if left < 0:
                raise ProviderError(FailureKind.UNAVAILABLE, f"the answer was larger than {limit:,} bytes")
            pieces.append(piece)
        return b"".join(pieces)

    async def _parsed(self, content: bytes) -> Any:
        if not content.strip():
            return None
        try:
            return await asyncio.to_thread(json.loads, content)
        except (ValueError, RecursionError):
            shown = content[:80].decode(errors="replace")
            raise ProviderError(FailureKind.UNAVAILABLE, f"the answer is not JSON: {shown!r}") from None


def refusal(body: Any) -> str:
    """What a server says is wrong, in words: FastAPI's ``detail``, or the ``error`` of WebUI."""
    if not isinstance(body, Mapping):
        return ""
    detail = body.get("detail")
    if isinstance(detail, list):  # one object for each wrong field
        found = [item for item in detail if isinstance(item, Mapping)]
        return "; ".join(f"{'.'.join(map(str, item.get('loc', ())[1:]))}: {item.get('msg', '')}" for item in found)
    said = [body.get("error"), detail, body.get("errors")]
    return ": ".join(str(part) for part in said if part and isinstance(part, str))


def _of_transport(error: Exception) -> ProviderError:
    detail = f"{type(error).__name__}: {error}"[:_SHOWN]
    if isinstance(error, ProviderError):
        return error
    if isinstance(error, (*_NOT_SENT, *_UNUSABLE)):
        return ProviderError(FailureKind.UNAVAILABLE, detail, sent=False)
    if isinstance(error, httpx2.TimeoutException | TimeoutError):
        return ProviderError(FailureKind.TIMED_OUT, detail)
    if isinstance(error, httpx2.TransportError):
        return ProviderError(FailureKind.UNKNOWN, detail)
    if isinstance(error, httpx2.HTTPError | httpx2.StreamError):
        return ProviderError(FailureKind.UNAVAILABLE, detail)
    raise error


def _of_status(response: httpx2.Response, content: bytes) -> StatusError:
    status = response.status_code
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    detail = f"{status}: {refusal(body) or content[:_SHOWN].decode(errors='replace')}"
    failed = _judged(status, detail[:_SHOWN])
    failed.status, failed.body = status, body
    if status == 429:
        failed.retry_after = retry_after(response.headers)
    return failed


def _judged(status: int, detail: str) -> StatusError:
    if status == 429:
        return StatusError(FailureKind.RATE_LIMITED, detail, sent=False)
    if status in (401, 403):
        hint = "the server wants a user name and password, or others"
        return StatusError(FailureKind.UNAVAILABLE, f"{detail} ({hint})", sent=False)
    if status < 400:
        hint = "redirects are not followed: configure the address it leads to"
        return StatusError(FailureKind.UNAVAILABLE, f"{detail} ({hint})", sent=False)
    if status < 500 and status != 408:
        return StatusError(FailureKind.BAD_REQUEST, detail, sent=False)
    return StatusError(FailureKind.UNAVAILABLE, detail)
