"""Takes things, parts of the backdrop, weather and words out of a scene."""

from __future__ import annotations

import re
from dataclasses import replace

from chatelier.providers.illustrator import grammar
from chatelier.providers.illustrator.again import on_another_backdrop
from chatelier.providers.illustrator.ambient import read_ambience
from chatelier.providers.illustrator.clauses import Clause
from chatelier.providers.illustrator.counts import count_of
from chatelier.providers.illustrator.edit_counts import remove_backdrop
from chatelier.providers.illustrator.edit_moves import WORN
from chatelier.providers.illustrator.edited import PEOPLE, Edited, chosen, found, main_things, people
from chatelier.providers.illustrator.scene import Scene
from chatelier.providers.illustrator.wish import Wish

LEAVING = (
    r"\b(?:everything|all) (?:but|except|besides|apart from)\b|\b(?:only|just) (?:keep|leave|show|the)\b"
    r"|\b(?:keep|leave) only\b"
)
ALL = (
    r"^(?:please )?empty\b|\b(?:everything|all (?:of )?(?:the )?(?:things|objects|animals|creatures)"
    r"|(?:the )?(?:animals|creatures))\b"
)


def remove(edited: Edited, clause: Clause) -> None:
    scene, home, before = edited.scene, "", edited.changed
    gone: set[int] = set()
    for span in clause.spans:
        things = chosen(edited, found(scene, span), clause, span)
        number = count_of(grammar.own_words(clause.before(span)))
        gone.update(thing.id for thing in (things[-number:] if number else things))
        if span.feature is not None and span.feature.place and span.feature.place == scene.place:
            home = span.label
        elif span.feature is not None and span.feature.name in scene.features:
            scene = replace(scene, features=tuple(name for name in scene.features if name != span.feature.name))
            edited.changed += 1
    unwanted = Wish()
    read_ambience(unwanted, clause.tokens, set())
    weather = tuple(name for name in scene.weather if name not in unwanted.weather)
    numbered = any(count_of(grammar.own_words(clause.before(span))) for span in clause.spans)
    if PEOPLE & set(clause.texts):
        gone.update(thing.id for thing in people(scene))
    if re.search(ALL, clause.text) or (not clause.spans and {"it", "them", "this", "that"} & set(clause.texts)):
        gone.update(thing.id for thing in (scene.things if re.search(ALL, clause.text) else main_things(edited)))
    edited.changed += (len(gone) > 0) + (weather != scene.weather)
    edited.scene = replace(without_things(scene, gone), weather=weather)
    if not numbered:
        remove_backdrop(edited, clause)
    if "text" in clause.texts or "words" in clause.texts or "letters" in clause.texts or "caption" in clause.texts:
        _without_texts(edited)
    if "background" in clause.texts and not gone:
        edited.became(on_another_backdrop(edited.scene, "studio", "plain", "plain"))
    if home and edited.changed == before:
        edited.note(f"The {home} is the place itself. Say where the picture should be instead.")


def without_things(scene: Scene, gone: set[int]) -> Scene:
    """What they carried comes down to where they stood; what was worn goes with them."""
    feet = {thing.id: thing.y for thing in scene.things}
    return scene.with_things(
        [
            replace(thing, carrier=None, y=feet[thing.carrier]) if thing.carrier in gone else thing
            for thing in scene.things
            if thing.id not in gone and not (thing.carrier in gone and thing.icon in WORN)
        ]
    )


def _without_texts(edited: Edited) -> None:
    if edited.scene.texts:
        edited.became(replace(edited.scene, texts=()))
    else:
        edited.note("There are no words in this picture.")


def leave_only(edited: Edited, clause: Clause) -> bool:
    """ "Remove everything except the cat", "only the cat"."""
    kept = {thing.id for span in clause.spans for thing in found(edited.scene, span)}
    if not kept or not re.search(LEAVING, clause.text) or "background" in clause.texts:
        return False
    gone = {thing.id for thing in edited.scene.things if thing.id not in kept and thing.carrier not in kept}
    if not gone:
        return False
    edited.became(without_things(edited.scene, gone))
    return True
