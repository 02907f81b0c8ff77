"""What servers write into Retry-After, and how long is waited."""

from __future__ import annotations

import email.utils
import time

import pytest

from chatelier.providers.retry_after import LONGEST, retry_after


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("7", 7.0), ("1.5", 1.5), ("-3", 0.0), ("99999", LONGEST), ("inf", LONGEST), ("nan", None), ("soon", None)],
)
def test_seconds_are_waited_within_reason_and_nonsense_is_not(written: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": written}) == seconds


def test_a_date_is_waited_for() -> None:
    wait = retry_after({"retry-after": email.utils.formatdate(time.time() + 600, usegmt=True)})
    assert wait is not None
    assert 0 < wait <= 600
    assert retry_after({"retry-after": "Fri, 01 Jan 2021 00:00:00 GMT"}) == 0
    assert retry_after({}) is None
