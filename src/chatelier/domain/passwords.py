"""Passwords: which are accepted, and argon2 in threads of its own, so that the event loop never hashes."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from chatelier.errors import Invalid

if TYPE_CHECKING:
    from pwdlib import PasswordHash

SHORTEST = 8
LONGEST = 256
FEWEST_DIFFERENT = 4  # characters

T = TypeVar("T")
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")  # each hash takes 46 MiB while it runs


def check_password(password: str, email: str) -> None:
    """Raise Invalid with a sentence unless the password may be used for the account ``email``."""
    if problem := _problem(password, email):
        raise Invalid(problem, fields={"password": problem})


async def hash_password(password: str) -> str:
    return await _in_thread(lambda: _hasher().hash(password))


async def matches(password: str, password_hash: str | None) -> bool:
    """Whether the password is right. Without a hash to compare with it takes the same time and is wrong."""
    given = password if len(password) <= LONGEST and _encodable(password) else ""
    right = await _in_thread(lambda: _verify(given, password_hash))
    return right and password_hash is not None and given != ""


def _problem(password: str, email: str) -> str | None:
    if len(password) < SHORTEST:
        return f"The password is too short. Use at least {SHORTEST} characters; a few words in a row are good."
    if len(password) > LONGEST:
        return f"The password is too long. Use at most {LONGEST} characters."
    if not _encodable(password):
        return "The password contains characters that cannot be stored. Use others."
    folded = password.casefold()
    if folded in (email, email.partition("@")[0]):
        return "The password must not be the address itself. Choose another one."
    if folded in _common() or len(set(folded)) < FEWEST_DIFFERENT:
        return "This password is among the first that anybody would guess. Choose another one."
    return None


def _encodable(password: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in password)


def _verify(password: str, password_hash: str | None) -> bool:
    decoy = _decoy()
    return _hasher().verify(password, password_hash or decoy)


@cache
def _common() -> frozenset[str]:
    """Those of eight characters and more that every guesser tries first."""
    return frozenset(Path(__file__).with_name("common_passwords.txt").read_text("utf-8").split())


@cache
def _hasher() -> PasswordHash:
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    # One of OWASP's equal choices for argon2id: 46 MiB, one pass, one lane, so one core is busy and not all.
    return PasswordHash((Argon2Hasher(memory_cost=47_104, time_cost=1, parallelism=1),))


@cache
def _decoy() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))


async def _in_thread(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_threads, work)
