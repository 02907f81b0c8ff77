"""Secrets at rest: keys of providers under a key made from the instance's secret key, which is not in the database;
that secret key itself, in a backup, under a passphrase."""

from __future__ import annotations

import base64
import os
import unicodedata
from collections.abc import Mapping

SCRYPT = {"n": 2**17, "r": 8, "p": 1}  # 128 MB and about half a second for each guess
MOST_SCRYPT = {"n": 2**20, "r": 16, "p": 4}  # what a file may ask for
IN_BACKUP = b"chatelier: secret key in a backup"
PURPOSE = b"chatelier: keys of providers"


class Unreadable(Exception):
    """It was sealed under another secret key, or changed since."""


def seal(secret_key: bytes, text: str) -> bytes:
    from cryptography.fernet import Fernet

    return Fernet(_key(secret_key)).encrypt(text.encode())


def unseal(secret_key: bytes, sealed: bytes) -> str:
    from cryptography.fernet import Fernet, InvalidToken

    try:
        return Fernet(_key(secret_key)).decrypt(sealed).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _key(secret_key: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret_key)
    return base64.urlsafe_b64encode(derived)


def seal_under(passphrase: str, secret: bytes) -> dict[str, str | int]:
    """For a backup's head. Takes half a second: not on the event loop."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = os.urandom(16), os.urandom(12)
    sealed = AESGCM(_stretched(passphrase, salt, SCRYPT)).encrypt(nonce, secret, IN_BACKUP)
    return {**SCRYPT, "salt": salt.hex(), "nonce": nonce.hex(), "sealed": sealed.hex()}


def unseal_under(passphrase: str, kept: Mapping[str, str | int]) -> bytes:
    """Raises Unreadable for another passphrase, and for what ``seal_under`` did not make."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        cost = {name: int(kept[name]) for name in SCRYPT}
        if any(not 1 <= cost[name] <= most for name, most in MOST_SCRYPT.items()):
            raise Unreadable
        salt, nonce, sealed = (bytes.fromhex(str(kept[name])) for name in ("salt", "nonce", "sealed"))
        return AESGCM(_stretched(passphrase, salt, cost)).decrypt(nonce, sealed, IN_BACKUP)
    except (InvalidTag, KeyError, ValueError, TypeError) as error:
        raise Unreadable from error


def _stretched(passphrase: str, salt: bytes, cost: Mapping[str, int]) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    words = unicodedata.normalize("NFC", passphrase).encode()
    return Scrypt(salt=salt, length=32, **cost).derive(words)
