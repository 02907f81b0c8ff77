"""What is decided about a message, and the turns it is decided from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from chatelier.domain.options import Options

MAX_PROMPT = 32_000
MAX_SUBJECT = 60
MAX_INSTRUCTION = 2_000


class Intent(StrEnum):
    CHAT = "chat"  # answered in words
    GENERATE = "generate"  # a new image
    EDIT = "edit"  # an image of the thread, changed or varied


class Answer(StrEnum):
    """What Chatelier answers itself, without a model."""

    HELP = "help"
    STYLES = "styles"
    USAGE = "usage"
    RESTORE = "restore"  # an earlier image becomes the current one again


@dataclass(frozen=True, kw_only=True)
class Turn:
    """``role`` is user or assistant, ``kind`` text or image; the text of an image is the prompt it was made from,
    ``parent`` the handle of the image it was made from."""

    role: str
    kind: str
    text: str
    handle: int | None = None
    parent: int | None = None


@dataclass(frozen=True, kw_only=True)
class Decision:
    """``prompt`` describes the whole wanted picture, '' for chat. ``instruction`` is the change asked for, '' for a
    variation and for a new image. ``target_handles`` name the images to edit, () when history gave no handle.
    ``subject`` completes "Painting your ...". ``confidence`` is 0..1; ``reason`` is a sentence shown to people.
    ``suggestion`` is the prompt to offer when a chat message may have meant a picture, else ''. With ``answer``
    nothing is painted and no model is asked."""

    kind: Intent
    prompt: str = ""
    instruction: str = ""
    target_handles: tuple[int, ...] = ()
    variation: bool = False
    subject: str = ""
    options: Options = field(default_factory=Options)
    confidence: float = 0.9
    reason: str = ""
    suggestion: str = ""
    command: str | None = None
    answer: Answer | None = None
