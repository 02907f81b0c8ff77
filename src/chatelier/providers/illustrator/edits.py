"""Changes a scene by an instruction, and leaves everything else as it is; says what it could not do."""

from __future__ import annotations

import re
from dataclasses import replace

from chatelier.providers.illustrator.clauses import Clause, clauses
from chatelier.providers.illustrator.edit_counts import read_counts
from chatelier.providers.illustrator.edit_frame import read_frame
from chatelier.providers.illustrator.edit_look import read_ambient_words, read_shades, read_tint, read_weather
from chatelier.providers.illustrator.edit_moves import read_move
from chatelier.providers.illustrator.edit_removals import leave_only, remove
from chatelier.providers.illustrator.edit_texts import read_texts
from chatelier.providers.illustrator.edit_things import add, make, turn
from chatelier.providers.illustrator.edited import Edited, found
from chatelier.providers.illustrator.layout import Box
from chatelier.providers.illustrator.scene import Scene
from chatelier.providers.illustrator.tokens import Token
from chatelier.providers.illustrator.words import read, unknown_words

# What only says that the rest stays.
KEPT = (
    r"^(?:please )?(?:but |and |while )?(?:do not|dont|never) (?:change|touch|alter|move|modify)\b"
    r"|^(?:but |and |while )?(?:please )?"
    r"(?:keep|keeping|leave|leaving|preserve)\b(?!.*\b(?:only|just)\b)(?!.*\bout\b)|\b(?:stays?"
    r"|remains?) (?:the same|as)\b|^(?:the )?same (?:image|picture|scene|one)$"
    r"|^(?:everything|all)(?: the)? (?:else|rest)\b|^same$|^the rest\b"
)
# What only names what a later clause speaks of: "I don't like the trees, remove them".
REMARK = (
    r"^i (?:really )?(?:do not|dont|dislike|hate)\b(?!.*\bwant)"
    r"|\b(?:is|are|its|looks?) (?:too|not|wrong|weird|off|ugly)\b"
)
TOO = {
    "small": "bigger", "little": "bigger", "tiny": "bigger", "big": "smaller", "large": "smaller", "huge": "smaller",
    "dark": "brighter", "bright": "darker", "light": "darker", "pale": "vibrant", "dull": "vibrant", "cold": "warmer",
    "warm": "cooler", "colorful": "muted", "colourful": "muted", "vibrant": "muted", "far": "closer",
}  # fmt: skip
SHAPE = (
    r"(?:\b(?:in|to|as|into)\s+)?(?:\ban?\s+)?(?:\b(?:aspect\s+)?ratio\s+(?:of\s+)?)?(?<![\d:])\d{1,2}\s*[:x×/]\s*\d{1,2}(?![\d:])"
    r"(?:\s*(?:aspect\s+)?(?:ratio|format))?|\b(?:square|portrait|landscape|vertical|horizontal|widescreen)\s+(?:format|orientation|mode"
    r"|aspect\s+ratio|crop|shape|version|image|picture)\b|\b(?:make|crop)\s+(?:it|this|the\s+\w+)\s+(?:to\s+)?(?:a\s+)?square\b|^\s*square\s*$"
)
SHAPING = r"(?:\b(?:make|crop|cut|turn|change) (?:it|this|that|the \w+) (?:in)?(?:to )?(?:an? )?)?"
ANY_SHAPE = (
    r"\b(?:in|to|as|into)?\s*(?:an?\s+)?(?:square|portrait|landscape|vertical|horizontal|widescreen|wide|panorama|panoramic)\b"
    r"|\b(?:as\s+)?(?:an?\s+)?(?:desktop\s+|phone\s+)?wallpaper\b|\b(?:for\s+)?(?:instagram|a\s+story|stories|phone)\b"
)


def edit(scene: Scene, instruction: str, area: Box | None = None, *, reshaped: bool = False) -> Edited:
    """``area`` is the part that a mask allows to change, in shares of the composition. ``reshaped``: the picture gets
    another shape by an option, so words for shapes are about that and not about a landscape or a portrait."""
    edited = Edited(scene=scene, area=area)
    rest = read_texts(edited, instruction)
    rest = _shaped(edited, rest, reshaped=reshaped)
    tokens, _ = read(rest.replace("&", " and "), orders=True)
    parts = clauses(tokens)
    if len(parts) == 1 and " too " in f" {parts[0].text} ":
        parts = clauses(_turned_round(tokens))
    for clause in parts:
        if len(parts) == 1 or not re.search(REMARK, clause.text):
            _apply(edited, clause)
        named = [thing.id for span in clause.spans for thing in found(edited.scene, span)]
        edited.spoken = named or edited.spoken
    edited.scene = replace(edited.scene, edits=(*edited.scene.edits, instruction[:500])[-40:])
    return edited


def _shaped(edited: Edited, text: str, *, reshaped: bool) -> str:
    """Without the words for the picture's shape, which is an option's business."""
    left = without_shapes(text, reshaped=reshaped)
    if left == text:
        return text
    if reshaped:
        edited.changed += 1
    else:
        edited.note("The picture has that shape already.")
    return left


def without_shapes(text: str, *, reshaped: bool) -> str:
    shapes = rf"{SHAPING}(?:{SHAPE}{f'|{ANY_SHAPE}' if reshaped else ''})"
    return re.sub(shapes, " ", text, flags=re.IGNORECASE)


def _turned_round(tokens: list[Token]) -> list[Token]:
    """ "The dog is too small": it should be bigger."""
    out: list[Token] = []
    for at, token in enumerate(tokens):
        before = tokens[at - 1].text if at else ""
        if before == "too" and token.text in TOO:
            out[-1] = Token(text=TOO[token.text], raw=f"too {token.raw}")
        else:
            out.append(token)
    return out


def _apply(edited: Edited, clause: Clause) -> None:
    if re.search(KEPT, clause.text):
        return
    before, told = edited.changed, len(edited.notes)
    whole = " ".join(token.raw for token in clause.tokens)[:80]
    for reader in (read_frame, read_weather, read_tint, read_shades, read_counts):
        clause = reader(edited, clause)
    used: set[int] = set()
    if not leave_only(edited, clause):
        used = _changed(edited, clause)
    if edited.changed == before and len(edited.notes) == told:
        covered = {at for span in clause.spans for at in range(span.start, span.end)} | used
        left = unknown_words(clause.tokens, covered) or [" ".join(token.raw for token in clause.tokens)[:80]]
        edited.not_understood.extend(words for words in left if words)
        edited.undone.append(whole)


def _changed(edited: Edited, clause: Clause) -> set[int]:
    """Does what the clause's verb says; answers which words said something of the light."""
    before = edited.changed
    if clause.verb == "remove":
        remove(edited, clause)
        absent = [span for span in clause.spans if span.icon and not found(edited.scene, span)]
        if edited.changed == before:
            for span in absent:
                edited.missing(span.label, many=span.plural)
        return set()
    swapped = clause.verb == "turn" and re.search(r"\b(?:swap|switch|exchange)\b.* and ", clause.text)
    if (clause.verb == "move" or swapped) and read_move(edited, clause):
        return set()
    {"add": add, "turn": turn}.get(clause.verb, make)(edited, clause)
    if edited.changed == before and clause.verb in ("make", "") and clause.spans and read_move(edited, clause):
        return set()
    return read_ambient_words(edited, clause)
