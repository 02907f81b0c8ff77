"""A subject that only points: what it stands for was said before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatelier.domain.intent import context
from chatelier.domain.intent.model import Turn
from chatelier.domain.intent.reading import has_no_spaces
from chatelier.domain.intent.tokens import fold

SAYS_NOTHING = frozenset(
    """
        the that this it its him her them one ones go on then and so is are was do look looks sounds amazing great nice
        lovely good idea please now me see show wonderful beautiful cool fun mal den die das es ihn sie le la les lo las
        los eso ça isso ele ela um uma un una ein eine
    """.split()
)
POINTS = re.compile(
    r"\A(?:(?:it|he|she|they|that|this)\s+(?:all\s+)?(?:(?:would|might|could|will|does|do|did)\s+)?looks?\s+like"
    r"|(?:it|him|her|them|one)(?=\s+(?:\w+ing|with|in|on|at|as|from|under|like)\b)|one\s+of\s+(?:them|those|these))\b",
    re.IGNORECASE,
)
# "Their logo", "a table like that", "the main character": a thing of the talk, by whatever name.
REFERS = re.compile(
    r"""\A(?:his|her|their|its|your)\s+(?!majesty)\w
      |\A(?:the|this|that)\s+(?:(?:whole|final|finished|main|same|entire|little)\s+)?(?:place|character|scene|room|shop|store
        |creature|animal|hero|heroine|house|garden|band|team|story|book|poem|idea|party|dish|meal|outfit|costume|layout|setup
        |setting|city|town|village|world|space|building|guy|man|woman|girl|boy|kid|couple|family|product|thing|result|menu
        |protagonist|villain|mascot|winner|ending|moment|event|view|label|sign|cover|logo)\b
      |\b(?:for|of|from|in|at)\s+(?:the|this|that)\s+(?:place|character|scene|shop|band|team|story|book|poem|party|event
        |game|song|recipe|brand|company|club)\Z
      |\b(?:like|such\ as|as)\s+(?:that|this|it|those|these|you\ (?:said|described|say)|described)\b
      |\b(?:of|with|for)\s+(?:him|her|them|it|that|those|these|both|all\ of\ (?:them|it))\Z""",
    re.IGNORECASE | re.VERBOSE,
)
SHORT = 7  # characters of a subject in Chinese or Japanese that may only point


def completed(prompt: str, text: str, history: Sequence[Turn]) -> str:
    """The prompt, taken from ``text``, with what was said before when it has no word of its own: "that hut sounds
    amazing", after a talk about the hut."""
    if prompt.lower() not in " ".join(text.lower().split()):
        return prompt  # what it points at is in it
    rest = POINTS.sub("", prompt, count=1)
    if rest != prompt:  # "it look like finished", "one looking at the stars"
        return ", ".join(filter(None, (context.antecedent(history), rest.strip(" ,"))))
    if REFERS.search(prompt):
        return ", ".join(filter(None, (prompt, context.antecedent(history))))
    spaceless = has_no_spaces(text)
    words = set(re.findall(r"\w{2,}", fold(prompt))) - SAYS_NOTHING
    if len(prompt) > SHORT if spaceless else not all(context.mentioned(history, [word]) for word in words):
        return prompt
    place = position(text)
    said = context.listed(history, place) if place else context.antecedent(history)
    kept = "" if spaceless or not words else prompt
    return ", ".join(filter(None, (kept, said))) if said else prompt


def position(text: str) -> int | None:
    """Of an item of a list, in Chinese and Japanese; None in other languages."""
    if not has_no_spaces(text):
        return None
    from chatelier.domain.intent import cjk  # its patterns cost a fifth of the start, and few need them

    return cjk.position(text)
