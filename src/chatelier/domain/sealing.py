"""Secrets at rest: sealed under a key made from the instance's secret key, which is not in the database."""

from __future__ import annotations

import base64

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
