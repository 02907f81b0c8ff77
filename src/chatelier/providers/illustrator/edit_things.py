"""Adds, exchanges and changes the things of a scene; everything else stays where it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from chatelier.providers.illustrator import colours, grammar
from chatelier.providers.illustrator.catalogue import catalogue
from chatelier.providers.illustrator.clauses import Clause
from chatelier.providers.illustrator.colours import NAMED, SHADES, clamp
from chatelier.providers.illustrator.compose import Composer, let_flocks_fly
from chatelier.providers.illustrator.counts import PLURAL
from chatelier.providers.illustrator.edit_moves import WORN, can_wear, read_move, said_to_move, shifted, worn_on
from chatelier.providers.illustrator.edit_places import with_feature
from chatelier.providers.illustrator.edited import (
    EVERYTHING,
    Edited,
    chosen,
    found,
    main_things,
)
from chatelier.providers.illustrator.framing import boxes
from chatelier.providers.illustrator.kinds import kind
from chatelier.providers.illustrator.looks import outline
from chatelier.providers.illustrator.parts import PARTS, paints_in
from chatelier.providers.illustrator.scene import MOST_THINGS, WHOLE, Placed, Scene
from chatelier.providers.illustrator.spans import Span
from chatelier.providers.illustrator.wish import Wanted

GROWTH = {"bigger": 1.35, "larger": 1.35, "huge": 1.7, "big": 1.35, "taller": 1.25, "giant": 1.9, "enormous": 1.9,
          "gigantic": 1.9, "massive": 1.8, "large": 1.35, "smaller": 0.72, "small": 0.72, "tiny": 0.5, "tinier": 0.6,
          "little": 0.72, "shorter": 0.8, "enlarge": 1.35, "shrink": 0.72, "grow": 1.35}  # fmt: skip
SEASONAL = frozenset("winter snowy wintry snow".split())  # of a scene that is there: its season, not another place
SHADING = frozenset("darker dark deeper lighter brighter light paler".split())  # of "it": the whole picture's light
EXCHANGING = frozenset({"with", "by", "into", "to", "for", "as", "in"})


def add(edited: Edited, clause: Clause) -> None:
    scene = edited.scene
    if {"the", "my"} & set(clause.texts) and clause.verb in ("add", "move") and _moves(edited, clause):
        return
    if _dress(edited, clause):
        return
    wanted: list[Wanted] = []
    existing: dict[int, Placed] = {}
    for span in clause.spans:
        if span.feature is not None and span.label not in SEASONAL:
            scene = with_feature(edited, scene, clause, span)
        elif span.icon:
            here = found(scene, span)
            if here and {"the", "my", "his", "her"} & set(clause.before(span)[-3:]):
                if wanted and {"on", "onto", "in", "inside", "into", "to", "riding"} & set(clause.before(span)):
                    existing[len(wanted) - 1] = here[0]
                continue
            wanted.append(_wanted(edited, clause, span))
    if wanted and len(scene.things) < MOST_THINGS - 30:
        if scene.setting != "studio" and not existing:
            let_flocks_fly(wanted)
        added = Composer(scene).place(list(enumerate(wanted)), onto=existing)
        scene = scene.with_things([*scene.things, *_in_view(edited, scene, added)])
        edited.changed += 1
    elif wanted:
        edited.note("There is no room for more things in this picture.")
    edited.scene = scene


def _wanted(edited: Edited, clause: Clause, span: Span) -> Wanted:
    said = grammar.Said()
    grammar.read_before(said, clause.before(span))
    grammar.read_after(said, clause.after(span), foreign=False)
    count = said.count or (PLURAL if span.plural else 1)
    icon = catalogue().toned(span.icon, said.tone) if said.tone else span.icon
    if span.near:
        edited.approximated.append({"asked": span.label, "drawn": span.icon.replace("-", " ")})
    return Wanted(icon=icon, label=span.label, count=min(24, count), colour=said.colour,
                  scale=said.scale, position=said.position)  # fmt: skip


def _moves(edited: Edited, clause: Clause) -> bool:
    """ "Put the dog on the left": said with an add's verb of a thing that is there."""
    first = next((span for span in clause.spans if span.icon), None)
    if first is None or not found(edited.scene, first) or not said_to_move(clause, first):
        return False
    return read_move(edited, clause)


def _in_view(edited: Edited, scene: Scene, added: Sequence[Placed]) -> list[Placed]:
    """Into the part that is seen after a close-up, or that a mask allows."""
    new = scene.with_things([*scene.things, *added])
    ids = {thing.id for thing in added if thing.carrier is None}
    fresh = [thing for thing in new.things if thing.id in ids]
    if edited.area is not None and fresh:
        for at, thing in enumerate(fresh):
            new = _fitted(new, thing, edited, (at + 0.5) / len(fresh))
    elif scene.view != WHOLE and fresh:
        left, top, right, bottom = scene.view
        for thing in fresh:
            factor = min(1.0, right - left)
            x, y = left + thing.x * (right - left), top + thing.y * (bottom - top)
            if right - left < 1:
                new = shifted(new, {thing.id}, x - thing.x, y - thing.y, factor)
    return [thing for thing in new.things if thing.id >= scene.next_id()]


def _fitted(scene: Scene, thing: Placed, edited: Edited, share: float) -> Scene:
    """As large as the marked part has room for, standing at its foot."""
    area = edited.area
    assert area is not None
    (box,) = boxes(scene, [thing])
    room = min((area.right - area.left) / (box.right - box.left), (area.bottom - area.top) / (box.bottom - box.top))
    factor = clamp(room * 0.86, 0.15, 1.6)
    if area.bottom < scene.horizon and thing.zone == "ground" and scene.setting != "studio":
        things = [replace(one, zone="sky", haze=0.0) if one.id == thing.id else one for one in scene.things]
        scene = scene.with_things(things)  # above the land nothing throws a shadow
    x = area.left + (area.right - area.left) * share
    y = area.bottom - (area.bottom - area.top) * 0.06
    return shifted(scene, {thing.id}, x - thing.x, y - thing.y, factor)


def _dress(edited: Edited, clause: Clause) -> bool:
    """ "Give the cat a hat", "put sunglasses on the dogs", "add a crown": worn, not lying about."""
    clothes = [span for span in clause.spans if span.icon in WORN]
    if not clothes or found(edited.scene, clothes[0]):
        return False
    hosts = [thing for span in clause.spans if span not in clothes
             for thing in chosen(edited, found(edited.scene, span), clause, span)]  # fmt: skip
    named = any(span not in clothes for span in clause.spans) or grammar.leading_position(clause.texts)
    creatures = [thing for thing in edited.scene.things if can_wear(thing)]
    hosts = [thing for thing in hosts or ([] if named else main_things(edited) or creatures[:1]) if can_wear(thing)]
    if not hosts and not named:
        hosts = creatures[:1]
    if not hosts:
        return False
    things = list(edited.scene.things)
    for span in clothes:
        colour = grammar.colour_in(grammar.own_words(clause.before(span)))
        for host in hosts:
            next_id = max(thing.id for thing in things) + 1
            things.append(worn_on(edited.scene, span.icon, host, next_id, span.label, colour))
    edited.replace_things(things)
    return True


def turn(edited: Edited, clause: Clause) -> None:
    """ "replace the cat with a dog", "turn the cat into a dog"; otherwise the same as "make"."""
    things = [span for span in clause.spans if span.icon]
    for first, second in pairwise(things):
        words = clause.between(first, second)
        if not EXCHANGING & set(words):
            continue
        old = [thing.id for thing in chosen(edited, found(edited.scene, first), clause, first)]
        if not old:
            edited.missing(first.label)
            return
        _exchange(edited, set(old), second, words)
        return
    if len(things) == 1 and EXCHANGING & set(clause.before(things[0])) and edited.scene.things:
        old = [thing.id for thing in main_things(edited)]
        if EVERYTHING & set(clause.before(things[0])):
            _exchange(edited, set(old), things[0], clause.before(things[0]))
            return
    make(edited, clause)


def _exchange(edited: Edited, old: set[int], new: Span, words: Sequence[str]) -> None:
    """In the same places, as large as the new thing is beside the old one in life."""
    colour = grammar.colour_in(list(words)[-4:])
    if new.near:
        edited.approximated.append({"asked": new.label, "drawn": new.icon.replace("-", " ")})

    def exchanged(thing: Placed) -> Placed:
        life = clamp((kind(new.icon).scale / kind(thing.icon).scale) ** 0.7, 0.5, 1.8)
        look = outline(new.icon)
        size = clamp(thing.size * life, 0.05, 0.7)
        tallest = (thing.y - 0.03) * edited_height(edited.scene) / max(0.2, look.height / look.extent)
        return replace(thing, icon=new.icon, label=new.label, colour=colour, size=min(size, max(0.05, tallest)))

    edited.replace_things([exchanged(thing) if thing.id in old else thing for thing in edited.scene.things])
    if colour == "" and edited.scene.things and edited.scene.things[0].id in old:
        look = outline(new.icon)
        edited.scene = replace(edited.scene, accent=round(look.hue, 3) if look.coloured else None)


def edited_height(scene: Scene) -> float:
    """The height of the composition in shares of its shorter side."""
    return 1.0 if scene.ratio >= 1 else 1 / scene.ratio


def make(edited: Edited, clause: Clause) -> None:
    texts = clause.texts
    if "instead" in texts and _instead(edited, clause):
        return
    things = [range(span.start, span.end) for span in clause.spans if span.icon]
    paints = paints_in(clause.tokens, things)
    if paints:
        edited.became(replace(edited.scene, paints={**edited.scene.paints, **paints}))
    if _made_into(edited, clause) or _tabletop(edited, clause):
        return
    new: list[Span] = []
    than = texts.index("than") if "than" in texts else len(texts)
    for span in clause.spans:
        if (span.feature is not None and span.label in SEASONAL) or span.start > than:
            continue
        targets = chosen(edited, found(edited.scene, span), clause, span) if span.icon else []
        if targets:
            words = [*grammar.own_words(clause.before(span)), *_own_after(clause, span)]
            change(edited, {thing.id for thing in targets}, words)
        elif span.icon or (
            span.feature and span.feature.name not in edited.scene.features and PARTS.get(span.label) not in paints
        ):
            new.append(span)
    if not clause.spans and EVERYTHING & set(texts) and edited.scene.things:
        meant = edited.scene.things if "everything" in texts else main_things(edited)
        change(edited, {thing.id for thing in meant}, [word for word in texts if word not in SHADING])
    colour = grammar.colour_in(texts)
    if not clause.spans and not paints and colour and len(texts) <= 3 and not EVERYTHING & set(texts):
        change(edited, {thing.id for thing in main_things(edited)}, texts)  # "in green"
    if new and (clause.verb == "" or any(span.feature for span in new)) and not paints:
        add(edited, Clause(verb=clause.verb, tokens=clause.tokens, spans=new))
    elif new and not edited.changed and clause.verb in ("make", "turn", "move"):
        for span in new:
            edited.missing(span.label, many=span.plural)


def _own_after(clause: Clause, span: Span) -> list[str]:
    """What follows a thing and is said of it: up to "and" where another thing comes."""
    after = clause.after(span)
    last = all(other.start <= span.start for other in clause.spans)
    return after if last or "and" not in after else after[: after.index("and")]


def _made_into(edited: Edited, clause: Clause) -> bool:
    """ "Make the boy a girl", "make it a wolf": one thing, then an article, then what it shall be."""
    new = clause.spans[-1] if clause.spans else None
    if clause.verb != "make" or new is None or not new.icon or found(edited.scene, new):
        return False
    if not re.search(r"(?:^| )(?:look like |into |be )?(?:an?|some)(?: \w+)?$", " ".join(clause.before(new))):
        return False
    if len(clause.spans) == 1 and EVERYTHING & set(clause.texts[: new.start]):
        old = main_things(edited)
    elif len(clause.spans) == 2:
        old = chosen(edited, found(edited.scene, clause.spans[0]), clause, clause.spans[0])
    else:
        return False
    if old:
        _exchange(edited, {thing.id for thing in old}, new, clause.before(new))
    return bool(old)


def _tabletop(edited: Edited, clause: Clause) -> bool:
    """A still life's table is its ground."""
    colour = grammar.colour_in(clause.texts)
    if edited.scene.place != "table" or "table" not in clause.texts or not colour:
        return False
    if any(found(edited.scene, span) for span in clause.spans):
        return False
    edited.became(replace(edited.scene, paints={**edited.scene.paints, "ground": colour}))
    return True


def _instead(edited: Edited, clause: Clause) -> bool:
    """ "a dog instead of the cat"."""
    spans = [span for span in clause.spans if span.icon]
    at = clause.texts.index("instead")
    new, old = [span for span in spans if span.end <= at], [span for span in spans if span.start > at]
    targets = {thing.id for span in old for thing in found(edited.scene, span)}
    if not new or not targets:
        return False
    _exchange(edited, targets, new[0], grammar.own_words(clause.before(new[0])))
    return True


def change(edited: Edited, ids: set[int], words: Sequence[str]) -> None:
    """Colour, shade and size of some things."""
    colour = grammar.colour_in([word for word in words if word in NAMED or word in SHADES])
    growth = next((GROWTH[word] for word in words if word in GROWTH), 1.0)
    if {"much", "way", "lot", "very", "twice", "double"} & set(words):
        growth = growth**1.8 if growth != 1.0 else growth
    shade = "" if colour else _shade(words)
    if not colour and growth == 1.0 and not shade:
        return
    things = [
        replace(thing, colour=colour or (_shaded(thing, shade) if shade else thing.colour))
        if thing.id in ids
        else thing
        for thing in edited.scene.things
    ]
    scene = edited.scene.with_things(things)
    for thing in scene.things:
        if thing.id in ids and growth != 1.0:
            scene = shifted(scene, {thing.id}, 0, 0, clamp(thing.size * growth, 0.03, 0.95) / thing.size)
    edited.became(scene)


def _shade(words: Sequence[str]) -> str:
    if {"darker", "dark", "deeper"} & set(words):
        return "dark"
    return "light" if {"lighter", "brighter", "light", "paler"} & set(words) else ""


def _shaded(thing: Placed, shade: str) -> str:
    """Its own colour, named, in another shade."""
    if thing.colour:
        return f"{shade} {thing.colour.rpartition(' ')[2]}"
    look = outline(thing.icon)
    own = colours.from_hls(look.hue, look.lightness, look.saturation)
    nearest = min(NAMED, key=lambda name: (_distance(own, colours.parse(NAMED[name])), name))
    return f"{shade} {nearest}"


def _distance(one: colours.RGB, other: colours.RGB) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
