"""Steps back: "undo", "go back to #2", "use the first one again". Nothing is painted: an earlier image becomes the
current one again. Only whole messages count; "bring back the first one but at night" is a change."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatelier.domain.intent import references
from chatelier.domain.intent.model import Turn

LONGEST = 90  # characters
NOUN = r"(?:one|image|picture|version|photo|pic|drawing|painting|try|attempt|design|state)"
ORDINAL = r"(?:first|second|third|fourth|fifth|1st|2nd|3rd|4th|5th|original|previous|earlier|former|prior|last|old)"
NAMED = (
    rf"(?:\#\d{{1,6}}|(?:the|my)\s+{ORDINAL}(?:\s+{NOUN})?|{NOUN}\s+\#?\d{{1,4}}|how\s+it\s+was(?:\s+before)?|before)"
)
POLITE = r"(?:please|pls|plz|ok(?:ay)?|no|nope|hmm+|actually|sorry|now|just|can\s+you|could\s+you|let'?s|i\s+want\s+to)"
CHANGE = (
    r"(?:that|this|it|(?:the|that|this|my|your)\s+(?:last\s+|latest\s+|previous\s+)?(?:change|edit|step|one|thing))"
)
ENGLISH = rf"""
    (?:undo|revert|roll\s*back|reverse|take\s+back|cancel\s+(?=that|this|the))
        (?:\s+{CHANGE})?(?:\s+(?:back\s+)?to\s+{NAMED})?
  | (?:(?:go|switch|step)|(?:change|turn|put|take|bring|set|move)\s+(?:it|me))\s+back
        (?:\s+(?:to\s+)?(?:{NAMED}|one\s+step|a\s+step|one\s+version|a\s+version))?
  | back\s+to\s+{NAMED} | back\s+one(?:\s+step)? | one\s+(?:step|version)\s+back
  | (?:restore|bring\s+back|return\s+to|revert\s+to|switch\s+to)\s+{NAMED}
  | (?:use|take|keep)\s+{NAMED}\s+again
  | make\s+{NAMED}\s+(?:the\s+)?current(?:\s+(?:one|image|picture))?(?:\s+again)?
  | i\s+(?:liked|preferred|prefer|want|wanted)\s+(?:the\s+)?(?:previous|earlier|last|old|original|first)
        (?:\s+{NOUN})?\s+(?:better|more|back)
  | ctrl\W?z"""
ROMANCE = r"""
    desh[aá](?:z|cer)(?:lo)?(?:\s+eso)? | vuelve\s+(?:atr[aá]s|a\s+la\s+(?:anterior|versi[oó]n\s+anterior|primera))
  | annule[rz]?(?:\s+[çc]a)?
  | reviens\s+(?:en\s+arri[eè]re|[àa]\s+la\s+(?:version\s+)?pr[ée]c[ée]dente)
  | desfa(?:z|zer|ça)(?:\s+isso)?
  | volt[ae]r?\s+(?:atr[aá]s|para\s+a\s+(?:anterior|vers[aã]o\s+anterior|primeira))"""
GERMAN = r"""
    (?:mach(?:e)?\s+(?:das|es)\s+)?r[üu]ckg[äa]ngig(?:\s+machen)?
  | zur[üu]ck\s+zu(?:r|m)?\s+(?:\#\d+|(?:vorherigen|letzten|ersten)(?:\s+\w+)?)"""
CHINESE_JAPANESE = r"""
    (?:元に戻して|取り消して?|(?:一つ)?前の(?:画像|バージョン|もの)に戻して)(?:ください)?
  | 撤[销銷](?:一下)? | (?:恢复|恢復|回到|返回)(?:上一?个|上一?張|上一?张|之前的?|上一?步)(?:版本|图片|圖片)?"""
AFTER = r"(?:please|pls|again|instead|por\s+favor|s'?il\s+(?:te|vous)\s+pla[iî]t|bitte)"
BACK = re.compile(
    rf"\W*?(?:{POLITE}\W+){{0,3}}(?:{ENGLISH} | {ROMANCE} | {GERMAN} | {CHINESE_JAPANESE})(?:\W+{AFTER})?\W*",
    re.IGNORECASE | re.VERBOSE,
)
NTH = re.compile(rf"\b({ORDINAL})\b", re.IGNORECASE)
NUMBER = re.compile(rf"(?:\#|{NOUN}\s+)(\d{{1,6}})", re.IGNORECASE)
BEFORE = ("previous", "earlier", "former", "prior", "last", "old")  # the one that the current one was made from


def is_step_back(text: str) -> bool:
    return len(text) <= LONGEST and bool(BACK.fullmatch(text))


def step_back(text: str, history: Sequence[Turn], current: Turn) -> Turn:
    """The image to go back to: ``current`` itself when nothing was before it. Raises NoSourceImage for a handle
    that is not there."""
    there = references.images(history)
    number = NUMBER.search(text)
    if number:
        return references.by_handles([f"#{int(number[1])}"], there).turns[0]
    nth = NTH.search(text)
    if nth and nth[1].lower() not in BEFORE:
        index = references.ORDINALS[nth[1].lower()]
        if index < len(there):
            return there[index]
    return _parent(there, current)


def _parent(there: Sequence[Turn], current: Turn) -> Turn:
    """What the current image was made from, else the one before it, else itself."""
    made_from = next((turn for turn in there if current.parent is not None and turn.handle == current.parent), None)
    place = next(at for at, turn in enumerate(there) if turn is current)
    return made_from or there[max(place - 1, 0)]
