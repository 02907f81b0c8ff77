"""One family of errors: each carries an HTTP status, a code and a sentence for the person who caused it."""

from __future__ import annotations

from datetime import datetime
from typing import Any


class ChatelierError(Exception):
    """Something a person can read and act on: what happened, and what to do next.

    ``status`` is the HTTP status, ``code`` one of the codes of the JSON API, ``extra`` goes beside them
    into the JSON error (``fields``, ``limit``, ``used``, ``resets_at``). ``final``: something had been accepted, so
    a program that repeats the request by itself would have it done twice.
    """

    status = 400
    code = "validation_failed"
    sentence = "That did not work. Check what you sent and try again."
    final = False

    def __init__(self, sentence: str | None = None, **extra: Any) -> None:
        self.sentence = sentence or type(self).sentence
        self.extra = extra
        super().__init__(self.sentence)


class Invalid(ChatelierError):
    """A value that cannot be used; ``fields`` maps a field's name to its own sentence."""

    status = 422
    code = "validation_failed"

    def __init__(self, sentence: str, *, fields: dict[str, str] | None = None) -> None:
        super().__init__(sentence, **({"fields": fields} if fields else {}))


class InvalidCursor(ChatelierError):
    status = 422
    code = "invalid_cursor"
    sentence = "This page marker is not valid for this list. Start again from the first page."


class NoSourceImage(ChatelierError):
    status = 422
    code = "no_source_image"
    sentence = "There is no image here to change yet. Ask for one first, or name one like #1."


class PriceUnknown(ChatelierError):
    status = 422
    code = "price_unknown"
    sentence = (
        "This model has no known price, and your spending is capped. Choose another, or ask the admin for a price."
    )


class Unauthenticated(ChatelierError):
    status = 401
    code = "unauthenticated"
    sentence = "Please sign in first."


class Forbidden(ChatelierError):
    status = 403
    code = "forbidden"
    sentence = "You are not allowed to do that. Ask an admin if you should be."


class CrossSite(ChatelierError):
    status = 403
    code = "csrf"
    sentence = "This request came from another site and was refused. Open Chatelier in its own tab and try again."


class NotFound(ChatelierError):
    """Not there, not yours or deleted: all three look the same on purpose."""

    status = 404
    code = "not_found"
    sentence = "There is nothing here. It may have been deleted, or the address is wrong."


class NotRetryable(ChatelierError):
    status = 409
    code = "not_retryable"
    sentence = "This image cannot be retried: it is still being made, or it is already finished."


class IdempotencyConflict(ChatelierError):
    status = 409
    code = "idempotency_conflict"
    sentence = "This Idempotency-Key was already used for a different request. Use a new key."


class Overtaken(ChatelierError):
    """Two changes met, and this one has lost: what it needs has gone, or what it makes is there."""

    status = 409
    code = "overtaken"
    sentence = "Something else changed this at the same moment. Look how it is now, then do again what is still wanted."


class TooLarge(ChatelierError):
    status = 413
    code = "too_large"
    sentence = "That is too large to send. Make it smaller and try again."


class UnsupportedImage(ChatelierError):
    status = 415
    code = "unsupported_image"
    sentence = "This file is not a PNG, JPEG or WebP image that can be used. Save it as one of these and try again."


def wait_in_words(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{-(-seconds // 60)} minutes"


class TooMany(ChatelierError):
    """A limit was reached; ``retry_after`` is in whole seconds, at least 1, and is sent as ``Retry-After``."""

    status = 429
    code = "rate_limited"
    sentence = "Too many requests, please wait a moment."

    def __init__(
        self,
        sentence: str | None = None,
        *,
        code: str | None = None,
        retry_after: int = 1,
        limit: int | None = None,
        used: int | None = None,
        resets_at: datetime | None = None,
    ) -> None:
        self.code = code or type(self).code
        self.retry_after = max(1, retry_after)
        known = {"limit": limit, "used": used, "resets_at": resets_at}
        super().__init__(sentence, **{key: value for key, value in known.items() if value is not None})


class LimitReached(TooMany):
    """A limit of somebody's plan, or of all together. ``offers`` are ways on that have room: the value of the
    form's ``instead`` and its name for people; ``upgrade`` is what a larger plan has."""

    code = "quota_exceeded"
    sentence = "That is more than is left of your plan. Wait until more comes back, or ask for an upgrade."
    offers: tuple[tuple[str, str], ...] = ()
    upgrade: str = ""


class BudgetExceeded(LimitReached):
    code = "budget_exceeded"
    sentence = "That costs more than is left of your budget. Choose something cheaper, or wait until more comes back."


class PaidPaused(LimitReached):
    """What all together may spend is spent, and an admin chose to stop there."""

    code = "paid_paused"
    sentence = "Engines that cost something are paused here. Free ones go on."


class CoolingDown(LimitReached):
    code = "cooldown"
    sentence = "Please wait a moment before the next picture."


class TooManyAtOnce(LimitReached):
    code = "concurrency"
    sentence = "As many pictures are being painted as your plan makes at a time. Wait until one is done, or stop it."


class Overloaded(ChatelierError):
    status = 503
    code = "overloaded"
    sentence = "The server is busy right now. Try again in a moment; nothing was lost."


class StorageUnavailable(ChatelierError):
    status = 503
    code = "storage_unavailable"
    sentence = "The image store cannot be reached right now. Try again in a moment."


class ImageLost(StorageUnavailable):
    """One file, while its store answers: it is missing there, or damaged."""

    sentence = (
        "The file of this picture is missing or damaged in the image store. Ask the admin, who may have a backup."
    )


class CannotStart(ChatelierError):
    """The process cannot run as configured; the command line prints the sentence and exits 1."""

    status = 500
    code = "cannot_start"
