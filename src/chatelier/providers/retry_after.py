"""How long a server asks to be left alone: the header Retry-After (RFC 9110), a number of seconds or a date."""

from __future__ import annotations

import email.utils
import math
import time
from collections.abc import Mapping

LONGEST = 3600.0  # seconds; whoever says more is asked again then


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait; None where the header is missing or says nothing that can be understood."""
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, TypeError):
            return None
    return None if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST)
