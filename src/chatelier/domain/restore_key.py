"""The secret key of a restored instance: the one at hand where it is the right one, else that of the backup."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chatelier.config import Settings
from chatelier.domain.sealing import Unreadable, unseal_under
from chatelier.errors import CannotStart, Invalid
from chatelier.services import find_secret_key, fingerprint_of, replace_secret_key

ASIDE = "before-restore"
WRONG = "This is not the passphrase that the backup was made with. Nothing was restored."
OTHER_KEY = (
    "CHATELIER_SECRET_KEY is not the key of this backup. Set it to the old key, or unset it, and restore again. "
    "Nothing was changed."
)


@dataclass(kw_only=True)
class Key:
    """``secret`` is put into the data folder; None: nothing is. ``is_lost``: what was sealed under it is lost too."""

    settings: Settings = field(repr=False)
    secret: bytes | None = field(default=None, repr=False)
    is_lost: bool = False

    async def put_in_place(self) -> None:
        """Whole or not at all; a key of the empty instance that was here steps aside."""
        if self.secret is not None:
            await asyncio.to_thread(replace_secret_key, self.settings, self.secret, ASIDE)


def choose_key(settings: Settings, head: dict[str, Any], ask: Callable[[], str], *, without: bool) -> Key:
    """``ask`` gives the passphrase and is called only where one is needed; ``without`` gives up what was sealed.
    Raises Invalid for a wrong one."""
    fingerprint, sealed = head.get("fingerprint"), head.get("secret_key")
    at_hand = find_secret_key(settings)
    if fingerprint is None or (at_hand is not None and fingerprint_of(at_hand) == fingerprint):
        return Key(settings=settings)
    if without or not isinstance(sealed, dict):
        return Key(settings=settings, is_lost=True)
    if settings.secret_key:
        raise CannotStart(OTHER_KEY)
    try:
        secret = unseal_under(ask(), sealed)
    except Unreadable as error:
        raise Invalid(WRONG) from error
    if fingerprint_of(secret) != fingerprint:
        raise Invalid(WRONG)
    return Key(settings=settings, secret=secret)
