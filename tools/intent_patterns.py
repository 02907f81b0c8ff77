"""Draws messages to train on from tests/domain/intent/patterns.txt: patterns with choices, lists of words, and for each
heading what stands in the thread before the message."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

FEWEST, MOST = 8, 48  # messages drawn of a pattern: as many as its longest choice has parts
NAME = re.compile(r"\$([a-z]+(?:_[a-z]+)?)")
CHOICE = re.compile(r"\(([^()]*)\)")
ARTICLE = re.compile(r"\ba(?= [aeio])")
LIST = re.compile(r"\$([a-z_]+): (.*)")
IMAGES = ("animal", "person", "object")  # lists of what the image before an edit shows
SHARE_ALONE, SHARE_AFTER_IMAGE = 0.55, 0.25  # of messages that may stand anywhere
Row = dict[str, Any]
History = list[dict[str, str]]


def drawn(path: Path, seed: int) -> Iterator[Row]:
    """Messages with their kind and history, always the same for one ``seed``."""
    writer = _Writer(random.Random(seed))  # noqa: S311
    lines = path.read_text("utf-8").splitlines()
    named = filter(None, map(LIST.match, lines))
    writer.lists.update((found[1], found[2].split("|" if "|" in found[2] else ", ")) for found in named)
    for line in lines:
        if line.startswith("= "):
            writer.heading = line[2:]
        elif line.startswith("@"):
            writer.language = line[1:] and f"{line[1:]}_"
        elif line and not LIST.match(line) and not line.startswith("#"):
            yield from writer.messages(line)


class _Writer:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.lists: dict[str, list[str]] = {}
        self.heading = self.language = ""
        self.decks: dict[str, list[str]] = {}

    def messages(self, pattern: str) -> Iterator[Row]:
        kind, before = HEADINGS[self.heading]
        found: set[str] = set()
        longest = max((choice.count("|") + 1 for choice in CHOICE.findall(pattern)), default=1)
        for _ in range(max(FEWEST, min(MOST, longest))):
            shown, it = self._image()
            text = re.sub(" +", " ", self._filled(pattern.replace("$it", it))).strip()
            if text and text not in found:
                found.add(text)
                yield {"text": text, "kind": kind, "history": before(self, shown)}

    def _filled(self, pattern: str) -> str:
        while NAME.search(pattern):
            pattern = NAME.sub(lambda name: self._dealt(name[1], self.lists[name[1]]), pattern)
        while CHOICE.search(pattern):
            pattern = CHOICE.sub(lambda choice: self._dealt(choice[1], choice[1].split("|")), pattern)
        return ARTICLE.sub("an", pattern.replace("\\n", "\n"))

    def _dealt(self, deck: str, parts: list[str]) -> str:
        """One of the parts at random, but none again before all have been dealt."""
        left = self.decks.setdefault(deck, [])
        if not left:
            left += parts
            self.chance.shuffle(left)
        return left.pop()

    def _image(self) -> tuple[str, str]:
        """The prompt of the image before the message, and the noun in it that "$it" stands for."""
        if self.language:
            return self._filled(f"${self.language}s"), ""
        thing = self.chance.choice(self.lists[self.chance.choice(IMAGES)])
        return self._filled("a (|$look )$thing (|$place)".replace("$thing", thing)).strip(), thing.split()[-1]

    def _pair(self, name: str) -> History:
        asked, _, answer = self._filled(f"${name}").partition(" >> ")
        return [_turn("user", asked), _turn("assistant", answer)]

    def after_image(self, shown: str) -> History:
        asks = self._filled(f"${self.language}asks") if self.language else self._filled("($draw|$draw a picture of)")
        asked = shown if self.chance.random() < 0.2 else f"{asks} {shown}"
        return [_turn("user", asked), _turn("assistant", shown, "image")]

    def after_some_talk(self, shown: str) -> History:
        if self.language or self.chance.random() < 0.65:
            return self.after_image(shown)
        return [*self.after_image(shown), *self._pair(self.chance.choice(("praise", "asked")))]

    def after_reaction(self, shown: str) -> History:
        if self.language or self.chance.random() < 0.7:
            return self.after_image(shown)
        return [*self.after_image(shown), *self._pair("praise")]

    def anywhere(self, shown: str) -> History:
        where = self.chance.random()
        if where < SHARE_ALONE:
            return []
        return self.after_some_talk(shown) if where < SHARE_ALONE + SHARE_AFTER_IMAGE else self.after_text(shown)

    def after_text(self, _: str) -> History:
        return self._pair(f"{self.language}said")

    def after_description(self, shown: str) -> History:
        earlier = self.after_image(shown) if self.chance.random() < 0.2 else []
        return [*earlier, *self._pair(f"{self.language}shown")]

    def after_image_and_text(self, shown: str) -> History:
        return [*self.after_image(shown), *self._pair("said")]

    def after_image_and_question(self, shown: str) -> History:
        return [*self.after_image(shown), *self._pair("asked")]

    def offered_a_change(self, shown: str) -> History:
        offer = self._filled(f"${self.language}offeredit")
        return [*self.after_image(shown), _turn("assistant", offer)]

    def offered_a_picture(self, _: str) -> History:
        asked, answered = self._pair(f"{self.language}shown")
        return [asked, {**answered, "text": f"{answered['text']} {self._filled(f'${self.language}offer')}"}]


def _turn(role: str, text: str, kind: str = "text") -> dict[str, str]:
    return {"role": role, "kind": kind, "text": text}


HEADINGS: dict[str, tuple[str, Callable[[_Writer, str], History]]] = {
    "chat": ("chat", _Writer.anywhere),
    "generate": ("generate", _Writer.anywhere),
    "talk-back": ("chat", _Writer.after_reaction),
    "text": ("chat", _Writer.after_text),
    "text-image": ("chat", _Writer.after_image_and_text),
    "edit": ("edit", _Writer.after_some_talk),
    "edit-later": ("edit", _Writer.after_image_and_question),
    "offered-edit": ("edit", _Writer.offered_a_change),
    "offered-new": ("generate", _Writer.offered_a_picture),
    "show": ("generate", _Writer.after_description),
    "new": ("generate", _Writer.after_some_talk),
}
