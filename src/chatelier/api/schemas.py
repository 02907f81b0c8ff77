"""What goes in and out of the JSON API. Bodies refuse unknown fields; answers are built by their ``of`` methods."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Literal, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt

from chatelier.db import models
from chatelier.db.models import GenerationStatus, MessageStatus
from chatelier.domain import options as domain_options
from chatelier.domain.decisions import Draft

T = TypeVar("T")
PREFIX = "/api/v1"
POLL_MILLISECONDS = 500

Time = Annotated[datetime, AfterValidator(lambda time: time.astimezone(UTC))]
Kind = Literal["generate", "edit", "variation"]
PriceState = Literal["free", "estimated", "held", "settled", "released", "unknown"]
NOTHING_TO_POLL = (
    GenerationStatus.SUCCEEDED,
    GenerationStatus.FAILED,
    GenerationStatus.CANCELLED,
    GenerationStatus.UNKNOWN,
)


def _whole(value: str) -> str:
    """Without half a character, as in \\ud800, which JSON may hold and nothing can be written with."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half a character") from None
    return value


Text = Annotated[str, AfterValidator(_whole)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    pass


class Listing(Answer, Generic[T]):
    items: list[T]
    next_cursor: str | None = Field(description="Ask for the next page with it; null at the end.")


class NewThread(Body):
    title: str = Field("", max_length=200, description="Empty: taken from the first message.")


class ThreadChange(Body):
    title: str = Field("", max_length=200, description="A person's own title is never replaced.")
    pinned: StrictBool = False


class ThreadAnswer(Answer):
    id: UUID
    title: str
    pinned: bool
    current_image_id: UUID | None = Field(description="The image that edits start from when none is named.")
    created_at: Time
    updated_at: Time

    @classmethod
    def of(cls, thread: models.Thread) -> Self:
        return cls.model_validate(thread, from_attributes=True)


class Options(Body):
    """What an image should be like; everything left out is chosen by the provider. ``size`` and ``aspect_ratio``
    contradict each other; give one of them."""

    size: str | None = Field(None, pattern=r"^[0-9]{1,5}x[0-9]{1,5}$", description="Width x height, in pixels.")
    aspect_ratio: str | None = Field(None, pattern=r"^[0-9]{1,4}:[0-9]{1,4}$", description="As in 16:9.")
    n: StrictInt | None = Field(None, ge=1, le=16, description="How many images.")
    quality: str | None = Field(None, max_length=100)
    style: str | None = Field(None, max_length=200)
    seed: StrictInt | None = Field(
        None, ge=0, le=2**32 - 1, description="The same seed and request give the same image."
    )
    background: str | None = Field(None, max_length=100)
    negative_prompt: str | None = Field(None, max_length=2000, description="What should not be seen.")
    provider: str | None = Field(None, max_length=100)
    model: str | None = Field(None, max_length=200)
    extra: dict[Text, StrictInt | StrictFloat | Text] | None = Field(
        None, max_length=20, description="Options that only the chosen provider has, by name, as in steps or sampler."
    )


class NewMessage(Body):
    text: str = Field(min_length=1, max_length=32_000)
    intent: Literal["auto", "chat", "generate", "edit"] = Field("auto", description="auto: decided from the words.")
    options: Options = Options()
    source_image_ids: list[UUID] = Field([], max_length=16, description="Images to start from.")
    mask_image_id: UUID | None = Field(None, description="An uploaded mask: where it is transparent may change.")

    def draft(self) -> Draft:
        return Draft(
            text=self.text,
            intent=self.intent,
            options=domain_options.Options.from_json(self.options.model_dump(exclude_none=True)),
            source_image_ids=tuple(self.source_image_ids),
            mask_image_id=self.mask_image_id,
        )


class Money(Answer):
    currency: str = Field(description="ISO 4217 code.")
    micros: int = Field(description="Millionths of the currency's unit.")


class Price(Answer):
    state: PriceState = Field(
        description="free: costs nothing. held: the estimate is set aside while the generation waits or runs, while "
        "a stopped one may still be charged, and while nobody knows the outcome. settled: `amount` was charged. "
        "released: the hold was given back. estimated: finished, not settled yet. unknown: no price is known."
    )
    estimate: Money | None = Field(description="The ceiling computed before; null when the price is unknown.")
    amount: Money | None = Field(description="What was charged; null until that is known.")

    @classmethod
    def of(cls, generation: models.Generation) -> Self:
        estimate, amount = generation.estimate_micros, generation.amount_micros
        return cls(
            state=_price_state(generation),
            estimate=None if estimate is None else Money(currency=generation.currency, micros=estimate),
            amount=None if amount is None else Money(currency=generation.currency, micros=amount),
        )


class Failure(Answer):
    code: str
    message: str = Field(description="A sentence for people.")
    retryable: bool


class Urls(Answer):
    """Paths on this server."""

    original: str
    thumbnail: str
    preview: str

    @classmethod
    def of(cls, image_id: UUID) -> Self:
        base = f"{PREFIX}/images/{image_id}"
        return cls(original=f"{base}/original", thumbnail=f"{base}/thumbnail", preview=f"{base}/preview")


class ImageAnswer(Answer):
    id: UUID
    thread_id: UUID
    generation_id: UUID | None
    origin: Literal["generated", "upload"]
    handle: int = Field(description="Its number in its thread, as in #3; never given twice.")
    width: int
    height: int
    media_type: str
    bytes: int
    sha256: str = Field(description="Of the original, lower-case hexadecimal.")
    thumbhash: str = Field(description="A tiny placeholder, Base64 of the ThumbHash bytes.")
    alt_text: str
    favourite: bool
    instruction: str = Field(description="The person's own words.")
    prompt: str = Field(description="What was sent to the provider.")
    created_at: Time
    deleted_at: Time | None = Field(description="When it went to the trash.")
    urls: Urls

    @classmethod
    def of(cls, image: models.Image) -> Self:
        plain = {name: getattr(image, name) for name in cls.model_fields if hasattr(image, name)}
        plain |= {"thumbhash": base64.b64encode(image.thumbhash).decode(), "urls": Urls.of(image.id)}
        return cls.model_validate(plain)


class ImageWithData(ImageAnswer):
    data_url: str | None = Field(None, description="The original as a data URL; only with `include=data_url`.")


class ImageChange(Body):
    favourite: StrictBool = False
    alt_text: str = Field("", max_length=1000)


class GenerationAnswer(Answer):
    id: UUID
    thread_id: UUID
    message_id: UUID
    kind: Kind
    status: GenerationStatus = Field(
        description="unknown: it was sent and nobody knows what became of it; it is never sent again by itself."
    )
    stage: str = Field(description="queued, initializing, generating, processing, saving or complete.")
    progress: int = Field(ge=0, le=100, description="Per cent; never falls.")
    queue_position: int | None = Field(description="1 is next; null unless queued.")
    instruction: str
    prompt: str
    revised_prompt: str | None = Field(description="What the provider says it really used.")
    options: dict[str, Any]
    provider: str
    model: str
    source_image_ids: list[UUID]
    images: list[ImageAnswer]
    price: Price
    error: Failure | None
    retry_of: UUID | None
    created_at: Time
    started_at: Time | None
    finished_at: Time | None
    revision: int = Field(description="The thread's revision at which it last changed.")
    poll_after_ms: int | None = Field(description="When to ask again without a stream; null once it is final.")

    @classmethod
    def of(cls, generation: models.Generation, *, place: int | None = None) -> Self:
        plain = {name: getattr(generation, name) for name in cls.model_fields if hasattr(generation, name)}
        plain |= {
            "images": [ImageAnswer.of(image) for image in generation.images],
            "price": Price.of(generation),
            "queue_position": place,
            "poll_after_ms": None if generation.status in NOTHING_TO_POLL else POLL_MILLISECONDS,
        }
        return cls.model_validate(plain)


class MessageAnswer(Answer):
    id: UUID
    thread_id: UUID
    role: Literal["user", "assistant"]
    status: MessageStatus = Field(description="streaming: a reply that is being written, or waits to be.")
    text: str
    html: str = Field(description="The text rendered from Markdown and sanitised.")
    generation: GenerationAnswer | None
    error: Failure | None
    created_at: Time
    revision: int = Field(description="The thread's revision at which it last changed, its generation not counted.")

    @classmethod
    def of(cls, message: models.Message, places: Mapping[UUID, int] | None = None) -> Self:
        plain = {name: getattr(message, name) for name in cls.model_fields if name != "generation"}
        if message.generation:
            place = (places or {}).get(message.generation.id)
            plain["generation"] = GenerationAnswer.of(message.generation, place=place)
        return cls.model_validate({"generation": None, **plain})


class Decision(Answer):
    kind: Literal["chat", "generate", "edit"]
    target_image_ids: list[UUID]
    confidence: float = Field(ge=0, le=1)
    reason: str


class SnapshotAnswer(Answer):
    """The first event of a stream: the thread and its newest page of messages, oldest to newest."""

    thread: ThreadAnswer
    messages: list[MessageAnswer]


class PostedAnswer(Answer):
    message: MessageAnswer
    reply: MessageAnswer


class PostedMessageAnswer(PostedAnswer):
    decision: Decision


class Limit(Answer):
    name: str
    unit: str = Field(description="images, seconds, micros (millionths of a US dollar), messages or bytes.")
    limit: int
    used: int = Field(description="Of cooldown_seconds: the seconds still to wait.")
    held: int = Field(description="Set aside for what waits, runs or has an unknown outcome.")
    remaining: int = Field(description="Never below 0.")
    resets_at: Time | None = Field(description="When some or all of it comes back; null where only an end frees it.")


class UsageAnswer(Answer):
    plan: str
    time_zone: str
    limits: list[Limit] = Field(description="Empty while no limit applies.")


class ErrorDetail(Answer):
    code: str
    message: str = Field(description="What happened and what to do next, for people.")
    request_id: str
    fields: dict[str, str] | None = Field(None, description="Field name to what is wrong with it.")
    limit: int | None = None
    used: int | None = None
    resets_at: Time | None = None


class ErrorAnswer(Answer):
    error: ErrorDetail


def _price_state(generation: models.Generation) -> PriceState:
    estimate, amount, status = generation.estimate_micros, generation.amount_micros, generation.status
    if estimate == 0 and not amount:
        return "free"
    if amount is not None:
        given_back = status in (GenerationStatus.FAILED, GenerationStatus.CANCELLED) and amount == 0
        return "released" if given_back else "settled"
    if estimate is None:
        return "unknown"
    return "estimated" if status in (GenerationStatus.SUCCEEDED, GenerationStatus.FAILED) else "held"
