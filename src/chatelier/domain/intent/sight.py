"""A sentence read with the images of the thread in mind, and the change to one of them that is asked for."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass

from chatelier.domain.intent.tokens import Sentence


@dataclass(frozen=True)
class Change:
    """``start`` is where the instruction begins in the text. ``variation``: only chance is to change something.
    ``explicit``: the words refer to an image ("another one", "the second one"). ``commanded``: told by a verb.
    ``remark``: it is only said what is wrong, so a request that follows goes first."""

    start: int
    variation: bool = False
    explicit: bool = False
    commanded: bool = False
    remark: bool = False


@dataclass(frozen=True)
class Sight:
    """``seen`` are the words of the images' prompts."""

    sentence: Sentence
    seen: Set[str]

    @property
    def marks(self) -> str:
        return self.sentence.marks

    @property
    def nouns(self) -> str:
        return self.sentence.nouns

    def word(self, at: int) -> str:
        return self.sentence.tokens[at].word

    def words(self, first: int = 0, last: int | None = None) -> set[str]:
        return set(self.sentence.words(first, last))

    def told(self, at: int) -> Change:
        return Change(self.sentence.at(at), commanded=True)

    def sees(self, first: int, last: int | None = None) -> bool:
        """A word of an image's prompt stands there."""
        return bool(self.seen & self.words(first, last))

    def looks(self, at: int) -> bool:
        """Something that can be seen, or of the image, is named."""
        return bool(re.search("[vFKJynNOr]", self.nouns[at:])) or self.sees(at)

    def talks(self, at: int) -> bool:
        """A verb of talk stands in the words, and nothing of the image does."""
        left = self.marks[at:]
        return "W" in left and "F" not in left and not self.sees(at)

    def compares(self, at: int) -> bool:
        """ "darker", "fasterrr", "brightest" """
        word = self.word(at)
        return word.endswith("est") or (word[-1] == "r" and word.rstrip("r").endswith("e"))
