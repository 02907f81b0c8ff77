"""What a person asked of a picture beside its words: size, number, seed, quality and the like."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from chatelier.domain.options_extra import Value, check_extra, read_extra, read_words
from chatelier.errors import Invalid
from chatelier.providers.base import Capabilities, Size

MAX_SEED = 2**32 - 1
MAX_IMAGES = 16
MAX_LENGTHS = {
    "quality": 100,
    "style": 200,
    "background": 100,
    "negative_prompt": 2000,
    "provider": 100,
    "model": 200,
}
SIZE = re.compile(r"([0-9]{1,5})[x×]([0-9]{1,5})", re.IGNORECASE)
RATIO = re.compile(r"([0-9]{1,4})[:/]([0-9]{1,4})")
SAME_RATIO = 0.02  # sizes are whole pixels: ratios this near to each other are the same


@dataclass(frozen=True, kw_only=True)
class Options:
    """None means that nothing was said. ``seed`` is 0..2**32-1, ``aspect_ratio`` is width to height as in "16:9".
    ``extra`` holds options that only some providers have, by name."""

    size: Size | None = None
    aspect_ratio: str | None = None
    n: int | None = None
    quality: str | None = None
    style: str | None = None
    seed: int | None = None
    background: str | None = None
    negative_prompt: str | None = None
    provider: str | None = None
    model: str | None = None
    extra: Mapping[str, Value] | None = None

    def to_json(self) -> dict[str, Any]:
        """Only what was said; the size as "1536x1024"."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return {key: str(value) if key == "size" else value for key, value in said.items() if value is not None}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Options:
        """Raises Invalid with a sentence for each field that is unknown or cannot be used."""
        values: dict[str, Any] = {}
        wrong: dict[str, str] = {}
        for key, value in raw.items():
            if key not in READERS:
                wrong[key] = f"There is no option {_shown(key)}. The options are {', '.join(READERS)}."
            elif value is not None:
                try:
                    values[key] = READERS[key](value)
                except ValueError as error:
                    wrong[key] = str(error)
        if wrong:
            raise Invalid(" ".join(wrong.values()), fields=wrong)
        return cls(**values)

    def merged(self, later: Options) -> Options:
        """What ``later`` says wins, in ``extra`` one by one; size and aspect ratio replace each other."""
        said = {field.name: getattr(later, field.name) for field in fields(later)}
        said = {key: value for key, value in said.items() if value is not None}
        earlier = replace(self, size=None, aspect_ratio=None) if {"size", "aspect_ratio"} & said.keys() else self
        if self.extra and later.extra:
            said["extra"] = {**self.extra, **later.extra}
        return replace(earlier, **said)


def resolve_size(options: Options, capabilities: Capabilities) -> Size:
    """The exact size asked for, or the aspect ratio at about the area of the default size.

    Raises Invalid when the provider cannot make it; the sentence names its limits.
    """
    if options.size:
        _check_size(options.size, capabilities)
        return options.size
    if options.aspect_ratio:
        return _size_of_ratio(options.aspect_ratio, capabilities)
    return capabilities.default_size


def with_engine(options: Options, engine: str) -> Options:
    """With this provider/model in the place of what was chosen; '' changes nothing. Raises Invalid for no name."""
    provider, _, model = engine.partition("/")
    if not provider:
        return options
    return Options.from_json({**options.to_json(), "provider": provider, "model": model or None})


def check_options(options: Options, capabilities: Capabilities) -> None:
    """Raises Invalid for what the provider does not offer, and for a size and an aspect ratio that contradict.

    Styles are not checked: engines come near to words that they do not know.
    """
    wrong: dict[str, str] = {}
    if options.n is not None and not 1 <= options.n <= capabilities.max_images:
        wrong["n"] = f"One request can make 1 to {capabilities.max_images} images here, not {options.n}."
    if options.seed is not None and not 0 <= options.seed <= MAX_SEED:
        wrong["seed"] = f"A seed is a whole number from 0 to {MAX_SEED}."
    if options.quality and capabilities.qualities and options.quality not in capabilities.qualities:
        known = ", ".join(capabilities.qualities)
        wrong["quality"] = f"Quality {_shown(options.quality)} is not offered here. Choose from {known}."
    if options.size and options.aspect_ratio and not same_ratio(ratio_of(options), _ratio(options.aspect_ratio)):
        sentence = f"The size {options.size} does not have the aspect ratio {options.aspect_ratio}: give one of them."
        wrong["size"] = wrong["aspect_ratio"] = sentence
    wrong |= check_extra(options.extra or {}, capabilities)
    if wrong:
        raise Invalid(" ".join(dict.fromkeys(wrong.values())), fields=wrong)


def read_size(value: object) -> Size:
    """A Size from "1536x1024". Raises ValueError with a sentence, as all readers here do."""
    if isinstance(value, Size):
        return value
    found = SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found or not int(found[1]) or not int(found[2]):
        raise ValueError(f"{_shown(value)} is not a size. Write width x height in pixels, as in 1536x1024.")
    return Size(width=int(found[1]), height=int(found[2]))


def read_aspect_ratio(value: object) -> str:
    found = RATIO.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found or not int(found[1]) or not int(found[2]):
        raise ValueError(f"{_shown(value)} is not an aspect ratio. Write width:height, as in 16:9.")
    return f"{int(found[1])}:{int(found[2])}"


def _whole_number(name: str, lowest: int, highest: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            raise ValueError(f"{name} is a whole number from {lowest} to {highest}, not {_shown(value)}.")
        return value

    return read


def _words(name: str) -> Callable[[object], str]:
    longest = MAX_LENGTHS[name]

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise ValueError(f"{name} is written in words, not as {_shown(value)}.")
        words = read_words(value)
        if not words or len(words) > longest:
            raise ValueError(f"{name} has 1 to {longest} characters.")
        return words.lower() if name in ("quality", "background") else words

    return read


READERS: dict[str, Callable[[object], Any]] = {
    "size": read_size,
    "aspect_ratio": read_aspect_ratio,
    "n": _whole_number("n", 1, MAX_IMAGES),
    "quality": _words("quality"),
    "style": _words("style"),
    "seed": _whole_number("seed", 0, MAX_SEED),
    "background": _words("background"),
    "negative_prompt": _words("negative_prompt"),
    "provider": _words("provider"),
    "model": _words("model"),
    "extra": read_extra,
}


def is_possible(size: Size, capabilities: Capabilities) -> bool:
    """Whether the provider makes pictures of exactly that size."""
    sides = (size.width, size.height)
    within = all(capabilities.min_side <= side <= capabilities.max_side for side in sides)
    even = all(side % capabilities.side_multiple == 0 for side in sides)
    pixels = size.width * size.height
    fits = capabilities.min_pixels <= pixels <= (capabilities.max_pixels or pixels)
    known = not capabilities.sizes or size in capabilities.sizes
    return within and even and fits and known and _ratio_allowed(size.width / size.height, capabilities)


def _check_size(size: Size, capabilities: Capabilities) -> None:
    if not is_possible(size, capabilities):
        raise Invalid(f"The size {size} is not possible here. {_limits(capabilities)}", fields={"size": "not possible"})


def _size_of_ratio(aspect_ratio: str, capabilities: Capabilities) -> Size:
    width, height = map(int, aspect_ratio.split(":"))
    ratio = width / height
    if capabilities.sizes:
        return _nearest(ratio, capabilities.sizes)
    area = capabilities.default_size.width * capabilities.default_size.height
    low, high = capabilities.min_side, capabilities.max_side
    # Both sides have to fit: the wanted width is moved into the range in which the height fits too.
    wanted = min(max(math.sqrt(area * ratio), low, low * ratio), high, high * ratio)
    size = Size(width=_rounded(wanted, capabilities), height=_rounded(wanted / ratio, capabilities))
    if not _ratio_allowed(ratio, capabilities) or not _ratio_allowed(size.width / size.height, capabilities):
        raise Invalid(
            f"The aspect ratio {aspect_ratio} is not possible here. {_limits(capabilities)}",
            fields={"aspect_ratio": "not possible"},
        )
    return size


def _nearest(ratio: float, sizes: Sequence[Size]) -> Size:
    """Of a few fixed sizes the one whose shape comes nearest: 16:9 becomes 1536x1024 rather than nothing."""
    return min(sizes, key=lambda size: abs(math.log(size.width / size.height / ratio)))


def _rounded(side: float, capabilities: Capabilities) -> int:
    step = capabilities.side_multiple
    lowest, highest = -(-capabilities.min_side // step) * step, capabilities.max_side // step * step
    return min(max(round(side / step) * step, lowest), highest)


def _ratio_allowed(ratio: float, capabilities: Capabilities) -> bool:
    return capabilities.min_ratio * (1 - SAME_RATIO) <= ratio <= capabilities.max_ratio * (1 + SAME_RATIO)


def ratio_of(options: Options) -> float:
    """Width to height of the size or the aspect ratio; 0 when nothing was said."""
    if options.size:
        return options.size.width / options.size.height
    return _ratio(options.aspect_ratio) if options.aspect_ratio else 0.0


def same_ratio(one: float, other: float) -> bool:
    return abs(one / other - 1) <= SAME_RATIO


def _ratio(aspect_ratio: str) -> float:
    width, height = map(int, aspect_ratio.split(":"))
    return width / height


def _limits(capabilities: Capabilities) -> str:
    if capabilities.sizes:
        return f"Choose from {', '.join(map(str, capabilities.sizes))}."
    return (
        f"Each side is {capabilities.min_side} to {capabilities.max_side} pixels in steps of "
        f"{capabilities.side_multiple}, and width to height from {as_ratio(capabilities.min_ratio)} "
        f"to {as_ratio(capabilities.max_ratio)}.{_pixels(capabilities)}"
    )


def _pixels(capabilities: Capabilities) -> str:
    if not capabilities.min_pixels and not capabilities.max_pixels:
        return ""
    most = f" to {capabilities.max_pixels / 1e6:.1f}" if capabilities.max_pixels else " or more"
    return f" Together {capabilities.min_pixels / 1e6:.1f}{most} million pixels."


def as_ratio(ratio: float) -> str:
    return f"{ratio:.3g}:1" if ratio >= 1 else f"1:{1 / ratio:.3g}"


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"
