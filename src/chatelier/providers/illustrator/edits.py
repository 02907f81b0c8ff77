"""Changes a scene by an instruction, and leaves everything else where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from chatelier.providers.illustrator import grammar
from chatelier.providers.illustrator.ambient import hue_of, read_ambience
from chatelier.providers.illustrator.catalogue import catalogue
from chatelier.providers.illustrator.clauses import Clause, clauses
from chatelier.providers.illustrator.colours import NAMED, SHADES, clamp
from chatelier.providers.illustrator.compose import Composer, compose, let_flocks_fly
from chatelier.providers.illustrator.counts import PLURAL, count_of
from chatelier.providers.illustrator.parts import PARTS, paints_in
from chatelier.providers.illustrator.scene import MOST_THINGS, Placed, Scene
from chatelier.providers.illustrator.spans import Span
from chatelier.providers.illustrator.tilts import tilts_in
from chatelier.providers.illustrator.wish import Wanted, Wish
from chatelier.providers.illustrator.words import read, unknown_words

GROWTH = {"bigger": 1.35, "larger": 1.35, "huge": 1.7, "big": 1.35, "taller": 1.25, "giant": 1.9, "smaller": 0.72,
          "small": 0.72, "tiny": 0.5, "tinier": 0.6}  # fmt: skip
SIDES = {"left": 0.22, "right": 0.78, "centre": 0.5}
EVERYTHING = frozenset("it them everything him her image picture scene".split())


@dataclass(kw_only=True)
class Edited:
    """``changed`` counts the changes that were understood."""

    scene: Scene
    approximated: list[dict[str, str]] = field(default_factory=list)
    not_understood: list[str] = field(default_factory=list)
    changed: int = 0


def edit(scene: Scene, instruction: str) -> Edited:
    edited = Edited(scene=scene)
    tokens, _ = read(instruction)
    for clause in clauses(tokens):
        _apply(edited, clause)
    if not edited.changed and edited.not_understood:
        edited.scene = replace(edited.scene, hue=round(hue_of(sorted(edited.not_understood)), 3))
    edited.scene = replace(edited.scene, edits=(*edited.scene.edits, instruction[:500])[-40:])
    return edited


def wish_of(scene: Scene) -> Wish:
    """What a scene shows, as a wish: for composing it anew."""
    things: list[Wanted] = []
    index: dict[tuple[str, str], int] = {}
    home: dict[int, int] = {}
    for thing in scene.things:
        key = (thing.label, thing.colour)
        if key in index:
            one = things[index[key]]
            one.count += 1
            one.icon = one.icon if one.icon == thing.icon else "person-standing"
        else:
            index[key] = len(things)
            things.append(Wanted(icon=thing.icon, label=thing.label, colour=thing.colour))
        home[thing.id] = index[key]
    for thing in scene.things:
        if thing.carrier in home and home[thing.carrier] != home[thing.id]:
            things[home[thing.id]].carrier, things[home[thing.id]].onto = home[thing.carrier], thing.onto
    return Wish(
        things=things,
        features=list(scene.features),
        setting=scene.setting,
        place=scene.place,
        time=scene.time,
        season=scene.season,
        weather=list(scene.weather),
        style=scene.style,
        paints=dict(scene.paints),
        vibrance=scene.vibrance,
        lightness=scene.lightness,
        warmth=scene.warmth,
        hue=scene.hue,
    )


def _apply(edited: Edited, clause: Clause) -> None:
    before = edited.changed
    steps: dict[str, Callable[[Edited, Clause], None]] = {"remove": _remove, "add": _add, "turn": _turn, "move": _move}
    used = set()
    if clause.verb == "remove":
        _remove(edited, clause)
    else:
        steps.get(clause.verb, _make)(edited, clause)
        used = _ambience(edited, clause)
    if edited.changed == before:
        covered = {at for span in clause.spans for at in range(span.start, span.end)} | used
        left = unknown_words(clause.tokens, covered) or [" ".join(token.raw for token in clause.tokens)[:80]]
        edited.not_understood.extend(left)


def _found(scene: Scene, span: Span) -> list[Placed]:
    """The things of a scene that a word means: by icon or by the name people gave it."""
    base = span.icon.removesuffix("-standing")

    def meant(thing: Placed) -> bool:
        person = base in ("man", "woman", "person") and thing.icon.startswith(f"{base}-")
        words = thing.label.split()
        return thing.icon == span.icon or person or span.label in (thing.label, words[0], words[-1])

    return [thing for thing in scene.things if span.icon and thing.label.strip() and meant(thing)]


def _remove(edited: Edited, clause: Clause) -> None:
    scene = edited.scene
    gone: set[int] = set()
    for span in clause.spans:
        things = _found(scene, span)
        number = count_of(grammar.own_words(clause.before(span)))
        gone.update(thing.id for thing in (things[-number:] if number else things))
        if span.feature is not None and span.feature.name in scene.features:
            scene = replace(scene, features=tuple(name for name in scene.features if name != span.feature.name))
            edited.changed += 1
    unwanted = Wish()
    read_ambience(unwanted, clause.tokens, set())
    weather = tuple(name for name in scene.weather if name not in unwanted.weather)
    if {"people", "everyone", "persons"} & set(clause.texts):
        people = catalogue().categories
        gone.update(thing.id for thing in scene.things if people.get(thing.icon) == "People & Body")
    edited.changed += (len(gone) > 0) + (weather != scene.weather)
    feet = {thing.id: thing.y for thing in scene.things}
    kept = [
        replace(thing, carrier=None, y=feet[thing.carrier]) if thing.carrier in gone else thing
        for thing in scene.things
        if thing.id not in gone
    ]
    edited.scene = replace(scene, things=tuple(kept), weather=weather)


def _add(edited: Edited, clause: Clause) -> None:
    scene = edited.scene
    wanted: list[Wanted] = []
    existing: dict[int, Placed] = {}
    for span in clause.spans:
        if span.feature is not None:
            scene = _with_feature(edited, scene, clause, span)
        elif span.icon:
            said = grammar.Said()
            grammar.read_before(said, clause.before(span))
            grammar.read_after(said, clause.after(span), foreign=False)
            here = _found(scene, span)
            if here and wanted and "the" in clause.before(span)[-2:]:
                existing[len(wanted) - 1] = here[0]
                continue
            count = said.count or (PLURAL if span.plural else 1)
            icon = catalogue().toned(span.icon, said.tone) if said.tone else span.icon
            wanted.append(Wanted(icon=icon, label=span.label, count=min(24, count), colour=said.colour,
                                 scale=said.scale, position=said.position))  # fmt: skip
            if span.near:
                edited.approximated.append({"asked": span.label, "drawn": span.icon.replace("-", " ")})
    if wanted and len(scene.things) < MOST_THINGS - 30:
        if scene.setting != "studio" and not existing:
            let_flocks_fly(wanted)
        added = Composer(scene).place(list(enumerate(wanted)), onto=existing)
        scene = scene.with_things([*scene.things, *added])
        edited.changed += 1
    edited.scene = scene


def _with_feature(edited: Edited, scene: Scene, clause: Clause, span: Span) -> Scene:
    feature = span.feature
    assert feature is not None
    edited.changed += 1
    moving = bool(EVERYTHING & set(clause.texts)) or "background" in clause.texts or clause.verb in ("turn", "move")
    if feature.setting and moving:
        wish = wish_of(scene)
        wish.setting, wish.place = feature.setting, feature.place
        wish.features = [*(name for name in wish.features if name != scene.place), feature.name]
        width = round(1000 * scene.ratio)
        return replace(compose(wish, seed=scene.seed, width=width, height=1000), edits=scene.edits)
    colour = grammar.colour_in(grammar.own_words(clause.before(span)))
    paints = dict(scene.paints)
    if colour and span.label in PARTS:
        paints[PARTS[span.label]] = colour
    names = scene.features if feature.name in scene.features else (*scene.features, feature.name)
    return replace(scene, features=names, paints=paints)


def _turn(edited: Edited, clause: Clause) -> None:
    """ "replace the cat with a dog", "turn the cat into a dog"; otherwise the same as "make"."""
    things = [span for span in clause.spans if span.icon]
    for first, second in pairwise(things):
        words = clause.between(first, second)
        if not {"with", "by", "into", "to", "for", "as"} & set(words):
            continue
        old = {thing.id for thing in _found(edited.scene, first)}
        if not old:
            continue
        colour = grammar.colour_in(words)
        changed = [
            replace(thing, icon=second.icon, label=second.label, colour=colour) if thing.id in old else thing
            for thing in edited.scene.things
        ]
        edited.scene = edited.scene.with_things(changed)
        edited.changed += 1
        return
    _make(edited, clause)


def _make(edited: Edited, clause: Clause) -> None:
    texts = clause.texts
    if "instead" in texts and _instead(edited, clause):
        return
    things = [range(span.start, span.end) for span in clause.spans if span.icon]
    paints = paints_in(clause.tokens, things)
    if paints:
        edited.scene = replace(edited.scene, paints={**edited.scene.paints, **paints})
        edited.changed += 1
    new: list[Span] = []
    for span in clause.spans:
        targets = _found(edited.scene, span) if span.icon else []
        if targets:
            _change(
                edited, {thing.id for thing in targets}, [*grammar.own_words(clause.before(span)), *clause.after(span)]
            )
        elif span.icon or (
            span.feature and span.feature.name not in edited.scene.features and PARTS.get(span.label) not in paints
        ):
            new.append(span)
    if not clause.spans and EVERYTHING & set(texts) and edited.scene.things:
        main = edited.scene.things[0]
        _change(edited, {thing.id for thing in edited.scene.things if thing.icon == main.icon}, texts)
    if new and (clause.verb == "" or any(span.feature for span in new)) and not paints:
        _add(edited, Clause(verb=clause.verb, tokens=clause.tokens, spans=new))


def _instead(edited: Edited, clause: Clause) -> bool:
    """ "a dog instead of the cat"."""
    spans = [span for span in clause.spans if span.icon]
    at = clause.texts.index("instead")
    new, old = [span for span in spans if span.end <= at], [span for span in spans if span.start > at]
    targets = {thing.id for span in old for thing in _found(edited.scene, span)}
    if not new or not targets:
        return False
    colour = grammar.colour_in(grammar.own_words(clause.before(new[0])))
    edited.scene = edited.scene.with_things(
        [replace(thing, icon=new[0].icon, label=new[0].label, colour=colour) if thing.id in targets else thing
         for thing in edited.scene.things]
    )  # fmt: skip
    edited.changed += 1
    return True


def _change(edited: Edited, ids: set[int], words: Sequence[str]) -> None:
    """Colour and size of some things."""
    colour = grammar.colour_in([word for word in words if word in NAMED or word in SHADES])
    growth = next((GROWTH[word] for word in words if word in GROWTH), 1.0)
    if not colour and growth == 1.0:
        return
    edited.changed += 1
    edited.scene = edited.scene.with_things(
        [replace(thing, colour=colour or thing.colour, size=clamp(thing.size * growth, 0.03, 0.95))
         if thing.id in ids else thing for thing in edited.scene.things]
    )  # fmt: skip


def _move(edited: Edited, clause: Clause) -> None:
    side = next(
        (
            SIDES[name]
            for name, _ in grammar.POSITIONS[:3]
            if name in clause.texts or (name == "centre" and {"center", "middle"} & set(clause.texts))
        ),
        None,
    )
    ids = {thing.id for span in clause.spans if span.icon for thing in _found(edited.scene, span)}
    if side is None or not ids:
        _make(edited, clause)
        return
    middle = sum(thing.x for thing in edited.scene.things if thing.id in ids) / len(ids)
    moved = [
        replace(thing, x=clamp(thing.x + side - middle, 0.06, 0.94))
        if thing.id in ids or thing.carrier in ids
        else thing
        for thing in edited.scene.things
    ]
    edited.scene = edited.scene.with_things(moved)
    edited.changed += 1


def _ambience(edited: Edited, clause: Clause) -> set[int]:
    """Light, hour, weather, season and style; answers which words were used."""
    used = {at for span in clause.spans if span.icon for at in range(span.start, span.end)}
    wish = Wish()
    read_ambience(wish, clause.tokens, used)
    tilt = tilts_in(clause.texts, wish)
    scene = edited.scene
    changed = replace(
        scene,
        time=wish.time or scene.time,
        season=wish.season or scene.season,
        style=wish.style or scene.style,
        weather=tuple(dict.fromkeys((*scene.weather, *wish.weather))) if scene.setting != "studio" else scene.weather,
        vibrance=clamp(scene.vibrance + tilt.vibrance, -1, 1),
        lightness=clamp(scene.lightness + tilt.lightness, -0.8, 0.8),
        warmth=clamp(scene.warmth + tilt.warmth, -1, 1),
        hue=scene.hue if wish.hue is None else wish.hue,
    )
    edited.approximated.extend(wish.approximated)
    same_style = bool(wish.style) and wish.style == scene.style
    same_time = bool(wish.time) and wish.time == scene.time
    edited.changed += changed != scene or same_style or same_time
    edited.scene = changed
    return used
