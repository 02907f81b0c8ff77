"""What the backdrop draws when it is asked for, and scenes that go elsewhere."""

from __future__ import annotations

from dataclasses import replace

from chatelier.providers.illustrator import grammar
from chatelier.providers.illustrator.again import on_another_backdrop
from chatelier.providers.illustrator.clauses import Clause
from chatelier.providers.illustrator.edited import EVERYTHING, Edited
from chatelier.providers.illustrator.parts import PARTS
from chatelier.providers.illustrator.scene import Scene
from chatelier.providers.illustrator.spans import Span

ADDITIVE = frozenset("mountains lake forest hills skyline".split())  # drawn behind, wherever the scene is


def with_feature(edited: Edited, scene: Scene, clause: Clause, span: Span) -> Scene:
    feature = span.feature
    assert feature is not None
    texts = set(clause.texts)
    edited.changed += 1
    moving = bool(EVERYTHING & texts) or "background" in texts or clause.verb in ("turn", "move")
    if feature.name == "mountains" and not moving:
        feature = replace(feature, setting="")  # they fit any land
    asked = clause.verb == "add" and not {"in", "at", "on", "to", "by"} & set(clause.before(span)[-3:])
    if feature.setting and feature.setting != scene.setting and asked and not moving:
        edited.changed -= 1
        edited.note(f"A {span.label} does not fit into this place. Ask to put the scene there instead.")
        return scene
    moving = moving or bool(feature.place and feature.place != scene.place and feature.name not in ADDITIVE)
    moving = moving or (bool({"in", "at", "on", "to"} & set(clause.before(span)[-3:])) and feature.place != scene.place)
    if feature.setting and (moving or feature.setting != scene.setting):
        if feature.near:
            edited.approximated.append({"asked": span.label, "drawn": feature.name})
        return on_another_backdrop(scene, feature.setting, feature.place, feature.name)
    colour = grammar.colour_in(grammar.own_words(clause.before(span)))
    paints = dict(scene.paints)
    if colour and span.label in PARTS:
        paints[PARTS[span.label]] = colour
    amounts = {name: many for name, many in scene.amounts.items() if many or name != feature.name}
    names = scene.features if feature.name in scene.features else (*scene.features, feature.name)
    return replace(scene, features=names, paints=paints, amounts=amounts)
