"""The OpenAI SDK, at arm's length: clients as we want them, and its failures as our six kinds.

Importing this module imports the SDK, which takes about a second: do it in a thread.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
from openai import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    AsyncAzureOpenAI,
    AsyncOpenAI,
    DefaultAsyncHttpxClient,
    OpenAIError,
)

from chatelier.providers import wire
from chatelier.providers.base import FailureKind, ProviderError
from chatelier.providers.retry_after import retry_after

CONNECT_SECONDS = 5.0
_SECRET = re.compile(r"(sk|key|pk)-[\w*.-]{6,}|Bearer\s+\S+", re.IGNORECASE)
_REFUSALS = ("content_filter", "content_policy_violation", "moderation_blocked")
_NO_CREDIT = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_COME_AGAIN = 5.0  # seconds after which a server that could not be reached may be there


class TooMuch(Exception):
    """The answer passed the size cap."""


class _Capped(httpx2.AsyncByteStream):
    def __init__(self, stream: Any, limit: int) -> None:
        self._stream = stream
        self._left = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self._left -= len(chunk)
            if self._left < 0:
                raise TooMuch
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def open_client(base_url: str, api_key: str, *, max_bytes: int, trust_env: bool, api_version: str = "") -> AsyncOpenAI:
    """A client that never retries, never follows a redirect, and reads at most ``max_bytes`` of any answer.
    Deadlines for reading are the caller's; connecting has CONNECT_SECONDS. ``trust_env`` obeys proxy variables.
    With ``api_version`` it speaks to Azure, where a model is a deployment. Raises ProviderError where the way out
    is closed."""
    wire.check(base_url)

    async def cap(response: httpx2.Response) -> None:
        response.stream = _Capped(response.stream, max_bytes)

    timeout = httpx2.Timeout(None, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS, write=60.0)
    http = DefaultAsyncHttpxClient(
        timeout=timeout, follow_redirects=False, trust_env=trust_env, event_hooks={"response": [cap]}
    )
    options: dict[str, Any] = {
        "api_key": api_key or "none",
        "timeout": timeout,
        "http_client": http,
        "default_headers": {"Accept-Encoding": "identity"},  # the cap counts what is unpacked
    }
    if api_version:
        client: AsyncOpenAI = AsyncAzureOpenAI(
            azure_endpoint=base_url, api_version=api_version, max_retries=0, **options
        )
    else:
        client = AsyncOpenAI(base_url=base_url, max_retries=0, **options)
    # The SDK imports its resources at first touch.
    assert client.chat.completions.with_streaming_response
    assert client.images.with_streaming_response
    assert client.models
    assert client.moderations.with_raw_response
    return client


def failure_of(error: Exception, *, api_key: str) -> ProviderError:
    """Any exception of a call as one of the six kinds; ``detail`` holds no key."""
    found = _failure_of(error)
    found.detail = scrub(found.detail, api_key)
    found.args = (found.detail,)
    return found


def scrub(text: str, api_key: str) -> str:
    return _SECRET.sub("[key]", text.replace(api_key, "[key]") if len(api_key) >= 6 else text)


def _failure_of(error: Exception) -> ProviderError:
    if isinstance(error, ProviderError):
        return error
    if isinstance(error, APIStatusError):
        return _of_status(error)
    if isinstance(error, TooMuch):
        return ProviderError(FailureKind.UNAVAILABLE, "the answer was larger than the cap")
    if isinstance(error, APIConnectionError) and isinstance(error.__cause__, Exception):
        return _of_transport(error.__cause__)
    return _of_transport(error)


def _of_transport(error: Exception) -> ProviderError:
    detail = f"{type(error).__name__}: {error}"[:300]
    if isinstance(error, (httpx2.UnsupportedProtocol, httpx2.InvalidURL, httpx2.LocalProtocolError)):
        return ProviderError(FailureKind.UNAVAILABLE, detail, sent=False)
    if isinstance(error, _NOT_SENT):
        return ProviderError(FailureKind.UNAVAILABLE, detail, sent=False, retry_after=_COME_AGAIN)
    if isinstance(error, httpx2.TimeoutException | TimeoutError):
        return ProviderError(FailureKind.TIMED_OUT, detail)
    if isinstance(error, httpx2.TransportError):
        return ProviderError(FailureKind.UNKNOWN, detail)
    if isinstance(error, APIResponseValidationError | httpx2.HTTPError | OpenAIError | json.JSONDecodeError):
        return ProviderError(FailureKind.UNAVAILABLE, detail)
    raise error


def _of_status(error: APIStatusError) -> ProviderError:
    status, code = error.status_code, str(error.code or "")
    told: dict[str, Any] = {"request_id": error.request_id}
    detail = f"{status} {code}: {error.message}"[:400]
    if code in _REFUSALS:
        return ProviderError(FailureKind.REFUSED, detail, **told)
    if status == 429 and code not in _NO_CREDIT:
        wait = retry_after(error.response.headers)
        return ProviderError(FailureKind.RATE_LIMITED, detail, sent=False, retry_after=wait, **told)
    if status in (401, 402, 403, 429) or status < 400:
        return ProviderError(FailureKind.UNAVAILABLE, detail, sent=False, **told)
    if status < 500 and status != 408:
        return ProviderError(FailureKind.BAD_REQUEST, detail, sent=False, **told)
    return ProviderError(FailureKind.UNAVAILABLE, detail, retry_after=retry_after(error.response.headers), **told)
