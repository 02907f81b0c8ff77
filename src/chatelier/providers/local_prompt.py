"""What a very small model is given to read: little, with examples first, and the same beginning for as long as
possible, since the server then need not read it again."""

from __future__ import annotations

from collections.abc import Sequence

from chatelier.providers.base import ChatMessage

BUDGET = 512  # tokens of talk, by ``estimate``; about 2 s of reading on two cores
LONGEST = 320  # tokens of the last message, and of the system's
EARLIER = 160  # tokens of each message before it
LARGEST = (
    BUDGET + LONGEST + 320
)  # tokens of all that ``fit`` gives with one system message, examples and markup included

# Three turns in the wanted manner do more for a 135M model than any instruction: asked for the capital of France
# it answers "L'Alma" without them and "Paris" with them.
EXAMPLES = (
    ChatMessage(role="user", text="Hello!"),
    ChatMessage(role="assistant", text="Hello! What would you like to talk about?"),
    ChatMessage(role="user", text="What is the largest ocean?"),
    ChatMessage(role="assistant", text="The largest ocean is the Pacific Ocean."),
    ChatMessage(role="user", text="Why is the sky blue?"),
    ChatMessage(
        role="assistant",
        text="Sunlight is scattered by the air, and blue light is scattered the most, so the sky looks blue.",
    ),
)


def fit(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """System messages, the examples, then as many of the last turns as fit, beginning with the user's."""
    system = [_shortened(message, LONGEST) for message in messages if message.role == "system"]
    turns = [message for message in messages if message.role != "system"]
    turns = [_shortened(turn, EARLIER) for turn in turns[:-1]] + [_shortened(turn, LONGEST) for turn in turns[-1:]]
    return [*system, *EXAMPLES, *turns[_first(turns) :]]


def estimate(text: str) -> int:
    """Tokens, rather too many than too few: three ASCII characters, or one byte of anything else."""
    letters = sum(character.isascii() for character in text)
    return letters // 3 + len(text.encode("utf-8", "replace")) - letters + 4


def _first(turns: Sequence[ChatMessage]) -> int:
    """The first turn that is kept. Old ones go in steps of half the budget, not with each new turn, because a
    prompt that begins as the one before did is read from the cache."""
    sizes = [estimate(turn.text) for turn in turns]
    over = sum(sizes) - BUDGET
    if over <= 0:
        return 0
    step = BUDGET // 2
    drop = -(-over // step) * step
    first = 0
    while first < len(turns) - 1 and (drop > 0 or turns[first].role != "user"):
        drop -= sizes[first]
        first += 1
    return first


def _shortened(message: ChatMessage, longest: int) -> ChatMessage:
    """The beginning and the end of a message that is too long."""
    size = estimate(message.text)
    if size <= longest:
        return message
    half = len(message.text) * longest // size // 2
    return ChatMessage(role=message.role, text=f"{message.text[:half]} … {message.text[-half:]}")
