"""What an instruction has made of a scene so far, and what could not be done."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from chatelier.providers.illustrator.catalogue import catalogue
from chatelier.providers.illustrator.clauses import Clause
from chatelier.providers.illustrator.layout import Box
from chatelier.providers.illustrator.scene import Placed, Scene
from chatelier.providers.illustrator.spans import Span
from chatelier.providers.illustrator.tokens import plural

EVERYTHING = frozenset("it them everything him her image picture scene this these".split())
PEOPLE = frozenset({"people", "everyone", "persons", "everybody"})


@dataclass(kw_only=True)
class Edited:
    """``changed`` counts the changes that were understood; ``area`` is the part that a mask allows, in shares of the
    composition; ``notes`` are sentences about what was not done or is so already."""

    scene: Scene
    approximated: list[dict[str, str]] = field(default_factory=list)
    not_understood: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)  # what was said and changed nothing, as written
    changed: int = 0
    spoken: list[int] = field(default_factory=list)  # ids of the things named last: "it" and "them" mean these
    area: Box | None = None

    def became(self, scene: Scene) -> None:
        self.scene = scene
        self.changed += 1

    def missing(self, label: str, *, many: bool = False) -> None:
        """A thing was named that is not there."""
        named = f"are no {plural(label)}" if many else f"is no {label}"
        self.note(f"There {named} in this picture.")

    def note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)

    def replace_things(self, things: Sequence[Placed]) -> None:
        self.became(self.scene.with_things(list(things)))


def found(scene: Scene, span: Span) -> list[Placed]:
    """The things of a scene that a word means: by icon or by the name people gave it."""
    base = span.icon.removesuffix("-standing")

    def meant(thing: Placed) -> bool:
        person = base in ("man", "woman", "person") and thing.icon.startswith(f"{base}-")
        words = thing.label.split()
        return thing.icon == span.icon or person or span.label in (thing.label, words[0], words[-1])

    return [thing for thing in scene.things if span.icon and thing.label.strip() and meant(thing)]


def people(scene: Scene) -> list[Placed]:
    categories = catalogue().categories
    return [thing for thing in scene.things if categories.get(thing.icon.split("-medium")[0]) == "People & Body"]


def main_things(edited: Edited) -> list[Placed]:
    """What "it" means: what stands inside the mask, else the first thing and its like."""
    things = edited.scene.things
    if edited.area is not None:
        return inside(edited, things)
    spoken = [thing for thing in things if thing.id in edited.spoken]
    if spoken:
        return spoken
    return [thing for thing in things if thing.icon == things[0].icon] if things else []


def inside(edited: Edited, things: Sequence[Placed]) -> list[Placed]:
    """Those that stand in the part that may change; all of them where there is no mask or none stands there."""
    if edited.area is None or not things:
        return list(things)
    from chatelier.providers.illustrator.framing import boxes
    from chatelier.providers.illustrator.layout import shared

    covered = boxes(edited.scene, things)
    return [
        thing
        for thing, box in zip(things, covered, strict=True)
        if shared(box, edited.area) > 0.4 * max(1e-6, min(box.area, edited.area.area))
    ]


def chosen(edited: Edited, things: list[Placed], clause: Clause, span: Span) -> list[Placed]:
    """Those meant of several: "one of the cats", "the left cat", "the cat on the right", "the biggest dog"."""
    if edited.area is not None and things and not inside(edited, things):
        edited.note(f"The {span.label} is not inside the marked part.")
        return []
    if len(things) < 2:
        return things
    own, after = clause.before(span), clause.after(span)
    before = " ".join(own)
    said = {*own[-3:], *(after[:4] if "on" in after[:3] else ())}
    side = next((word for word in ("left", "right") if word in said), "")
    if side:
        return [min(things, key=lambda thing: thing.x if side == "left" else -thing.x)]
    if re.search(r"\bone(?: of)?(?: the| my)?$|\bone \w+$|\ba$", before) and clause.verb != "remove":
        return things[:1]
    if re.search(r"\bother\b|\bsecond\b", before):
        return things[1:2]
    if re.search(r"\b(?:big|bigger|biggest|large|largest)\b", before) and clause.verb == "remove":
        return [max(things, key=lambda thing: thing.size)]
    return inside(edited, things) or things
