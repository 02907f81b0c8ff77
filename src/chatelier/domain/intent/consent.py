"""A short yes to what the assistant has just offered: "Shall I paint it?", "Should I add steam?"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatelier.domain.intent import context
from chatelier.domain.intent.model import Turn

SHORT = 60  # characters; a longer yes says what else is wanted, and is read as such
YES = re.compile(
    r"""(?:\W*(?:yes|yeah|yep|yup|y|sure|ok(?:ay)?|please(?:\ do)?|pls|go(?:\ (?:ahead|for\ it|on(?:\ then)?))?
      |do\ (?:it|that|so)|def(?:initely)?|absolutely|of\ course|by\ all\ means|why\ not
      |sounds\ (?:good|great|lovely)|(?:good|great|lovely)\ idea
      |agreed|alright|all\ right|perfect|(?:that\ )?would\ be\ (?:nice|great|lovely)|oh|lol|haha|thanks|thank\ you|then
      |let['’]?s\ (?:do\ (?:it|that)|go|see)|i['’]?d\ (?:love|like)\ (?:that|to)
      |s[ií]|claro|dale|vale|venga|va|hazlo|por\ favor|porfa|por\ supuesto
      |oui|volontiers|d['’]accord|vas-y|avec\ plaisir|bien\ s[ûu]r|s['’]il\ (?:te|vous)\ pla[iî]t|stp|merci
      |ja|gern|gerne|klar|unbedingt|bitte|mach\ (?:das|mal)|nat[üu]rlich|danke
      |sim|pode(?:\ ser)?|quero|manda|isso|beleza)\b)+\W*
      |[\s，。！!、]*(?:好的?[啊呀吧]?|可以|行|要|嗯|当然|画吧|来吧|はい|うん|お願い(?:します)?|いいよ|いいね|ぜひ|それで|谢谢)+[\s。！!、～~]*""",
    re.IGNORECASE | re.VERBOSE,
)
OFFERS = re.compile(
    r"""\b(?:shall|should|may|can|could)\ (?:i|we)\b|\bwant\ me\ to\b|\bwould\ you\ (?:like|prefer|rather)\b
      |\bdo\ you\ want\b
      |\bi\ (?:can|could)\b|\blike\ me\ to\b|\bsoll\ ich\b|\bm[öo]chtest\ du\b|\bm[öo]chten\ sie\b|\bquieres\b
      |\bte\ l[oa]\b|\bje\ (?:vous|te|l)\b|\bvoulez|\btu\ veux\b|\bveux-tu\b|\bquer\ que\b|\bquer\ ver\b|\bfaço\b
      |要我|想看|要不要|ましょうか|しますか""",
    re.IGNORECASE | re.VERBOSE,
)
OF_PICTURES = re.compile(
    r"画|图|絵|描|イラスト|\b(?:dibuj|pint|imagen|dessin|illustr|zeichn|mal|desenh)", re.IGNORECASE
)
OFFERED = re.compile(
    r"""\b(?:(?:shall|should|can|could)\ (?:i|we)|want\ me\ to|would\ you\ (?:like|prefer|rather)
        (?:\ (?:me\ )?to(?:\ have)?)?      |do\ you\ want(?:\ me\ to)?|soll\ ich)\s+(?P<what>.+)""",
    re.IGNORECASE | re.VERBOSE,
)
IN_WORDS = re.compile(
    r"\W*(?:write|tell|explain|send|list|read|look|search|summari[sz]e|translate|give|help)\b", re.IGNORECASE
)
PROPOSED = re.compile(
    r"\b(?:how\ about|what\ about|maybe|perhaps|i\ could\ (?:draw|paint|do))\s+(?P<what>(?!i\b|you\b|we\b).{3,})",
    re.IGNORECASE | re.VERBOSE,
)
LAST_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]*\s*\Z")


def consents(text: str, history: Sequence[Turn]) -> bool:
    """Nothing but a yes, in answer to an offer."""
    return len(text) <= SHORT and bool(_offer(history)) and YES.fullmatch(text.strip()) is not None


def offers_a_picture(history: Sequence[Turn]) -> bool:
    offer = _offer(history)
    return bool(context.OF_PICTURES.search(offer) or OF_PICTURES.search(offer))


def follows_an_image(history: Sequence[Turn]) -> bool:
    """The offer was made under an image that was just shown, so it is of a change to it."""
    return len(history) > 1 and history[-2].kind == "image"


def offered_change(history: Sequence[Turn]) -> str:
    """ "add steam", of "Done! Should I add steam?"; '' when words are offered."""
    found = OFFERED.search(_offer(history))
    return found["what"].strip(" ?.!") if found and not IN_WORDS.match(found["what"]) else ""


def proposed(text: str, history: Sequence[Turn]) -> str:
    """ "a windmill with wings", of "How about a windmill with wings?", when a picture is wanted and ``text`` agrees."""
    last = history[-1] if history else None
    if last is None or last.role == "user" or last.kind != "text" or len(text) > SHORT:
        return ""
    wanted = any(OF_PICTURES.search(turn.text) or context.OF_PICTURES.search(turn.text) for turn in history[-5:-1])
    found = PROPOSED.search(last.text[-context.SCAN :]) if wanted and YES.fullmatch(text.strip()) else None
    return found["what"].strip(" ?.!") if found else ""


def _offer(history: Sequence[Turn]) -> str:
    """The last sentence of the assistant, when it offers something."""
    last = history[-1] if history else None
    if last is None or last.role == "user" or last.kind != "text":
        return ""
    found = LAST_SENTENCE.search(last.text[-context.SCAN :])
    return found.group() if found and OFFERS.search(found.group()) else ""
