"""How often somebody may fail to sign in. Counted in memory: a few more tries after a restart do no harm."""

from __future__ import annotations

import asyncio
import ipaddress
import math
import time
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, WeakValueDictionary

from chatelier.errors import TooMany

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import MovingWindowRateLimiter

    from chatelier.services import Services

MINUTES = 15
PER_ACCOUNT = 5  # failures for one account from one network
PER_NETWORK = 20  # failures from one network, whatever the account
LONGEST_ACCOUNT = 254


def network_of(address: str) -> str:
    """What counts as one visitor: an IPv4 address, or the /64 an IPv6 address is in, as one customer gets it whole."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))


class Throttle:
    """Failures of the last 15 minutes. Hold ``turn`` from check to count: attempts from one network are then
    judged one after another, and many at once guess no more often than one by one."""

    def __init__(self, minutes: float = MINUTES) -> None:
        self._seconds = round(minutes * 60)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def turn(self, network: str) -> asyncio.Lock:
        return self._turns.setdefault(network, asyncio.Lock())

    def check(self, account: str, network: str) -> None:
        """Raise TooMany, saying when the next attempt is allowed."""
        for item, key in self._keys(account, network):
            reset, remaining = self._limiter.get_window_stats(item, *key)
            if remaining <= 0:
                wait = max(1, math.ceil(reset - time.time()))
                span = f"{wait} seconds" if wait < 120 else f"{math.ceil(wait / 60)} minutes"
                raise TooMany(f"Too many failed sign-ins. Wait {span} and try again.", retry_after=wait)

    def count(self, account: str, network: str) -> None:
        for item, key in self._keys(account, network):
            self._limiter.hit(item, *key)

    def forgive(self, account: str, network: str) -> None:
        """The right password was given: earlier slips for this account no longer count."""
        item, key = self._keys(account, network)[0]
        self._limiter.clear(item, *key)

    def _keys(self, account: str, network: str) -> list[tuple[RateLimitItem, tuple[str, ...]]]:
        per_account, per_network = self._items
        return [(per_account, (network, account.strip().lower()[:LONGEST_ACCOUNT])), (per_network, (network,))]

    @cached_property
    def _items(self) -> tuple[RateLimitItem, RateLimitItem]:
        from limits import RateLimitItemPerSecond

        return (
            RateLimitItemPerSecond(PER_ACCOUNT, self._seconds, namespace="account"),
            RateLimitItemPerSecond(PER_NETWORK, self._seconds, namespace="network"),
        )

    @cached_property
    def _limiter(self) -> MovingWindowRateLimiter:
        # Imported at the first sign-in: it takes 40 ms that a start can do without.
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        return MovingWindowRateLimiter(MemoryStorage())


def throttle_of(services: Services) -> Throttle:
    """The one of this process."""
    return _throttles.setdefault(services, Throttle())


_throttles: WeakKeyDictionary[Services, Throttle] = WeakKeyDictionary()
