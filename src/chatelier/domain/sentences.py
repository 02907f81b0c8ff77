"""What people read when something went wrong: kind → code → sentence → charged? → retry offered? One table."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace
from typing import Any

from chatelier.providers.base import FailureKind, ProviderError


@dataclass(frozen=True)
class Sentence:
    """``keeps_hold``: nobody knows whether it was billed, so the money stays set aside."""

    code: str
    message: str
    _: KW_ONLY
    keeps_hold: bool = False
    retryable: bool = True

    def as_error(self, message: str | None = None) -> dict[str, Any]:
        return {"code": self.code, "message": message or self.message, "retryable": self.retryable}


FAILURES = {
    FailureKind.REFUSED: Sentence(
        "refused",
        "The provider declined this request. Nothing was charged; change the words and try again.",
    ),
    FailureKind.RATE_LIMITED: Sentence("rate_limited", "Too many requests, please wait a moment. Nothing was charged."),
    FailureKind.BAD_REQUEST: Sentence(
        "bad_request", "The provider cannot do this as asked. Change the options and try again."
    ),
    FailureKind.UNAVAILABLE: Sentence("provider_error", "Generation failed, please try again. Nothing was charged."),
    FailureKind.TIMED_OUT: Sentence(
        "timed_out", "Generation taking longer than expected. It was stopped.", keeps_hold=True
    ),
    FailureKind.UNKNOWN: Sentence(
        "outcome_unknown",
        "The connection broke after the request was sent, so nobody knows whether it was made. Try again?",
        keeps_hold=True,
    ),
}
REFUSED = FAILURES[FailureKind.REFUSED]
OWN_FAULT = ("refused", "bad_request")  # a cooldown still follows these
UNUSABLE = Sentence(
    "unusable_image",
    "The provider sent something that is not a usable image. Nothing was charged; try again.",
)
LISTED = Sentence(
    "refused",
    "The word list here does not allow that. Nothing was sent and nothing charged. "
    "If that looks wrong to you, ask your admin.",
    retryable=False,
)
NOT_FOR_CHILDREN = Sentence(
    "refused",
    "That is not for children, and this Chatelier is set up for them. Nothing was sent and nothing charged. "
    "Ask for something else.",
    retryable=False,
)
DECLINED = Sentence(
    "refused",
    "The moderation service declined this request before it was sent. Nothing was charged. "
    "Ask for something else, or ask your admin if that looks wrong to you.",
    retryable=False,
)
RESULT_DECLINED = Sentence(
    "refused",
    "The moderation service declined the finished image, so it was not kept. Ask for something else.",
    retryable=False,
)
UPLOAD_DECLINED = Sentence(
    "refused",
    "The moderation service declined the image that you brought, so it was not sent on. Nothing was charged. "
    "Start from another one, or ask your admin if that looks wrong to you.",
    retryable=False,
)
UNCHECKED = Sentence(
    "unchecked",
    "The moderation service does not answer, so nothing was sent and nothing charged. Try again in a few minutes.",
)
RESULT_UNCHECKED = Sentence(
    "unchecked",
    "The moderation service did not answer when it was shown the finished image, so it was not kept. "
    "Try again in a few minutes.",
)
TOO_OFTEN = Sentence("rate_limited", "Too many of your requests were refused. Nothing was charged.")
NOT_ALLOWED = Sentence("forbidden", "This is no longer allowed here. Nothing was charged.")
LOST = FAILURES[FailureKind.UNKNOWN]
INTERNAL = Sentence("internal", "Something went wrong on our side. Nothing was charged; try again.")
STORE_AWAY = Sentence(
    "storage_unavailable",
    "The picture to start from cannot be read from the image store. Nothing was charged; try again in a moment.",
)
NO_ROOM = Sentence(
    "storage_unavailable",
    "The server's disk is nearly full, so this was not sent to anybody. Nothing was charged; tell the admin, and try "
    "again when there is room.",
)
MASK_GONE = Sentence(
    "no_mask",
    "The mask that says which part may change is gone. Nothing was charged; mark the part again.",
    retryable=False,
)
SOURCE_GONE = Sentence(
    "no_source_image",
    "A picture that this starts from is in the trash or deleted. Nothing was charged; restore it and try again.",
)
NO_SOURCE = Sentence(
    "no_source_image",
    "The picture that this change starts from was not made. Nothing was charged; ask again once there is one.",
    retryable=False,
)
PAUSED = Sentence("paid_paused", "Engines that cost something are paused. Nothing was charged.")
NO_CHAT = (
    "I can paint, but there is no chat model connected, so I cannot talk yet.\n\n"
    "Ask me for a picture, for example `/imagine a lighthouse at sunset`. To talk, the operator can run "
    "`chatelier model install` for a small local model, or set `CHATELIER_CHAT_BASE_URL` (any OpenAI-compatible "
    "server) or `OPENAI_API_KEY`."
)
STOPPED_PAID = (
    "Stopped. The provider had already begun and may charge for it; if the image still comes, it is in the trash."
)
STOPPED = "Stopped. Nothing was charged."

TALK = {
    FailureKind.REFUSED: "The chat model declined to answer this. Change the words and try again.",
    FailureKind.RATE_LIMITED: "Too many requests, please wait a moment.",
    FailureKind.BAD_REQUEST: "The chat model cannot answer this as it is. Shorten it and try again.",
    FailureKind.UNAVAILABLE: "The chat model cannot be reached or failed, please try again.",
    FailureKind.TIMED_OUT: "The answer took longer than expected and was stopped. Try again.",
    FailureKind.UNKNOWN: "The connection to the chat model broke in the middle of the answer. Try again.",
}


def of_picture(error: ProviderError) -> tuple[Sentence, str]:
    """The table's entry, and its sentence with the waiting time the provider asked for. Where the provider has a
    sentence of its own it says why this will never work as it is: no retry is offered then."""
    sentence = FAILURES[error.kind]
    if error.sentence:
        return replace(sentence, retryable=False), error.sentence
    message = _with_wait(sentence.message, error)
    return sentence, message.replace(
        "Nothing was charged", "The provider may charge for it"
    ) if error.billed else message


def of_talk(error: ProviderError) -> dict[str, Any]:
    sentence = FAILURES[error.kind]
    return sentence.as_error(error.sentence or _with_wait(TALK[error.kind], error))


def _with_wait(message: str, error: ProviderError) -> str:
    if error.kind is FailureKind.RATE_LIMITED and error.retry_after:
        return message.replace("a moment", f"{max(1, round(error.retry_after))} seconds")
    return message
