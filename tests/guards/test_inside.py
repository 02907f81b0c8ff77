"""No test reaches outside this machine: providers refuse to, and any other library's try is an error."""

from __future__ import annotations

import os
import sys

import pytest

from chatelier.providers import wire
from chatelier.providers.base import ProviderError


def test_the_way_out_is_closed() -> None:
    with pytest.raises(ProviderError, match="is outside"):
        wire.check("https://api.openai.com/v1")
    assert os.environ["CHATELIER_OFFLINE"] == "true"  # for children
    for address in ("1.1.1.1", "2606:4700:4700::1111", "example.org"):
        with pytest.raises(RuntimeError, match="reached outside"):
            sys.audit("socket.connect", None, (address, 443))
    for address in ("127.0.0.1", "::1", "192.168.1.2"):
        sys.audit("socket.connect", None, (address, 443))
