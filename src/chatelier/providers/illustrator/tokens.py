"""Words of a prompt: split, folded to plain lower case, made singular. Pure and language-blind."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LIMIT = 3000  # words that are read of one prompt; people never write more about one picture

IRREGULAR = {
    "mice": "mouse",
    "geese": "goose",
    "children": "child",
    "people": "person",
    "men": "man",
    "women": "woman",
    "feet": "foot",
    "teeth": "tooth",
    "oxen": "ox",
    "wolves": "wolf",
    "knives": "knife",
    "leaves": "leaf",
    "loaves": "loaf",
    "elves": "elf",
    "calves": "calf",
    "scarves": "scarf",
    "cacti": "cactus",
    "octopi": "octopus",
    "dice": "die",
    "ladies": "lady",
    "pennies": "penny",
    "movies": "movie",
    "cookies": "cookie",
    "pies": "pie",
    "ties": "tie",
    "genies": "genie",
    "brownies": "brownie",
    "zombies": "zombie",
    "shoes": "shoe",
    "canoes": "canoe",
    "toes": "toe",
}
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|[,.;:!?\n()]")
MARKS = frozenset(",.;:!?\n()")


@dataclass(frozen=True, kw_only=True)
class Token:
    """``text`` is folded, ``raw`` as written; a mark is punctuation that ends a phrase."""

    text: str
    raw: str

    @property
    def mark(self) -> bool:
        return self.text in MARKS


def fold(text: str) -> str:
    """Lower case without accents; letters that are no accents (ß, ø) become their usual spelling."""
    text = text.lower().replace("ß", "ss").replace("ø", "o").replace("æ", "ae").replace("œ", "oe")
    return "".join(part for part in unicodedata.normalize("NFKD", text) if not unicodedata.combining(part))


def tokenise(text: str) -> list[Token]:
    found = []
    for match in WORD.finditer(unicodedata.normalize("NFKC", text)):
        raw = match.group()
        plain = fold(raw).replace("’", "'")
        plain = plain[:-2] if plain.endswith("'s") else plain.replace("'", "")
        if plain:
            found.append(Token(text=plain, raw=raw))
        if len(found) >= LIMIT:
            break
    return found


def singulars(word: str) -> tuple[str, ...]:
    """The singulars an English plural may have ("houses": house, hous); empty when it is no plural."""
    if word in IRREGULAR:
        return (IRREGULAR[word],)
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return ()
    if word.endswith("ies"):
        return (word[:-3] + "y", word[:-1])
    if word.endswith(("ses", "xes", "zes", "ches", "shes", "oes")):
        return (word[:-1], word[:-2])
    return (word[:-1],)


PLURALS = {one: many for many, one in IRREGULAR.items()}


def plural(words: str) -> str:
    """The English plural of a label: "red fox" gives "red foxes"."""
    head, _, last = words.rpartition(" ")
    if last in PLURALS:
        last = PLURALS[last]
    elif last in ("fish", "sheep", "deer", "shrimp", "salmon", "glasses", "people") or (
        last.endswith("s") and singulars(last)
    ):
        pass
    elif last.endswith(("s", "x", "z", "ch", "sh")):
        last += "es"
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        last = last[:-1] + "ies"
    else:
        last += "s"
    return f"{head} {last}".strip()
