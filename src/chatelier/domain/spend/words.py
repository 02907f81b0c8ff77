"""Money to the last micro-unit, and numbers of things."""

from __future__ import annotations

SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


def exact(micros: int, currency: str) -> str:
    """To the last micro-unit, with cents at least: $1,204.50, $0.000317."""
    fraction = f"{micros % 1_000_000:06d}".rstrip("0").ljust(2, "0")
    return f"{SIGNS.get(currency, currency + ' ')}{micros // 1_000_000:,}.{fraction}"


def counted(number: int, one: str) -> str:
    """1 picture, 1,204 pictures."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"
