"""Options that only some providers have (steps, sampler and the like): read without knowing which, then checked
against what the chosen one declares. All here is pure."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping

from chatelier.providers.base import Capabilities, ExtraOption, OptionKind

Value = str | int | float

MAX_EXTRA = 20
MAX_WORDS = 200
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_LARGEST = 2**53  # beyond, a number is not the same in every program


def read_extra(value: object) -> dict[str, Value] | None:
    """Values by the option's name, None where none is said. Raises ValueError with a sentence."""
    if not isinstance(value, Mapping) or len(value) > MAX_EXTRA:
        raise ValueError('extra gives values by name, at most 20 of them, as in {"steps": 30}.')
    read = {_name(name): _value(name, said) for name, said in value.items() if said is not None}
    return read or None


def from_words(text: str) -> Value:
    """What somebody wrote into a flag or a form: a number where it is written as one."""
    text = text.strip()
    if WHOLE.fullmatch(text):
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def check_extra(extra: Mapping[str, Value], capabilities: Capabilities) -> dict[str, str]:
    """A sentence by name for each value that the provider does not offer."""
    declared = {option.name: option for option in capabilities.extra_options}
    wrong: dict[str, str] = {}
    for name, value in extra.items():
        if name not in declared:
            known = f" It has {', '.join(declared)}." if declared else ""
            wrong[name] = f"This provider has no option {name}.{known}"
        elif sentence := _mismatch(declared[name], value):
            wrong[name] = sentence
    return wrong


def _name(name: object) -> str:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError("The name of an extra option is one word in small letters, as in steps.")
    return name


def read_words(value: str) -> str:
    """One line without control characters."""
    return " ".join("".join(c for c in value if c.isspace() or unicodedata.category(c)[0] != "C").split())


def _value(name: object, value: object) -> Value:
    if isinstance(value, str):
        words = read_words(value)
        if words and len(words) <= MAX_WORDS:
            return words
    elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST:  # not NaN either
        return value
    raise ValueError(f"{name} is a number, or words of 1 to {MAX_WORDS} characters.")


def _mismatch(option: ExtraOption, value: Value) -> str:
    if option.kind is OptionKind.CHOICE:
        known = {choice.lower() for choice in option.choices}
        if not isinstance(value, str) or (known and value.lower() not in known):
            shown = ", ".join(option.choices[:30]) or "one of the provider's"
            return f"{option.label} {str(value)[:40]} is not offered here. Choose {shown}."
        return ""
    is_number = isinstance(value, int | float) and (option.kind is OptionKind.NUMBER or value == int(value))
    if is_number and option.lowest <= float(value) <= option.highest:
        return ""
    what = "a whole number" if option.kind is OptionKind.WHOLE else "a number"
    return f"{option.label} is {what} from {option.lowest:g} to {option.highest:g}, not {str(value)[:40]}."
