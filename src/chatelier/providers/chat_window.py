"""A chat model's window: what of a talk fits into it, and what a server says when it was sent too much."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from chatelier.providers.base import ChatMessage, ChatRequest, FailureKind, ProviderError

ANSWER = 1024  # tokens kept free for an answer whose length nobody limits
SMALLEST = 256  # tokens: with less there is no talk
TRIES = 6
_COMPLAINT = re.compile(
    r"context[ _](?:length|size|window)|maximum context|prompt is too long|too many (?:input )?tokens"
)
_STATED = re.compile(r"(?:context (?:length|size|window)|too long|maximum(?: of)?|limit(?: of)?)[^\d]{0,20}(\d{3,8})\b")


def told_window(failure: ProviderError) -> int | None:
    """The window in tokens where a server complains that it was sent too much; 0: it does not say how large it is."""
    detail = failure.detail.lower()
    if failure.kind is not FailureKind.BAD_REQUEST or not _COMPLAINT.search(detail):
        return None
    stated = _STATED.search(detail)
    return int(stated[1]) if stated else 0


@dataclass
class Room:
    """The part of a talk that is sent: all of it while ``window`` is 0, unknown. System words and the newest message
    always are, shortened in their middle where nothing else helps; earlier turns go, the oldest first."""

    request: ChatRequest
    window: int
    image_tokens: int = 0
    tries: int = TRIES

    def messages(self) -> list[ChatMessage]:
        if not self.window:
            return list(self.request.messages)
        left = self.window - self._answer() - self.window // 16  # chat templates take some, too
        system = [message for message in self.request.messages if message.role == "system"]
        turns = [message for message in self.request.messages if message.role != "system"]
        kept = [self._shortened(message, left // 2) for message in system]
        left -= sum(map(self._size, kept))
        newest = [self._shortened(turn, left) for turn in turns[-1:]]
        left -= sum(map(self._size, newest))
        first = len(turns) - len(newest)
        while first > 0 and (left := left - self._size(turns[first - 1])) >= 0:
            first -= 1
        earlier = turns[first:-1]
        while earlier and earlier[0].role != "user":  # some models refuse a talk that begins with their own words
            earlier = earlier[1:]
        return [*kept, *earlier, *newest]

    def answer_limit(self, wanted: int | None) -> int | None:
        """How long the answer may be, so that both fit."""
        return min(wanted, self._answer()) if wanted and self.window else wanted

    def shrink(self, window: int) -> bool:
        """After a complaint; ``window`` 0 where the server did not say. Whether it is worth asking again."""
        sent = sum(map(self._size, self.messages())) + self._answer()
        # Less than before also where its window is as stated: how it counts tokens, nobody knows.
        self.window = min(window, sent * 3 // 4) if window else sent // 2
        self.tries -= 1
        return self.tries > 0 and self.window >= SMALLEST

    def _answer(self) -> int:
        wanted = self.request.max_tokens or ANSWER
        return min(wanted, self.window // 4) if self.window else wanted

    def _size(self, message: ChatMessage) -> int:
        return estimate(message.text) + len(message.images) * self.image_tokens

    def _shortened(self, message: ChatMessage, longest: int) -> ChatMessage:
        """Without its images, then the beginning and the end of its words."""
        if self._size(message) > longest:
            message = replace(message, images=())
        if (size := self._size(message)) <= longest:
            return message
        half = len(message.text) * max(longest, 0) // size // 2
        return replace(message, text=f"{message.text[:half]} … {message.text[len(message.text) - half :]}")


def estimate(text: str) -> int:
    """Tokens: three ASCII characters, or one of anything else. A server that counts more complains, and gets less."""
    letters = sum(character.isascii() for character in text)
    return letters // 3 + len(text) - letters + 6
