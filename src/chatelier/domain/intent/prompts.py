"""Prompts in the person's own words: without politeness around them, short enough for a card."""

from __future__ import annotations

import re

from chatelier.domain.intent.model import MAX_PROMPT, MAX_SUBJECT

TAIL = 80  # characters at the end in which politeness is looked for
POLITE_TAIL = re.compile(
    r"""[\s,.;:!–—-]*\b(?:please|pls|plz|pleas|kindly|asap|thanks(?:\ a\ lot)?|thank\ you|thx|ty|cheers|lol|haha|ok|okay
      |por\ favor|s['’]il\ (?:te|vous)\ pla[iî]t|svp|bitte|gracias|merci|danke|obrigad[oa]
      |for\ (?:me|us)|if\ (?:you\ (?:can|could|would)|possible)|right\ now|now|(?:would|will)\ you
      |(?:can|could)\ you(?:\ (?:do|draw|make|paint|create)\ (?:it|that|this|one))?
      |and|instead(?:\ of\ (?:all\ )?(?:this|that|it))?
      |would\ (?:be\ (?:great|nice|lovely|cool|awesome|useful|perfect|fun)|make\ my\ day)
      |(?:draw|paint|make|show|sketch|create|generate)\ (?:it|that|this|one))[\s.!?]*$""",
    re.IGNORECASE | re.VERBOSE,
)
EDGES = " \t\n\r.,;:!?-–—…\"'“”‘’`*_#>=|。、！，：；"
QUOTES = {'"': '"', "”": "“", "»": "«", "」": "「", "“": "„"}  # closing mark to opening mark
OF_PICTURE = re.compile(
    r"\b(?:picture|image|photo|pic|drawing|visual)s?\s+(?:of|with|showing|where|in which)\s+", re.IGNORECASE
)
ASKING = re.compile(
    r"""\W*(?:(?:please|hi|hello|hey|ok|so|now)\W+)*(?:(?:can|could|would|will|may|might)\s+(?:you|i|we)\s+)?(?:please\s+)?
        (?:draw|paint|make|create|generate|show|sketch|design|do|give|see|get)\s+(?:me\s+|us\s+)?(?:like\s+)?""",
    re.IGNORECASE | re.VERBOSE,
)
ARTICLE = re.compile(
    r"(?:an?|the|some|my|un|una|une|des|ein|eine|einen|um|uma|le|la|el|der|die|das)\s+|l['’]", re.IGNORECASE
)


SHAPE = re.compile(
    r"(?:\b(?:in|at)\s+(?:a\s+)?)?(?<![\d:])\d{1,2}:\d{1,2}(?![\d:])\s*(?:(?:aspect\s+)?ratio|format)?", re.IGNORECASE
)


def tidy(text: str) -> str:
    """One line, without quotes and punctuation at its edges and without please and thanks at its end."""
    text = _edged(" ".join(text.split()))
    for _ in range(5):
        end = text[-TAIL:]
        found = POLITE_TAIL.search(end)
        if not found or not text[: len(text) - len(end) + found.start()].strip(EDGES):
            break
        text = _edged(text[: len(text) - len(end) + found.start()])
    return text[:MAX_PROMPT]


def _edged(text: str) -> str:
    """A sign saying "OPEN" keeps its second quotation mark."""
    edged = text.strip(EDGES)
    after = text[text.find(edged) + len(edged) :].lstrip(".,;:!? ")[:1]
    opens = QUOTES.get(after, "")
    unclosed = edged.count(opens) % 2 if opens == after else edged.count(opens) > edged.count(after)
    return edged + after if opens and unclosed else edged


def unwrapped(text: str) -> str:
    """What a request describes, when only its usual words can be told: after "a picture of", else after the verb."""
    found = OF_PICTURE.search(text) or ASKING.match(text)
    return tidy(text[found.end() :] if found and text[found.end() :].strip(EDGES) else text)


def subject(prompt: str) -> str:
    """A short noun phrase for "Painting your ...", at most 60 characters."""
    prompt = SHAPE.sub("", prompt)
    head = re.split(r"[,.;:\n(。、，]|\s(?:is|are|was|were)\s", prompt, maxsplit=1)[0].strip() or prompt.strip()
    found = ARTICLE.match(head)
    head = head[found.end() :] if found else head
    if len(head) <= MAX_SUBJECT:
        return head
    cut = head[: MAX_SUBJECT - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip() + "…"
