"""Which image is meant: "#2", "the first one", "the fox one", "the picture of the fox", else the current one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from chatelier.domain.intent.kin import with_kin
from chatelier.domain.intent.model import Turn
from chatelier.domain.intent.requests import number
from chatelier.domain.intent.tokens import Sentence, fold
from chatelier.domain.intent.wishes import DEFINITE
from chatelier.errors import NoSourceImage

ORDINALS = {
    "first": 0,
    "1st": 0,
    "original": 0,
    "second": 1,
    "2nd": 1,
    "third": 2,
    "3rd": 2,
    "fourth": 3,
    "4th": 3,
    "fifth": 4,
}
FOREIGN = (
    "primero primera primer premier premiere erste ersten erstes primeiro primeira",
    "segundo segunda deuxieme seconde zweite zweiten zweites",
    "tercero tercera tercer troisieme dritte dritten drittes terceiro terceira",
)
ORDINALS |= {word: index for index, words in enumerate(FOREIGN) for word in words.split()}
ORDINALS |= {"5th": 4, "last": -1, "latest": -1, "latter": -1, "previous": -2, "earlier": -2, "former": -2}
NTH = re.compile("(?:[tp]|^)(3)(?:[1nNFO]|[vx][1nN]|(?=[,.;:!]|$|c|w))")
NAMED_ONE = re.compile("t([vxKJy])1")
INTO_ONE = re.compile("[i2]t([vxKJy])1")  # "put the stars from the night one into the spring one"
# "The blue one was nicer", "flowery looked best": an image that is not the current one.
PREFERRED = re.compile(
    r"(?:the\s+)?((?:[\w-]+\s+){1,4}?)(?:was|were|is|looked|looks)\s+(?:\w+\s+)?(?:better|nicer|best|prettier|cooler|cuter)\b"
)
SELECTED = r"""(?:\#\d+(?:(?:\s*,\s*|\s+and\s+|\s*&\s*|\s+)\#\d+)*
  |(?:both|all)(?:\s+(?:of\s+)?(?:them|these|those|three|four|(?:the\s+)?(?:images|pictures|versions|photos)))?
  |the\s+(?:one|image|picture|version)\s+before(?:\s+(?:that|this|it|the\s+last(?:\s+one)?))?
  |the\s+(?:first|second|third|fourth|last|previous|original|earlier)\s+(?:one|image|picture|version|photo))"""
# "Both of them but blue", "the one before that in red", "bring back the first one, at night": a change without a verb.
POINTED = re.compile(
    rf"""\W*(?:(?:now|and|ok(?:ay)?|please|then|again)\W+){{0,2}}
        (?:(?:bring\s+back|go\s+back\s+to|take|use|give\s+me|show\s+me|back\s+to|i\s+want)\s+)?{SELECTED}\s*,?\s*
        (?:but\s+(?:(?:make|paint|draw|do)\s+(?:it|them)\s+)?|(?=(?:in|at|with|without|as|under|during)\s))(?=\S)""",
    re.IGNORECASE | re.VERBOSE,
)
LEADING = re.compile(
    r"\W*?(?:(?:change|take|use|edit|in|on|for)\s+)?(?:\#\d+(?:\s*(?:,|and|&)?\s*(?=\#)|\b))+[\s,:;-]*"
)
REFERENCE = re.compile(
    r"""(?:(?:in|to|for|on|take|use)\s+)?(?:\#\d+|(?:the|that)\s+(?:first|second|third|last|previous|original|earlier|other)
        \s*(?:one|image|picture|version|photo|drawing)?)\s*(?:[,:;-]\s*|\bbut\b\s*|(?=\bwith\b))+
      |(?:in|on|for)\s+the\s+(?:image|picture|photo|drawing|painting)\s+(?:of|with)\s+[^,]{1,60},\s*
      |(?:go|bring\s+it|bring\s+(?:the|that)\s+[\w ]{1,30}?)?\s*back(?:\s+to\s+(?:the\s+)?[\#\w-]+(?:\s+one)?)?
        \s*(?:(?:and|but|,|:)\s*|(?=with\b))""",
    re.IGNORECASE | re.VERBOSE,
)
ONE = re.compile(
    r"(?:(?:in|on|for|take|use)\s+)?the\s+[\w-]+\s+one\s*(?:[,:;-]\s*|\bbut\b\s*|(?=(?:at|in|with|without|as|under)\s))",
    re.IGNORECASE,
)
NAMED = re.compile(r"\bthe\s+[\w-]+\s+one\b(?!\s+(?:in|on|at|with)\b)", re.IGNORECASE)
PLACE = re.compile(
    r"""\s+(?:to|in|into|on|from)\s+(?:\#\d+|(?:the|this|that|my|our)\s+(?:\w+\s+)?
        (?:image|picture|photo|poster|logo|drawing|painting|one))$""",
    re.IGNORECASE | re.VERBOSE,
)
KNOWN = re.compile("[tp][KJy]?([vxOTEW])")  # "the book" has the mark of a verb
PAIRS = (
    """
        mouse mice man men woman women child children foot feet tooth teeth goose geese wolf wolves leaf leaves knife
        knives person people city cities butterfly butterflies fly flies fairy fairies sheep sheep fish fish
    """
).split()
IRREGULAR = dict(zip(PAIRS[::2] + PAIRS[1::2], PAIRS[1::2] + PAIRS[::2], strict=True))
EARLIER = re.compile(r"\bthe (?:one|image|picture|version) before\b")
ALL = re.compile(
    r"\ball (?:of )?(?:them|these|those|three|four|the images|the pictures|the versions|images|pictures)\b"
)
EMPTY = frozenset(
    """
        the and with for from her his its their are was that this these those into onto under over near beside behind by
        not but who which one has have being some any all
    """.split()
)
MOST = 16  # images meant by "all of them"
PLACE_SCAN = 60  # characters at the end
SCAN = 600  # characters read of a prompt
LOOK_BACK = 40  # turns in which the person may have named what an image shows
STOP = frozenset("thing one same way background top left right side middle back front sky".split())


@dataclass(frozen=True)
class Target:
    """The images meant, oldest first; ``named``: the words say which, it is not just the current one."""

    turns: tuple[Turn, ...]
    named: bool

    @property
    def handles(self) -> tuple[int, ...]:
        return tuple(turn.handle for turn in self.turns if turn.handle is not None)

    @property
    def prompt(self) -> str:
        return " ".join(self.turns[-1].text.split()) if self.turns else ""


def images(history: Iterable[Turn]) -> list[Turn]:
    return [turn for turn in history if turn.kind == "image"]


def current_image(history: Sequence[Turn], current_handle: int | None) -> Turn | None:
    there = images(history)
    chosen = (turn for turn in reversed(there) if turn.handle is not None and turn.handle == current_handle)
    return next(chosen, there[-1] if there else None)


def word_forms(text: str) -> frozenset[str]:
    """The words of a text, each in singular and plural."""
    return frozenset(_forms(text))


def _forms(text: str) -> Iterable[str]:
    """Every word with a plain singular or plural beside it."""
    for word in re.findall(r"\w{3,}", fold(text)):
        if word in EMPTY:
            continue
        yield word
        yield IRREGULAR.get(word) or (word.removesuffix("s") if word.endswith("s") else word + "s")


def find_target(sentences: Sequence[Sentence], history: Sequence[Turn], current_handle: int | None) -> Target:
    """Raises NoSourceImage when there is no image, or not the one that is named."""
    there = images(history)
    current = current_image(history, current_handle)
    if current is None:
        raise NoSourceImage
    handles = [token.word for sentence in sentences for token in sentence.tokens if token.mark == "#"]
    if handles:
        return by_handles(handles, there)
    for sentence in sentences:
        several = _several(sentence, there)
        if several:
            return Target(several, named=True)
        if EARLIER.search(" ".join(sentence.words())):
            return Target((_before(there, current),), named=True)
        found = _nth(sentence, there) or _preferred(sentence, there, current) or _by_noun(sentence, there, current)
        if found:
            return Target((found,), named=True)
    return Target((current,), named=False)


def _several(sentence: Sentence, there: Sequence[Turn]) -> tuple[Turn, ...]:
    words = " ".join(sentence.words())
    if len(there) > 1 and re.search(r"\bboth\b", words):
        return tuple(there[-2:])
    return tuple(there[-MOST:]) if len(there) > 1 and ALL.search(words) else ()


def _before(there: Sequence[Turn], current: Turn) -> Turn:
    place = next((at for at, turn in enumerate(there) if turn is current), 0)
    return there[max(place - 1, 0)]


def by_handles(handles: Sequence[str], there: Sequence[Turn]) -> Target:
    wanted = [int(handle[1:]) for handle in handles]
    known = {turn.handle: turn for turn in there if turn.handle is not None}
    if not known:  # a thread without handles: count from the oldest
        known = dict(enumerate(there, start=1))
    missing = [number for number in wanted if number not in known]
    if missing:
        raise NoSourceImage(_which(missing[0], [f"#{number}" for number in sorted(known) if number > 0][-12:]))
    return Target(tuple(known[number] for number in dict.fromkeys(wanted)), named=True)


def position(sentences: Sequence[Sentence]) -> int | None:
    """3 for "number 3" and "the third one", -1 for "the last one"."""
    for sentence in sentences:
        for i, token in enumerate(sentence.tokens):
            if token.word in ("number", "no", "option", "idea") and sentence.words(i + 1, i + 2)[:1]:
                value = number(sentence.tokens[i + 1].word)
                if value:
                    return value
        found = re.search("[tp](3)", sentence.marks)
        if found:
            index = ORDINALS.get(sentence.tokens[found.start(1)].word, -1)
            return index + 1 if index >= 0 else index
    return None


def nouns(sentences: Sequence[Sentence]) -> frozenset[str]:
    """What the words name as known: "my character", "that balcony"."""
    found = (sentence.tokens[at.start(1)].word for sentence in sentences for at in KNOWN.finditer(sentence.marks))
    return frozenset(found) - STOP


def without_reference(instruction: str, *, named: bool) -> str:
    """The instruction without "the second one, but", "in the picture of the fox," and "to the poster"; ``named``: its
    words said which image is meant."""
    found = POINTED.match(instruction) or REFERENCE.match(instruction) or LEADING.match(instruction)
    found = found or (ONE.match(instruction) if named else None)
    rest = NAMED.sub("it", instruction[found.end() :] if found else instruction, count=1)
    rest = rest.rstrip(" .!")
    place = PLACE.search(rest, max(0, len(rest) - PLACE_SCAN))
    return (rest[: place.start()] if place else rest) or instruction


def _which(missing: int, names: Sequence[str]) -> str:
    if not names:
        return f"There is no image #{missing} in this thread yet."
    return f"There is no image #{missing} in this thread. {_listed(names)}: which one do you mean?"


def _listed(names: Sequence[str]) -> str:
    listing = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"There {'is' if len(names) == 1 else 'are'} {listing}"


def _nth(sentence: Sentence, there: Sequence[Turn]) -> Turn | None:
    found = NTH.search(sentence.marks)
    if not found:
        return None
    index = ORDINALS.get(sentence.tokens[found.start(1)].word, -1)
    return there[index] if -len(there) <= index < len(there) else None


def _preferred(sentence: Sentence, there: Sequence[Turn], current: Turn) -> Turn | None:
    found = PREFERRED.match(" ".join(sentence.words()))
    words = frozenset(found[1].split()) - STOP - EMPTY if found else frozenset()
    return _showing(words, [turn for turn in there if turn is not current]) if words else None


def _showing(words: Set[str], there: Sequence[Turn]) -> Turn | None:
    """The newest image that shows all of it; "flowery" is known by "flower"."""

    def shows(turn: Turn, word: str) -> bool:
        known = word_forms(turn.text[:SCAN])
        return word in known or any(len(one) > 3 and word.startswith(one) and len(word) < len(one) + 3 for one in known)

    return next((turn for turn in reversed(there) if all(shows(turn, word) for word in words)), None)


def _by_noun(sentence: Sentence, there: Sequence[Turn], current: Turn) -> Turn | None:
    """The newest image that shows what the words name, when the current one does not."""
    named = INTO_ONE.search(sentence.marks) or NAMED_ONE.search(sentence.marks)
    spots = [named.start(1)] if named else [found.start(1) for found in DEFINITE.finditer(sentence.marks)]
    words = {sentence.tokens[spot].word for spot in spots} - STOP
    if not words or (not named and words & word_forms(current.text[:SCAN])):
        return None
    found = next((turn for turn in reversed(there) if words & word_forms(turn.text[:SCAN])), None)
    return found or ((_showing(words, there) or _by_kin(words, there)) if named else None)


def _by_kin(words: Set[str], there: Sequence[Turn]) -> Turn | None:
    """ "The dog one", of a puppy."""
    meant = with_kin(form for word in words for form in word_forms(word))
    return next((turn for turn in reversed(there) if meant & word_forms(turn.text[:SCAN])), None)


def check_named(sentences: Sequence[Sentence], history: Sequence[Turn]) -> None:
    """Raises NoSourceImage for "the dog one" when no image shows a dog. Images that nobody described may show it."""
    there = images(history)
    if not all(turn.text.strip() for turn in there):
        return
    asked = word_forms(" ".join(turn.text[:SCAN] for turn in history[-LOOK_BACK:] if turn.role == "user"))
    for sentence in sentences:
        named = NAMED_ONE.search(sentence.marks)
        if named is None or named[1] != "v" or sentence.marks[named.end() :][:1] in ("f", "Y", "I", "t", "p"):
            continue  # "the car one of my friends drives"
        word = sentence.tokens[named.start(1)].word
        if not _by_kin({word}, there) and word not in asked:
            raise NoSourceImage(f"No image here shows {_a(word)}.{_there_are(there)}")


def _there_are(there: Sequence[Turn]) -> str:
    names = [f"#{turn.handle}" for turn in there if turn.handle is not None and turn.handle > 0][-12:]
    return f" {_listed(names)}: which one do you mean?" if names else " Which one do you mean?"


def _a(word: str) -> str:
    return word if word.endswith("s") else f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
