"""Images by any server that speaks OpenAI's images API: OpenAI, Azure, and those that are compatible.

What a model can, costs and how it is spoken to comes from the book of models; an unknown one is asked in the plain
dialect that all such servers understand.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chatelier.errors import Invalid
from chatelier.providers.base import (
    Capabilities,
    FailureKind,
    ImageEvent,
    ImageRequest,
    ImageResult,
    Kind,
    PartialImage,
    ProducedImage,
    Progress,
    ProviderError,
)
from chatelier.providers.lifecycle import Ending
from chatelier.providers.models import ModelBook, ModelRow, Status, read_book
from chatelier.providers.openai_images_answer import Pieces, Sent, read_piece
from chatelier.providers.openai_images_body import OPTIONAL, PLAIN_MODEL, Call, ImageOptions, call_for, extra_options
from chatelier.providers.openai_stream import model_names, rejected_option
from chatelier.providers.openai_way import Way
from chatelier.providers.wire import is_private

if TYPE_CHECKING:
    from openai import AsyncOpenAI

OPENAI = "https://api.openai.com/v1"
TRUSTED_HOUSES = ("openai", "azure")  # they are told the person's hash
MAX_ALT = 300
MOST_LISTED = 50
UNKNOWN_MODEL = ModelRow(max_images=4)


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where it is and how much it may say. ``base_url`` '' is OpenAI; ``api_version`` makes it Azure. ``max_bytes``
    caps one whole answer, ``deadline`` is the seconds one call may take."""

    base_url: str = ""
    api_key: str = field(default="", repr=False)
    api_version: str = ""
    max_bytes: int = 150_000_000
    deadline: float = 300.0
    trust_env: bool = True

    @property
    def url(self) -> str:
        return (self.base_url or OPENAI).rstrip("/")

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


class OpenAIImages:
    """``like`` names the known model that an unknown name stands for, as Azure's deployments do. ``can`` are abilities
    that the operator vouches for: edit, mask, seed, negative_prompt. ``price_micros`` per image goes before the book.
    ``free`` None: servers at private addresses are, unless priced."""

    def __init__(
        self,
        server: Server,
        *,
        name: str = "openai",
        label: str = "",
        model: str = "",
        edit_model: str = "",
        offered: Sequence[str] = (),
        like: str = "",
        can: Sequence[str] = (),
        price_micros: int | None = None,
        free: bool | None = None,
        options: ImageOptions = ImageOptions(),
        book: ModelBook | None = None,
    ) -> None:
        self._server = server
        self._book = book or read_book()
        self._house = "azure" if server.api_version else self._book.house(server.host)
        self._like = like
        self._can = frozenset(can)
        self._price = price_micros
        self._free = free
        self._options = options
        self._offered = offered
        self._listed: Sequence[str] = ()  # what a server of nobody's house has now
        self._without: set[str] = set()  # arguments that this server turned out not to know
        self._way = Way(
            server.url,
            server.api_key,
            max_bytes=server.max_bytes,
            trust_env=server.trust_env,
            api_version=server.api_version,
        )
        usual = self._book.defaults.get(self._house, {})
        self.name = name
        self.label = label or {"openai": "OpenAI", "azure": "Azure", "xai": "xAI"}.get(self._house, server.host)
        self.default_model = model or usual.get("generate", PLAIN_MODEL)
        self._edit_model = edit_model or (model or usual.get("edit", PLAIN_MODEL))
        self.capabilities = self._capabilities(self._row(self.default_model))

    def models(self) -> Sequence[str]:
        known = self._book.of_house(self._house, _today()) if self._house and not self._server.api_version else []
        return tuple(dict.fromkeys([self.default_model, self._edit_model, *self._offered, *known, *self._listed]))

    def model_for(self, kind: Kind) -> str:
        return self.default_model if kind is Kind.GENERATE else self._edit_model

    def capabilities_of(self, model: str) -> Capabilities:
        row = self._row(model)
        if row.status(self._house, _today()) is Status.RETIRED:
            instead = f" Use {row.replacement} instead." if row.replacement else " Choose another model."
            sentence = f"{self.label} no longer offers {model}, since {row.ends[self._house]:%-d %B %Y}.{instead}"
            raise Invalid(sentence, fields={"model": "retired"})
        return self._capabilities(row)

    def ending_of(self, model: str) -> Ending | None:
        row = self._row(model)
        day = row.ends.get(self._house)
        return Ending(day=day, replacement=row.replacement) if day else None

    async def paint(self, request: ImageRequest) -> AsyncGenerator[ImageEvent, None]:
        """Raises ProviderError; ``billed`` is true where an image was made that could not be had."""
        try:
            wanted = replace(request, model=request.model or self.model_for(request.kind))
            client = await self._way.client()
            yield Progress(fraction=0.0, note=f"Asked {self.label}")
            async with aclosing(self._answers(client, wanted)) as events:
                async for event in events:
                    yield event
        except Exception as error:
            # Without its cause: a traceback with local variables would show the key.
            raise self._way.failure(error) from None

    async def refresh(self) -> None:
        """Learn which models a server of the operator's own has. Sellers' are in the book: they are not asked unasked.
        Raises ProviderError."""
        if not self._house:
            self._listed = [name for name in await self.list_models() if self._book.paints(name)][:MOST_LISTED]

    async def list_models(self) -> list[str]:
        """The ids that the server lists now. Raises ProviderError."""
        try:
            client = await self._way.client()
            async with asyncio.timeout(15):
                page = await client.models.with_raw_response.list()
            return model_names(page.http_response.content)
        except Exception as error:
            raise self._way.failure(error) from None

    async def close(self) -> None:
        await self._way.close()

    async def _answers(self, client: AsyncOpenAI, request: ImageRequest) -> AsyncGenerator[ImageEvent, None]:
        """Ask, and ask again without an argument that the server refuses by name: then nothing was made."""
        row = self._row(request.model)
        tells_user = self._house in TRUSTED_HOUSES
        call = call_for(request, row, self._options, can=self._can, tells_user=tells_user)
        while True:
            try:
                async with aclosing(self._stream(client, call, request)) as events:
                    async for event in events:
                        yield event
                return
            except Exception as error:
                failure = self._way.failure(error)
                known = [name for name in OPTIONAL if name in call.fields and name not in self._without]
                unknown = rejected_option(failure, dict.fromkeys(known))
                if unknown is None:
                    raise failure from None
                self._without.add(unknown)

    async def _stream(self, client: AsyncOpenAI, call: Call, request: ImageRequest) -> AsyncGenerator[ImageEvent, None]:
        verbs = client.images.with_streaming_response
        ask: Any = verbs.edit if call.is_edit else verbs.generate
        images: list[Sent] = []
        usage: dict[str, Any] = {}
        begun = False
        async with ask(**call.without(self._without)) as response:
            request_id = response.headers.get("x-request-id")
            pieces = Pieces()
            async for chunk in _chunks(response.iter_bytes(), pieces):
                piece = await asyncio.to_thread(read_piece, chunk)
                images += piece.images
                usage |= piece.usage
                if piece.partial:
                    begun = True
                    yield Progress(fraction=(piece.number + 1) / (self._options.partial_images + 1), note="Painting")
                    yield PartialImage(index=0, content=piece.partial)
        if not images:
            kind = FailureKind.UNKNOWN if begun else FailureKind.UNAVAILABLE
            raise ProviderError(kind, "the answer held no image", billed=bool(usage), request_id=request_id)
        yield await self._result(images[: request.n], usage, request, request_id)

    async def _result(
        self, images: Sequence[Sent], usage: dict[str, Any], request: ImageRequest, request_id: str | None
    ) -> ImageResult:
        told = {"engine": self.label, **({"quality": request.quality} if request.quality else {})}
        produced = [
            ProducedImage(content=await self._content(sent), details=told, alt_text=_alt(request)) for sent in images
        ]
        if self.capabilities_of(request.model).seed:  # the first image's; how others follow from it, nobody says
            produced[0] = replace(produced[0], seed=request.seed)
        return ImageResult(
            images=produced,
            model=request.model,
            revised_prompt=images[0].revised_prompt,
            request_id=request_id,
            usage=usage,
        )

    async def _content(self, sent: Sent) -> bytes:
        """Its bytes, fetched at once where only an address came: such addresses die within the hour."""
        if not sent.url:
            return sent.content
        from chatelier.providers import openai_fetch

        return await openai_fetch.fetch_image(sent.url, self._server)

    def _row(self, model: str) -> ModelRow:
        return self._book.rows.get(self._like or model, UNKNOWN_MODEL)

    def _capabilities(self, row: ModelRow) -> Capabilities:
        at_home = not self._house and is_private(self._server.host) and self._price is None
        free = at_home if self._free is None else self._free
        abilities = {name: True for name in ("edit", "mask", "seed", "negative_prompt") if name in self._can}
        plain = row.capabilities(
            self._house,
            _today(),
            free=free,
            deadline=self._server.deadline,
            partial_images=self._options.partial_images if row.stream else 0,
            extra_options=extra_options(row, self._options),
            **abilities,
        )
        words = {"negative_prompt": True}  # said in words where the server has no field for it
        changed: dict[str, Any] = {"max_sources": max(plain.max_sources, int(plain.edit)), **words}
        if self._options.quality:
            changed["default_quality"] = self._options.quality
        if free or self._price is not None:
            changed |= {"price": None, "price_micros": 0 if free else self._price}
        return replace(plain, **changed)


async def _chunks(raw: Any, pieces: Pieces) -> AsyncGenerator[bytes, None]:
    """Whole JSON texts, as they come."""
    async for chunk in raw:
        for text in pieces.feed(chunk):
            yield text
    for text in pieces.close():
        yield text


def _alt(request: ImageRequest) -> str:
    return " ".join(request.prompt.split())[:MAX_ALT] or request.instruction[:MAX_ALT] or "An image"


def _today() -> Any:
    return datetime.now(UTC).date()
