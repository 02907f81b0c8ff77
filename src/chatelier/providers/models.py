"""Known image models: data/image_models.json, and what the operator says instead. No model name is in code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from chatelier.errors import CannotStart
from chatelier.providers.base import Capabilities, PromptKind, Size
from chatelier.providers.price import ImageRate, Price

DATA = Path(__file__).parent / "data" / "image_models.json"
OWN = frozenset({"ends", "replacement"})  # not taken over by 'like'

# Negative, NaN and infinite amounts refuse the configuration: such a price would give money back, or never end.
Usd = Annotated[Decimal, Field(ge=0, le=100_000, allow_inf_nan=False)]
Tokens = Annotated[int, Field(ge=0, le=10_000_000)]
SizeText = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,4}x[1-9][0-9]{0,4}$")]


class Status(StrEnum):
    ACTIVE = "active"
    DEPRECATED = "deprecated"  # its end has a date
    RETIRED = "retired"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RateRow(_Strict):
    usd: Usd
    quality: str = ""
    size: SizeText | Literal[""] = ""


class PriceRow(_Strict):
    """Of several the newest holds that has begun. ``since`` None: from the beginning. ``is_own``: the operator's, which
    holds at any server."""

    since: date | None = None
    is_own: bool = Field(False, exclude=True)
    per_image: tuple[RateRow, ...] = ()
    per_million: dict[Literal["text_in", "cached_in", "image_in", "image_out", "text_out"], Usd] = {}
    tokens: dict[str, dict[SizeText | Literal["megapixel"], Tokens]] = {}
    source_tokens: Tokens = 0
    partial_tokens: Tokens = 0

    def price(self) -> Price:
        rates = [ImageRate(usd=row.usd, quality=row.quality, size=row.size) for row in self.per_image]
        return Price(
            per_image=rates,
            per_million={str(unit): usd for unit, usd in self.per_million.items()},
            tokens={quality: {str(size): n for size, n in sizes.items()} for quality, sizes in self.tokens.items()},
            source_tokens=self.source_tokens,
            partial_tokens=self.partial_tokens,
        )


def _listed(value: Any) -> list[Any]:
    """One price, or several of which each has its day."""
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


class ModelRow(_Strict):
    """One model as the file tells it. ``houses`` are where ``prices`` hold; an operator's own hold anywhere."""

    houses: tuple[str, ...] = ()
    dialect: Literal["gpt-image", "dall-e-3", "plain"] = "plain"
    edit: bool = False
    mask: bool = False
    max_sources: int = Field(0, ge=0, le=16)
    max_images: int = Field(1, ge=1, le=16)
    stream: bool = False
    transparent: bool = False
    input_fidelity: bool = False
    complexity: bool = False
    seed: bool = False
    negative_prompt: bool = False
    sizes: tuple[SizeText, ...] = ()
    side_multiple: int = Field(8, ge=1, le=256)
    max_side: int = Field(2048, ge=64, le=16384)
    min_pixels: int = Field(0, ge=0)
    max_pixels: int = Field(0, ge=0)
    qualities: tuple[str, ...] = ()
    default_quality: str = ""
    styles: tuple[str, ...] = ()
    ends: dict[str, date] = {}
    replacement: str = ""
    prices: Annotated[tuple[PriceRow, ...], BeforeValidator(_listed)] = Field((), validation_alias="price")

    @model_validator(mode="after")
    def _has_one_price_a_day(self) -> Self:
        days = [row.since for row in self.prices]
        if len(days) != len(set(days)):
            raise ValueError("two prices hold from the same day; give each its own since")
        return self

    def price(self, house: str, today: date) -> Price | None:
        """The one that holds at ``house`` on this day of UTC."""
        holds = [row for row in self.prices if row.is_own or house in self.houses]
        begun = [row for row in holds if row.since is None or row.since <= today]
        newest = max(begun, key=lambda row: row.since or date.min, default=None)
        return newest.price() if newest else None

    def status(self, house: str, today: date) -> Status:
        end = self.ends.get(house)
        if end is None:
            return Status.ACTIVE
        return Status.RETIRED if end <= today else Status.DEPRECATED

    def capabilities(self, house: str, today: date, **differs: Any) -> Capabilities:
        """What it can, and costs today, at ``house``."""
        sizes = [read_size(size) for size in self.sizes]
        values: dict[str, Any] = {
            "edit": self.edit,
            "mask": self.mask,
            "max_sources": self.max_sources or int(self.edit),
            "max_images": self.max_images,
            "sizes": sizes,
            "side_multiple": self.side_multiple,
            "max_side": max((max(size.width, size.height) for size in sizes), default=self.max_side),
            "min_pixels": self.min_pixels,
            "max_pixels": self.max_pixels,
            "qualities": self.qualities,
            "default_quality": self.default_quality,
            "styles": self.styles,
            "background": self.transparent,
            "seed": self.seed,
            "negative_prompt": self.negative_prompt,
            "prompt_kind": PromptKind.SENTENCES,
            "price": self.price(house, today),
        }
        return Capabilities(**(values | differs))


@dataclass(frozen=True, kw_only=True)
class ModelBook:
    """Every model that is known, ours and the operator's."""

    rows: Mapping[str, ModelRow]
    hosts: Mapping[str, str]
    defaults: Mapping[str, Mapping[str, str]]  # by house and kind (generate, edit)
    painters: Sequence[str]  # patterns of names

    def house(self, host: str) -> str:
        """The seller behind a server's name, or ''."""
        ends = (house for known, house in self.hosts.items() if known.startswith(".") and host.endswith(known))
        return self.hosts.get(host) or next(ends, "")

    def of_house(self, house: str, today: date) -> list[str]:
        """Its models that can still be asked, in the order of the file."""
        known = ((name, row) for name, row in self.rows.items() if house in row.houses)
        return [name for name, row in known if row.status(house, today) is not Status.RETIRED]

    def paints(self, name: str) -> bool:
        """Whether a model that somebody's server lists makes images, by its name alone."""
        plain = name.rpartition("/")[2].lower()
        return plain in self.rows or any(fnmatchcase(plain, pattern) for pattern in self.painters)


def read_book(overrides: Mapping[str, Mapping[str, Any]] | None = None) -> ModelBook:
    """Our file with the operator's models over it. Raises CannotStart naming what cannot be used."""
    raw = _shipped()
    told = dict(raw["models"])
    for name, values in (overrides or {}).items():
        told[name] = _over(told.get(name, {}), values)
    rows = {name: _row(name, told) for name in told}
    return ModelBook(rows=rows, hosts=raw["houses"], defaults=raw["defaults"], painters=raw["painters"])


def _over(ours: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The operator's word over ours. Our price goes on until the first day of theirs."""
    if "price" not in own:
        return {**ours, **own}
    rows = [{**row, "is_own": True} if isinstance(row, dict) else row for row in _listed(own["price"])]
    dated = all(isinstance(row, dict) and row.get("since") for row in rows)
    return {**ours, **own, "price": [*(_listed(ours.get("price")) if dated else ()), *rows]}


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DATA.read_text(), parse_float=Decimal)
    return found


def _row(name: str, told: Mapping[str, Mapping[str, Any]]) -> ModelRow:
    try:
        return ModelRow.model_validate(_whole(name, told, ()))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CannotStart(f"models.{name}: {where} cannot be used: {first['msg']}. See docs/providers.md.") from error


def _whole(name: str, told: Mapping[str, Mapping[str, Any]], seen: tuple[str, ...]) -> dict[str, Any]:
    """What it says itself over what the one it is like says."""
    own = dict(told[name])
    other = own.pop("like", None)
    if other is None:
        return own
    if other not in told or other in (*seen, name):
        raise CannotStart(f"models.{name} is like {other}, which is not a known model. See docs/providers.md.")
    before = _whole(other, told, (*seen, name))
    return {**{key: value for key, value in before.items() if key not in OWN}, **own}


def read_size(text: str) -> Size:
    width, _, height = text.partition("x")
    return Size(width=int(width), height=int(height))
