"""Tokens of sign-in sessions and API keys: random, known to us only as SHA-256, looked up at most each 30 seconds."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING
from uuid import UUID
from weakref import WeakKeyDictionary

from chatelier.db.listen import Hub, Subscription
from chatelier.db.models import User
from chatelier.domain.events import user_topic

if TYPE_CHECKING:
    from chatelier.services import Services

KEEP_SECONDS = 30.0
MOST_ENTRIES = 4096  # a credential each
NOW = 0.0

Load = Callable[[bytes], Awaitable[User | None]]


async def find_owner(services: Services, token: str, load: Load) -> User | None:
    """Whose token this is: as read by ``load`` (from the token's digest) within the last 30 seconds."""
    cache = _caches.get(services)
    if cache is None:
        cache = _caches[services] = UserCache(services.hub)
    return await cache.find(digest(token), load)


def new_token() -> str:
    """32 random bytes, safe in a cookie and a header."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True)
class _Entry:
    user: User
    until: float  # on the monotonic clock
    watch: Subscription
    close: Callable[[], None]


class UserCache:
    """Whose a credential is, as this process last read it. Publishing ``user:<id>`` drops it: here with the commit, so
    that who changed something is not answered from before, elsewhere when the hub hears of it. While the hub does not
    listen nothing is kept. The users in it are snapshots: read them, change rows by id."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._entries: dict[bytes, _Entry] = {}

    async def find(self, key: bytes, load: Load) -> User | None:
        entry = self._entries.get(key)
        if entry and entry.until > monotonic() and self._hub.alive and not await entry.watch.wait(NOW):
            return entry.user
        self._drop(key)
        user = await load(key)
        if user is None or not self._hub.alive:
            return user
        return await self._keep(key, user.id, load)

    async def _keep(self, key: bytes, user_id: UUID, load: Load) -> User | None:
        """Watch first, then read again: a change between the first reading and the watch would never be heard."""
        with ExitStack() as stack:
            watch = stack.enter_context(self._hub.subscribe(user_topic(user_id), at_once=True))
            user = await load(key)
            if user is None or user.id != user_id:
                return user
            self._drop(key)
            if len(self._entries) >= MOST_ENTRIES:
                self._drop(next(iter(self._entries)))
            self._entries[key] = _Entry(user, monotonic() + KEEP_SECONDS, watch, stack.pop_all().close)
            return user

    def _drop(self, key: bytes) -> None:
        if entry := self._entries.pop(key, None):
            entry.close()


_caches: WeakKeyDictionary[Services, UserCache] = WeakKeyDictionary()
