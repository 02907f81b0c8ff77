"""What tests of both kinds of painting servers do alike: ask, expect a result, and go through the ways to fail."""

from __future__ import annotations

from typing import Any

import pytest

from chatelier.errors import ChatelierError
from chatelier.providers.base import FailureKind, ImageProvider, ImageRequest, ImageResult, Kind, ProviderError, Size
from chatelier.storage.imaging import keep_produced
from tests.providers.contract import CAPS, collect

SMALL = Size(width=64, height=64)
MOST_BYTES = 5_000_000  # for the fault "huge"
# fault of the stub, its kind, whether it was sent, what the detail says
Fault = tuple[str, FailureKind, bool, str]
OF_BOTH: tuple[Fault, ...] = (
    ("page", FailureKind.UNAVAILABLE, True, "no PNG"),
    ("svg", FailureKind.UNAVAILABLE, True, "no PNG"),
    ("huge", FailureKind.UNAVAILABLE, True, "larger than"),
    ("cut", FailureKind.UNKNOWN, True, ""),
    ("empty", FailureKind.UNAVAILABLE, True, "without an image"),
    ("429", FailureKind.RATE_LIMITED, False, ""),
    ("404", FailureKind.BAD_REQUEST, False, ""),
)


def ways_to_fail(*own: Fault) -> pytest.MarkDecorator:
    """Those that both kinds of servers know, and a kind's own."""
    return pytest.mark.parametrize("fault", [*OF_BOTH, *own], ids=lambda fault: fault[0])


def asked(prompt: str = "a cat", **values: Any) -> ImageRequest:
    fields: dict[str, Any] = {"kind": Kind.GENERATE, "size": SMALL, "seed": 5, **values}
    return ImageRequest(prompt=prompt, **fields)


async def result(provider: ImageProvider, request: ImageRequest) -> ImageResult:
    last = (await collect(provider.paint(request)))[-1]
    assert isinstance(last, ImageResult)
    return last


async def failure(provider: ImageProvider, request: ImageRequest | None = None) -> ProviderError:
    with pytest.raises(ProviderError) as failed:
        await collect(provider.paint(request or asked()))
    return failed.value


async def fails_so(provider: ImageProvider, fault: Fault) -> None:
    _, kind, sent, says = fault
    failed = await failure(provider)
    assert (failed.kind, failed.sent, failed.billed) == (kind, sent, False)
    assert says in failed.detail


async def is_refused_by_the_store(provider: ImageProvider) -> None:
    """What passes an adapter by its first bytes is looked at again before it is kept."""
    (image,) = (await result(provider, asked())).images
    with pytest.raises(ChatelierError):
        keep_produced(image.content, source_type="algorithmicMedia", **CAPS)
