"""The provider contract: what is asked of an engine, what it may report, and the six ways it may fail.

A provider never touches the database, money or HTTP requests of people. It gets an immutable request and
yields events; whoever consumes them owns progress, storage and charges. The consumer cancels by closing
the iterator (``aclose``) or cancelling its task; a provider must then stop its engine as well as it can.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from chatelier.providers.price import Price


class Kind(StrEnum):
    """What a generation does."""

    GENERATE = "generate"  # a new image from words
    EDIT = "edit"  # a source image and an instruction
    VARIATION = "variation"  # a source image and no instruction


class PromptKind(StrEnum):
    """Which kind of prompt an engine likes best; what is added to a short one is written in it."""

    LITERAL = "literal"  # the person's words as they are: more words would only be drawn, too
    TAGS = "tags"  # words with commas between, quality named
    SENTENCES = "sentences"  # plain language


class FailureKind(StrEnum):
    """The six kinds every provider failure is mapped to."""

    REFUSED = "refused"  # the provider's policy declines the prompt
    RATE_LIMITED = "rate_limited"  # try later; ``retry_after`` says when
    BAD_REQUEST = "bad_request"  # this request will never work as it is
    UNAVAILABLE = "unavailable"  # not reachable, or it answered with nonsense or an error
    TIMED_OUT = "timed_out"  # our deadline passed before an answer
    UNKNOWN = "outcome_unknown"  # sent, then the connection broke: it may have been done and billed


class ProviderError(Exception):
    """A failed call. ``sent`` is false only when the provider certainly did not accept the request;
    ``billed`` is true when the answer says or implies that it was charged. ``detail`` is for the log and
    the admin, never shown to people as it is. ``retry_after`` is in seconds. ``sentence`` is for the person and stands
    in place of the table's (domain/sentences.py): only an adapter's own words, never what a server sent."""

    def __init__(
        self,
        kind: FailureKind,
        detail: str,
        *,
        sent: bool = True,
        billed: bool = False,
        retry_after: float | None = None,
        request_id: str | None = None,
        sentence: str = "",
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.sent = sent
        self.billed = billed
        self.retry_after = retry_after
        self.request_id = request_id
        self.sentence = sentence


@dataclass(frozen=True, kw_only=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


class OptionKind(StrEnum):
    """What the value of an extra option is."""

    CHOICE = "choice"  # one of ``choices``; any words while they are not known
    WHOLE = "whole"  # a whole number from ``lowest`` to ``highest``
    NUMBER = "number"  # a number from ``lowest`` to ``highest``


@dataclass(frozen=True, kw_only=True)
class ExtraOption:
    """An option that only some providers have, such as steps. Forms show it where it is declared, and nowhere else.
    ``default`` None leaves the choice to the provider."""

    name: str
    label: str
    kind: OptionKind
    choices: Sequence[str] = ()
    lowest: float = 0
    highest: float = 100
    step: float = 1
    default: str | float | None = None
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a provider declares it can do. Sides are in pixels; ratios are width / height."""

    edit: bool = False  # accepts source images and an instruction
    mask: bool = False  # keeps every pixel that the mask does not free
    max_sources: int = 0
    max_images: int = 1
    min_side: int = 256
    max_side: int = 2048
    side_multiple: int = 8
    min_ratio: float = 1 / 3
    max_ratio: float = 3.0
    min_pixels: int = 0  # width x height
    max_pixels: int = 0  # 0: as many as the sides allow
    sizes: Sequence[Size] = ()  # not empty: these and no others
    default_size: Size = Size(width=1024, height=1024)
    styles: Sequence[str] = ()  # empty: any words
    qualities: Sequence[str] = ()  # empty: quality is ignored
    default_quality: str = ""  # what is painted when none is said; it decides the price
    seed: bool = False  # same seed and request give the same image
    negative_prompt: bool = False
    background: bool = False
    prompt_kind: PromptKind = PromptKind.LITERAL
    free: bool = False  # a call costs nothing
    price_micros: int | None = None  # per image in millionths of a US dollar, where the provider itself says so
    price: Price | None = None  # where it depends on size, quality or tokens
    partial_images: int = 0  # that one call may send; they may cost tokens
    deadline: float = 300.0  # seconds one call may take
    digital_source_type: str = "trainedAlgorithmicMedia"  # IPTC term for what it makes
    extra_options: Sequence[ExtraOption] = ()


@dataclass(frozen=True, kw_only=True)
class SourceImage:
    """An image to start from. ``recipe`` is what the provider that made it returned with it, or None."""

    content: bytes
    media_type: str
    size: Size
    prompt: str = ""
    seed: int | None = None
    recipe: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class ImageRequest:
    """One call. ``prompt`` describes the whole wanted image (for an edit: the earlier prompt with the change);
    ``instruction`` is what the person asked to change ('' for generate and variation).
    ``seed`` is 0..2**32-1. ``user_ref`` is a keyed hash of the owner, safe to send out.

    ``mask`` is a PNG as large as the first source whose alpha says what an edit may change, as OpenAI's does: fully
    transparent may change, opaque stays, half-transparent blends. All other pixels must come back as they were; a
    provider that cannot promise that does not declare ``Capabilities.mask``. A mask without any transparency is a
    drawing in black and white, where white may change. A provider whose server wants the opposite converts."""

    kind: Kind
    prompt: str
    instruction: str = ""
    model: str = ""
    size: Size = Size(width=1024, height=1024)
    n: int = 1
    seed: int = 0
    quality: str | None = None
    style: str | None = None
    background: str | None = None
    negative_prompt: str | None = None
    sources: Sequence[SourceImage] = ()
    mask: bytes | None = None
    user_ref: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)  # values of the provider's own ``extra_options``


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the call is, 0..1, never trusted to rise by itself. ``note`` says what happens, in words."""

    fraction: float
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class PartialImage:
    """A rough picture of image ``index`` while it is made; any size, PNG, JPEG or WebP."""

    index: int
    content: bytes


@dataclass(frozen=True, kw_only=True)
class ProducedImage:
    """Encoded bytes as the engine made them: untrusted. ``recipe`` (JSON) comes back with the image on an edit;
    ``details`` (JSON) is shown to people; ``alt_text`` describes what is to be seen."""

    content: bytes
    seed: int | None = None
    recipe: Mapping[str, Any] | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    alt_text: str = ""


@dataclass(frozen=True, kw_only=True)
class ImageResult:
    """The last event of a call that worked. ``usage`` is what the provider reported, for the price."""

    images: Sequence[ProducedImage]
    model: str = ""
    revised_prompt: str | None = None
    request_id: str | None = None
    usage: Mapping[str, Any] = field(default_factory=dict)


ImageEvent = Progress | PartialImage | ImageResult


class ImageProvider(Protocol):
    """An engine that makes images. ``name`` is the stable key in settings and rows, ``label`` is for people."""

    name: str
    label: str
    default_model: str
    capabilities: Capabilities

    def models(self) -> Sequence[str]: ...

    def paint(self, request: ImageRequest) -> AsyncGenerator[ImageEvent, None]:
        """Yield progress and partial images, then exactly one ImageResult; raise ProviderError otherwise."""
        ...

    async def close(self) -> None: ...


@runtime_checkable
class Refreshing(Protocol):
    """What a provider adds that learns its models and options from its server."""

    async def refresh(self) -> None:
        """Raises ProviderError when the server does not answer."""
        ...


@runtime_checkable
class ManyModels(Protocol):
    """What a provider adds whose models differ. ``model_for`` names the one for a kind when none is asked for."""

    def model_for(self, kind: Kind) -> str: ...

    def capabilities_of(self, model: str) -> Capabilities:
        """Raises Invalid for a model that is gone, naming what replaces it."""
        ...


def capabilities_of(provider: ImageProvider, model: str) -> Capabilities:
    return provider.capabilities_of(model) if isinstance(provider, ManyModels) else provider.capabilities


@dataclass(frozen=True, kw_only=True)
class ChatImage:
    """An image shown to a chat model: PNG, JPEG or WebP, at most 1024 pixels long. ``label`` says which one it is."""

    label: str
    content: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True, kw_only=True)
class ChatMessage:
    """One turn of talk sent to a chat model; ``role`` is system, user or assistant."""

    role: str
    text: str
    images: Sequence[ChatImage] = ()


@dataclass(frozen=True, kw_only=True)
class Tool:
    """Something a chat model may ask to be done; ``parameters`` is a JSON schema of its arguments."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ChatRequest:
    """``tools`` may be called beside or instead of an answer in words. ``schema`` (JSON) asks for an answer that is a
    document of this shape. Both are wishes: a provider may ignore them."""

    messages: Sequence[ChatMessage]
    model: str = ""
    max_tokens: int | None = None
    user_ref: str = ""
    tools: Sequence[Tool] = ()
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class ChatDelta:
    """A piece of the answer's text, as it comes."""

    text: str


@dataclass(frozen=True, kw_only=True)
class ToolCall:
    """The model asks for a tool, once all of its words are there. ``arguments`` should be JSON; nothing is trusted."""

    name: str
    arguments: str


@dataclass(frozen=True, kw_only=True)
class ChatResult:
    """The last event. ``truncated``: the model stopped because of its length limit."""

    model: str = ""
    request_id: str | None = None
    truncated: bool = False
    usage: Mapping[str, Any] = field(default_factory=dict)


ChatEvent = ChatDelta | ToolCall | ChatResult


class ChatProvider(Protocol):
    """A model that talks. ``note`` is a caution shown to people with its answers, or ''. ``tools``: it can be trusted
    with tools and schemas. ``image_tokens``: what an image shown to it may count for; 0: it sees none."""

    name: str
    label: str
    default_model: str
    note: str
    free: bool
    max_tokens: int | None

    @property
    def tools(self) -> bool: ...

    @property
    def image_tokens(self) -> int: ...

    def reply(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        """Yield deltas and tool calls, then exactly one ChatResult; raise ProviderError otherwise."""
        ...

    async def close(self) -> None: ...


class Moderator(Protocol):
    """A service that says whether words or an image may be used. ``label`` names it for admins."""

    label: str

    async def declines_text(self, text: str) -> bool:
        """Raises ProviderError when it does not answer."""
        ...

    async def declines_image(self, content: bytes, media_type: str) -> bool: ...

    async def close(self) -> None: ...
