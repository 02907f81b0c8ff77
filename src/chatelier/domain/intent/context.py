"""What the talk is about: an image or words, what "it" stands for, and a style named earlier."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from chatelier.domain.intent import nouns
from chatelier.domain.intent.english import ENGLISH
from chatelier.domain.intent.model import Turn
from chatelier.domain.intent.tokens import Sentence, Token, fold, tokens

LIMIT = 300  # characters of talk that go into a prompt
LOOK_BACK = 8  # turns
NEAR = 6  # turns of passing talk after which an image is no longer near
SCAN = 1500  # characters read of one turn
EXCHANGES, ENOUGH = 2, 12  # earlier turns that are added while fewer words than this are known
LIST_SCAN = 4000
MARKDOWN = re.compile(r"[*_`~]+|^[ \t]*(?:#{1,6}|>|[-+•])[ \t]+|!?\[([^\]\n]{0,200})\]\([^)\n]{0,500}\)", re.MULTILINE)
ITEM = re.compile(
    r"(?:^|(?<=[\s。]))(?:(?:option|idea|number|no\.)\s)?(\d{1,2})(?:[.):]\s+|[.．、]\s*(?=[^\W\d_]))", re.IGNORECASE
)
BULLET = re.compile(r"^[ \t]*[-*•+][ \t]+(.+)$", re.MULTILINE)
IN_A_ROW = re.compile(r",\s*(?:(?:or|and|maybe|perhaps)\s+)?|\s+or\s+(?:maybe\s+)?|;\s*", re.IGNORECASE)
LEADS_IN = re.compile(
    r"\A(?:[^,:]{0,60}:\s+|(?:\w+[,!]\s+)?(?:how about|what about|maybe|perhaps|i'd say|try)\s+)", re.IGNORECASE
)
ITEM_WORDS = 10
SENTENCE = re.compile(r"[^.!?\n。！？]+[.!?。！？]*")
ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget)\b.{0,60}\b(?:user|instruction|previous|above|prompt|said|says)|system prompt", re.I
)
ASKS_WHAT = re.compile(
    r"""\b(?:what|which|describe|tell\ me|how\ should|anything
      |qu[eé]|quoi|quel\w*|was|welche\w*|o\ que|qual|cu[aá]l)\b""",
    re.IGNORECASE | re.VERBOSE,
)
OF_PICTURES = re.compile(
    r"""\b(?:draw|paint|picture|image|generate|sketch|illustrat\w+|imagine|create|make|depict|visuali[sz]e|show
      |(?:to|shall\ i|should\ i)\ see|voir|dessin\w+|peindre|dibuj\w+|pint\w+|imagen|imagem
      |desenh\w+|zeichn\w+|malen|bild)\b""",
    re.IGNORECASE | re.VERBOSE,
)
TOPIC = re.compile(
    r"""^\W*(?:(?:please|hey|hi|ok|so|can|could|would|will|you|tell|me|us|about|describe|explain|write|compose|give|what|who
      |which|whats|what's|who's|how|is|are|was|were|do|does|did|should|i|we|a|an|the|short|long|little|some|poem|story|song
      |haiku|limerick|tale|essay|paragraph|bedtime|joke|invent|suggest|plan|name|imagine|idea|ideas|options?|of|on|for|my
      |looks?|like|wonder)(?!['’\w])[\s,:]*)+""",
    re.I | re.VERBOSE,
)
FOR_ME = re.compile(
    r"\s+(?:for (?:me|us)|please|to me|(?:(?:would|could|does|do|did|might)\s+)?looks?\s+like)\W*$", re.I
)
ASKING = frozenset("QWCDMBGbd")
SAYING = re.compile(
    r"""^\W*(?:(?:so|ok|well)\s+)?(?:i(?:['’]m|\ am)|we(?:['’]re|\ are))\s+(?!called)\w+ing\s+
      |^\W*i\s+(?:have|had|dreamt\ of|dreamed\ of|saw|want|like|love)\s+""",
    re.I | re.VERBOSE,
)
CHATTER = re.compile(
    r"""^\W*(?:sure|yes|great|nice|charming|lovely|certainly|of\ course|here(?:'s|\ is|\ are)
      |i(?:'m|\ am)?\ |(?:he|she)\ sounds|sounds|that)\b""",
    re.I | re.VERBOSE,
)
GIVEN_UP = re.compile(
    r"""\b(?:no\ more|enough\ (?:of|with)|forget(?:\ about)?|drop|lose|clear|reset|stop\ (?:using|with|doing)|without
        |leave\ out|i(?:'m|\ am)\ (?:tired|sick|bored)\ of|i\ (?:don't|do\ not|no\ longer)\ (?:want|like|need))\s+
        (?:the\ |that\ |this\ |any\ |my\ |all\ )?(?:[\w-]+\ ){0,2}(?:styles?|aesthetics?|look|vibes?|watercolou?rs?|art
        |cyberpunk|anime|sketch(?:es)?|paint(?:ing|ings)|cartoons?|collage|mosaic|pastels?|noir|steampunk|vaporwave)\b
      |\b(?:back\ to\ (?:normal|the\ default|the\ usual)|(?:normal|default|usual|any|no)\ style\b)""",
    re.IGNORECASE | re.VERBOSE,
)
REACTION = frozenset("!.,?YoU:/")
SMALL_TALK = frozenset("!P.,?YoUbtx")


class Focus(StrEnum):
    NONE = "none"
    TEXT = "text"
    IMAGE = "image"  # the last thing shown, apart from small talk about it


def focus(history: Sequence[Turn]) -> Focus:
    for back, turn in enumerate(reversed(history)):
        if turn.kind == "image":
            return Focus.IMAGE
        if back >= LOOK_BACK or not _small_talk(turn):
            return Focus.TEXT
    return Focus.NONE


def image_is_near(history: Sequence[Turn]) -> bool:
    """An image, then only short questions and answers: a change said now is still a change to it. A text that was
    asked for (an essay, a list, code) would be changed instead."""
    for back, turn in enumerate(reversed(history)):
        if turn.kind == "image":
            return True
        if back >= NEAR or not _in_passing(turn):
            return False
    return False


def _in_passing(turn: Turn) -> bool:
    words = turn.text.split()
    if turn.role != "user":
        return len(words) <= 60 and "\n\n" not in turn.text and "```" not in turn.text
    marks = [token.mark for token in tokens(turn.text[:SCAN], ENGLISH)]
    asked = turn.text.rstrip().endswith("?") or marks[:1] == ["Q"]
    return len(words) <= 25 and not {"W", "T"} & set(marks) and (asked or _small_talk(turn))


def _small_talk(turn: Turn) -> bool:
    """A reaction to an image, or an offer to change it."""
    words = turn.text.split()
    if turn.role != "user":
        return len(words) <= 14 and "\n" not in turn.text
    if len(words) > 5:
        return False
    marks = {token.mark for token in tokens(turn.text, ENGLISH)}
    return "!" in marks and marks <= SMALL_TALK


def is_reaction(sentences: Sequence[Sentence]) -> bool:
    """Praise, thanks or laughter and nothing else."""
    return all(set(sentence.marks) <= REACTION for sentence in sentences)


def invites(history: Sequence[Turn]) -> bool:
    """The assistant has just asked what the picture should show."""
    if not history or history[-1].role == "user" or history[-1].kind != "text":
        return False
    text = history[-1].text[-SCAN:]
    asked = text.rstrip().endswith("?") or "tell me" in text.lower()
    if not asked or len(text) >= 400 or not ASKS_WHAT.search(text):
        return False
    return bool(OF_PICTURES.search(text)) or _wanted_a_picture(history)


def is_asked(history: Sequence[Turn]) -> bool:
    """The assistant has just asked something, whatever it was."""
    last = history[-1] if history else None
    return last is not None and last.role != "user" and last.kind == "text" and last.text.rstrip().endswith("?")


def _wanted_a_picture(history: Sequence[Turn]) -> bool:
    """ "I need a birthday picture", and the assistant asked something back."""
    if len(history) < 2 or history[-2].role != "user" or history[-2].kind != "text":
        return False
    marks = "".join(token.mark for token in tokens(history[-2].text[:SCAN], ENGLISH))
    return bool(re.search("[MDGL].{0,4}[nNO]|^/", marks)) and "W" not in marks


def about_pictures(history: Sequence[Turn]) -> bool:
    """The last two turns speak of pictures, logos, covers and the like."""
    found = (token for turn in history[-2:] for token in tokens(turn.text[:SCAN], ENGLISH))
    return any(token.mark in "NnOD" for token in found)


def plain(text: str) -> str:
    """Without Markdown marks."""
    return MARKDOWN.sub(lambda match: match[1] or "", text)


def listed(history: Sequence[Turn], position: int) -> str:
    """Item ``position`` (from 1; -1 is the last) of the list that the assistant wrote last, or ''."""
    items = _items(history)
    index = position - 1 if position > 0 else position
    return items[index] if -len(items) <= index < len(items) else ""


def _items(history: Sequence[Turn]) -> list[str]:
    turn = next((turn for turn in reversed(history) if turn.role != "user" and turn.kind == "text"), None)
    text = turn.text[:LIST_SCAN] if turn else ""
    marks = list(ITEM.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    items = [text[mark.end() : end] for mark, end in zip(marks, ends, strict=False)] or BULLET.findall(text)
    items = items or _in_a_row(text)
    return [clipped(plain(item)).rstrip(".") for item in items]


def _in_a_row(text: str) -> list[str]:
    """ "A sloth with a piggy bank, a squirrel in a hoodie, or a gecko on a skateboard." """
    rows = (IN_A_ROW.split(LEADS_IN.sub("", part.strip(" .!?"))) for part in _sentences(text[:SCAN]))
    longest = max(rows, key=len, default=[])
    alike = all(0 < len(item.split()) <= ITEM_WORDS for item in longest)
    return longest if len(longest) > 2 and alike else []


def listed_with(history: Sequence[Turn], words: Iterable[str]) -> str:
    """The item that names one of the words ("the sloth one"), or ''."""
    wanted = set(words)
    return next((item for item in _items(history) if wanted & set(map(fold, re.findall(r"\w+", item)))), "")


def antecedent(history: Sequence[Turn], words: Iterable[str] = ()) -> str:
    """What "it" or "that" stands for in the last turns: at most 300 characters, '' when nothing was said.

    ``words`` are nouns of the request ("my character"): what the person said about them comes first.
    """
    turns = _since_image(history[-LOOK_BACK:])
    texts = [turn for turn in turns if turn.text.strip()]
    said = _exchange(texts, set(words))
    for _ in range(EXCHANGES):
        last = max((at for at, turn in enumerate(texts) if turn.role == "user"), default=0)
        texts = texts[:last]
        if not texts or len(_long_words(said)) >= ENOUGH:
            break
        said = _in_one([_exchange(texts, set())], [said]) if said else _exchange(texts, set())
    return clipped(said)


def _since_image(history: Sequence[Turn]) -> Sequence[Turn]:
    """The talk after the last image; all talk when there was none since."""
    last = max((at for at, turn in enumerate(history) if turn.kind == "image"), default=-1)
    return history[last + 1 :] or [turn for turn in history if turn.kind == "text"]


def _exchange(texts: Sequence[Turn], words: set[str]) -> str:
    """What the person said last, and the answer to it."""
    own = [turn.text[:SCAN] for turn in texts if turn.role == "user"][-2:]
    short = len(own) == 2 and len(own[1].split()) <= 4  # "Madame Quill", in answer to a question
    said = "\n".join(own if short else own[-1:])
    answer = texts[-1].text[:SCAN] if texts and texts[-1].role != "user" else ""
    described = [part for part in _sentences(answer) if not part.endswith("?") and not _is_chatter(part)]
    return clipped(_in_one([*_said_about(texts, words), *_gist(said)], described))


def mentioned(history: Sequence[Turn], words: Iterable[str]) -> bool:
    """One of the nouns was spoken of in the last turns."""
    known = {fold(word) for turn in history[-LOOK_BACK:] for word in re.findall(r"\w+", turn.text[:SCAN])}
    return any(word in known for word in words)


def gist(text: str) -> str:
    """What a text is about, without the question or the request around it."""
    return _in_one(_gist(text[:SCAN]), ())


def _said_about(texts: Sequence[Turn], words: set[str]) -> list[str]:
    for turn in reversed(texts if words else []):
        if turn.role == "user":
            parts = [part for part in _sentences(turn.text[:SCAN]) if words & set(map(fold, re.findall(r"\w+", part)))]
            if parts and not parts[0].endswith("?"):
                return _gist(parts[0])
    return []


def _gist(said: str) -> list[str]:
    """What a text states, and what its questions and requests are about."""
    found = (_topic(part) if _asks(part) else SAYING.sub("", part) for part in _sentences(said))
    return [part for part in found if len(part) > 2]


def _topic(part: str) -> str:
    return FOR_ME.sub("", TOPIC.sub("", part).strip(" .?!,"))


def _asks(part: str) -> bool:
    marks = "".join(token.mark for token in tokens(part, ENGLISH, limit=12) if token.mark not in "P!,")
    return part.endswith("?") or marks[:1] in ASKING or not marks


def _sentences(text: str) -> list[str]:
    found = (part.strip() for part in SENTENCE.findall(plain(text)))
    return [part for part in found if part and not ORDERS.search(part) and re.search(r"\w", part)]


def _is_chatter(part: str) -> bool:
    return bool(CHATTER.match(part)) or (part.endswith("!") and len(part.split()) <= 4)


def _in_one(topics: Iterable[str], described: Iterable[str]) -> str:
    """Joined by commas. A topic that the description names is left out, as is a part without a new word."""
    later = list(described)
    named = _long_words(" ".join(later))
    kept = [topic for topic in topics if not _long_words(topic) <= named]
    known: set[str] = set()
    parts = []
    for part in kept + later:
        words = _long_words(part)
        if not words or words - known:
            parts.append(part.strip(" .,;:!?…"))
        known |= words
    return ", ".join(filter(None, parts))


def _long_words(text: str) -> set[str]:
    return {word.removesuffix("s") for word in map(fold, re.findall(r"\w{3,}", text))}


def clipped(text: str, limit: int = LIMIT) -> str:
    text = " ".join(text.split()).strip(" ,;:")
    if len(text) <= limit:
        return text
    return (text[:limit].rsplit(" ", 1)[0] if " " in text[: limit + 1] else text[:limit]).rstrip(" ,;:.")


def carried_style(history: Sequence[Turn]) -> str:
    """A style that the person spoke of in the last turns ("I love watercolor", "cyberpunk aesthetics"), or '' when
    there was none or it was given up since ("no more watercolor")."""
    for turn in reversed(history[-LOOK_BACK:]):
        if turn.role == "user" and turn.kind == "text" and len(turn.text) < 400:
            if GIVEN_UP.search(turn.text):
                return ""
            found = tokens(turn.text, ENGLISH)
            style = next((token for token in found if _is_style(token)), None)
            if style and _likes(found):
                return turn.text[style.start : style.end]
    return ""


def _is_style(token: Token) -> bool:
    return token.mark == "y" or (token.mark == "N" and token.word in STYLE_NOUNS)


def _likes(found: Sequence[Token]) -> bool:
    marks = "".join(token.mark for token in found)
    words = {token.word for token in found}
    spoken = bool(
        words & {"style", "aesthetic", "aesthetics", "look", "vibe", "vibes", "theme", "mood", "everything", "always"}
    )
    asked = re.search("[DMGB]", marks)
    return (("U" in marks or spoken) and not asked) or bool(words & {"everything", "always"})


STYLE_NOUNS = frozenset(
    """
        watercolor watercolour cartoon collage linocut woodcut engraving etching mosaic watercolors watercolours
        cartoons collages linocuts woodcuts engravings etchings mosaics
    """.split()
) | {phrase for phrase in nouns.PICTURE_PHRASES if phrase.endswith("art") or phrase.startswith(("oil", "pencil"))}
