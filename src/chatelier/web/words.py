"""What a card says about a generation, in the words people use."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chatelier.db.models import Generation, GenerationStatus, Image
from chatelier.domain.generations import STAGE_WORDS
from chatelier.domain.quotas.limits import NAMES
from chatelier.domain.spend.words import SIGNS

Facts = list[tuple[str, str]]

PROVIDERS = {"openai": "OpenAI"}  # providers that are not written as other names are
KINDS = {"generate": "New picture", "edit": "Change of a picture", "variation": "Another version"}
DRAWN = {
    "composed_by": "Composed by",
    "drawn": "Drawn",
    "approximated": "Approximated",
    "not_understood": "Not understood",
    "note": "Note",
}
ASKED = ("style", "quality", "background", "negative_prompt", "aspect_ratio")
SCENE = ("setting", "time", "style")
TOLD = {*DRAWN, *SCENE, "things"}


def is_running(generation: Generation | None) -> bool:
    return generation is not None and generation.status in (GenerationStatus.QUEUED, GenerationStatus.RUNNING)


def image_count(generation: Generation) -> int:
    """How many pictures were asked for."""
    return int(generation.options.get("n") or 1)


def generation_title(generation: Generation) -> str:
    subject = generation.subject or "picture"
    if is_running(generation):
        return f"Painting your {subject}"
    return f"{KINDS.get(generation.kind, 'Picture') if generation.images else 'No picture'}: {subject}"


def stage_words(generation: Generation, place: int | None = None) -> str:
    """The stage, and while it waits how many are before it."""
    if generation.status == GenerationStatus.QUEUED and place and place > 1:
        others = "1 other" if place == 2 else f"{place - 1} others"
        return f"Waiting, {others} before it"
    return STAGE_WORDS.get(generation.stage, "Painting")


def generation_sentence(generation: Generation) -> str:
    """Why there is no picture, and whether it cost anything."""
    message = str((generation.error or {}).get("message") or "Generation failed, please try again.")
    if "charge" in message.lower():
        return message
    if generation.status == GenerationStatus.UNKNOWN and generation.estimate_micros:
        held = money(generation.estimate_micros, generation.currency)
        return f"{message} {held} stays set aside until it is known."
    if generation.amount_micros:
        return f"{message} {money(generation.amount_micros, generation.currency)} was charged."
    return f"{message} Nothing was charged."


def generation_summary(generation: Generation) -> str:
    parts = [f"{generation.width} × {generation.height}", model(generation)]
    if generation.status == GenerationStatus.SUCCEEDED:
        parts += [seconds(generation), price(generation)]
    return " · ".join(part for part in parts if part)


def generation_facts(
    generation: Generation, image: Image | None = None, reason: str = "", *, words_micros: int = 0
) -> Facts:
    """Everything there is to know about it, for the details; empty values are left out."""
    size = image or generation
    facts = [
        ("You asked", generation.instruction),
        ("Understood", reason),
        ("Prompt", generation.prompt),
        ("Prompt used", generation.revised_prompt or ""),
        ("Size", f"{size.width} × {size.height}"),
        ("Model", model(generation)),
        ("Seed", str(image.seed if image and image.seed is not None else generation.seed)),
        ("Time", seconds(generation)),
        ("Price", price(generation)),
        ("Words by the chat model", small_money(words_micros, generation.currency) if words_micros else ""),
        *drawing_facts((image.details if image else None) or generation.details or {}),
    ]
    return [(name, value) for name, value in facts if value]


def drawing_facts(details: dict[str, Any]) -> Facts:
    """What the engine tells about its own work; the illustrator says what it drew and what it did not understand."""
    facts = [(words, _listed(details.get(name))) for name, words in DRAWN.items()]
    scene = " · ".join(str(details[name]) for name in SCENE if details.get(name))
    others = [(name.replace("_", " ").capitalize(), value) for name, value in details.items() if name not in TOLD]
    return [*facts, ("Scene", scene), *((name, value) for name, value in others if isinstance(value, str))]


def _listed(value: object) -> str:
    """A list in words; of things that only come near, what was asked for and what stands for it."""
    if not isinstance(value, list):
        return str(value or "")
    return ", ".join(f"{one['asked']} as {one['drawn']}" if isinstance(one, dict) else str(one) for one in value)


def image_facts(image: Image, generation: Generation | None, zone: str, *, words_micros: int = 0) -> Facts:
    kind = image.media_type.removeprefix("image/").upper()
    file = [("Made", moment(image.created_at, zone)), ("File", f"{kind}, {byte_words(image.bytes)}")]
    file.append(("SHA-256", image.sha256))
    if image.alt_text and image.alt_text != image.prompt:
        file.insert(0, ("Description", image.alt_text))
    if generation is not None:
        asked = [(name.replace("_", " ").capitalize(), str(generation.options.get(name) or "")) for name in ASKED]
        return (
            generation_facts(generation, image, words_micros=words_micros) + [fact for fact in asked if fact[1]] + file
        )
    own = [("Prompt", image.prompt), ("Size", f"{image.width} × {image.height}"), ("Origin", "Uploaded")]
    return [fact for fact in own if fact[1]] + file


def model(generation: Generation) -> str:
    """The model's name, with its provider where the name does not tell it."""
    provider, name = generation.provider, generation.model
    shown = PROVIDERS.get(provider, provider.capitalize())
    return shown if name.startswith(provider) or not name else f"{shown} · {name}"


def seconds(generation: Generation) -> str:
    if not generation.started_at or not generation.finished_at:
        return ""
    return f"{max(0.1, (generation.finished_at - generation.started_at).total_seconds()):.1f} s"


def price(generation: Generation) -> str:
    if generation.amount_micros is not None:
        return money(generation.amount_micros, generation.currency) if generation.amount_micros else "free"
    if generation.estimate_micros is None:
        return "not known"
    return f"up to {money(generation.estimate_micros, generation.currency)}" if generation.estimate_micros else "free"


def money(micros: int, currency: str) -> str:
    """``micros`` are millionths of the currency; three digits after the point, since pictures cost cents."""
    return f"{SIGNS.get(currency, currency + ' ')}{micros / 1_000_000:.3f}"


def small_money(micros: int, currency: str) -> str:
    """Some words cost less than the last digit that is shown."""
    return money(micros, currency) if micros >= 1000 else f"under {money(1000, currency)}"


def limit_title(name: str) -> str:
    """Images, where what is left of them says the span; else the whole of it."""
    line = NAMES[name]
    words = line.words.split()[0] if line.span in ("hour", "day", "month") else line.words
    return words[0].upper() + words[1:]


def byte_words(size: int) -> str:
    if size >= 1_000_000_000:
        return f"{size / 1_000_000_000:.1f} GB"
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{-(-size // 1000)} kB"


def moment(when: datetime, zone: str) -> str:
    """In the time zone of this name; an unknown one is taken for UTC."""
    try:
        return f"{when.astimezone(ZoneInfo(zone)):%-d %B %Y, %H:%M}"
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"{when.astimezone(UTC):%-d %B %Y, %H:%M} UTC"
