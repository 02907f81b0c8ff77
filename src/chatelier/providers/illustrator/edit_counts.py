"""How many: "three cats instead of one", "another dog", "fewer trees", "more stars", "remove the sun"."""

from __future__ import annotations

import re
from dataclasses import replace

from chatelier.providers.illustrator import grammar
from chatelier.providers.illustrator.clauses import Clause
from chatelier.providers.illustrator.compose import Composer
from chatelier.providers.illustrator.counts import MOST, count_of
from chatelier.providers.illustrator.edited import Edited, found
from chatelier.providers.illustrator.groups import IN_A_GROUP
from chatelier.providers.illustrator.scene import MOST_THINGS, Placed
from chatelier.providers.illustrator.spans import Span
from chatelier.providers.illustrator.tokens import plural
from chatelier.providers.illustrator.wish import Wanted

# Words for what the backdrop draws many of → the amount's name.
MANY = {
    "star": "stars", "stars": "stars", "cloud": "clouds", "clouds": "clouds", "flower": "flowers", "flowers": "flowers",
    "wildflowers": "flowers", "blossoms": "flowers", "tree": "trees", "trees": "trees", "woods": "trees",
    "palms": "trees", "palm": "trees", "rain": "rain", "snow": "snow", "snowflakes": "snow", "raindrops": "rain",
    "path": "path", "trail": "path", "footpath": "path", "sun": "sun", "moon": "moon", "sunshine": "sun",
}  # fmt: skip
SINGLE = frozenset({"sun", "moon", "path"})
MORE = (
    r"(?:many |some |a few |a lot |lots |even |much |add )?more|heavier|denser|thicker|extra|lots of"
    r"|plenty of|loads of|tons of"
)
FEWER = (
    r"(?:much |far |a lot |a bit )?(?:fewer|less)|not so (?:many|much)|too (?:many|much)|lighter|thin out"
    r"|reduce|half the"
)
ANOTHER = r"another|(?:one|1) (?:more|extra|additional)|an? (?:extra|additional|further)|(?:a )?second"
MULTIPLES = {
    r"double|twice (?:as many|the)|two times": 2.0,
    r"triple|three times": 3.0,
    r"half (?:as many|the)|halve": 0.5,
}


def read_counts(edited: Edited, clause: Clause) -> Clause:
    """Does what the clause says of numbers, and answers the clause without those words where nothing else is said."""
    for span in clause.spans:
        if span.icon and _thing(edited, clause, span):
            return _rest(clause, span)
    if clause.verb != "remove":
        return _backdrop(edited, clause)
    return clause


def _rest(clause: Clause, span: Span) -> Clause:
    """Without the thing and what was said before it; a colour after it is still to be read."""
    first = span.start - len(clause.before(span))
    after = clause.tokens[span.end :]
    if "instead" in clause.texts or {"of", "one"} & set(clause.texts[span.end :]):
        after = []
    keep = [*clause.tokens[: max(0, first)], *(after if first > 0 or after else [])]
    return Clause(verb="make", tokens=list(keep), spans=[])


def _thing(edited: Edited, clause: Clause, span: Span) -> bool:
    """Whether the clause asked for another number of a thing that is there, and got it."""
    before = " ".join(clause.before(span))
    there = [thing for thing in found(edited.scene, span) if thing.carrier is None] or found(edited.scene, span)
    if not there or clause.verb in ("remove", "move") or _selects(before):
        return False
    own = grammar.own_words(clause.before(span))
    said = count_of([word for word in own if word not in ("both",)])
    wanted = _wanted(before, len(there), said, clause, span)
    if wanted is None or wanted == len(there):
        return False
    if wanted > MOST:
        edited.approximated.append({"asked": f"{wanted} {plural(span.label)}", "drawn": f"{MOST} {plural(span.label)}"})
        wanted = MOST
    colour = grammar.colour_in(own) if re.search(ANOTHER, before) or clause.verb == "add" else ""
    set_count(edited, there, wanted, colour=colour)
    return True


def _selects(before: str) -> bool:
    return bool(re.search(r"\bone of(?: the)?$|\bone of (?:the|my) |\b(?:each|every|both|all)\b", before))


def _wanted(before: str, now: int, said: int | None, clause: Clause, span: Span) -> int | None:
    """How many there shall be; None when no number is spoken of."""
    for pattern, factor in MULTIPLES.items():
        if re.search(rf"\b(?:{pattern})\b", before):
            return max(1, round(now * factor))
    if re.search(rf"\b(?:{ANOTHER})\b", before):
        return now + 1
    if re.search(r"\bmore\b|\bextra\b|\badditional\b", before):
        return now + (said or max(2, round(now * 0.6)))
    if re.search(rf"\b(?:{FEWER})\b", before):
        return max(1, round(now * 0.45))
    if said is None or not said:
        return now + 1 if clause.verb == "add" and re.search(r"\ban?$", before) else None
    if clause.verb == "add" and not re.search(r"there (?:should|must)|\b(?:only|just|exactly|total)\b", clause.text):
        return now + said
    after = " ".join(clause.texts[span.end :])
    definite = re.search(r"\bthe (?:\w+ )?$|\bthe \w+$", before) and "make" not in before
    describes = re.search(r"\b(?:bigger|smaller|larger|blue|red|green)\b", after)
    only_one = said == 1 and not re.search(r"\b(?:only|just|one|single|1)\b", before)
    return None if only_one or describes or (definite and not re.search("instead|only", clause.text)) else said


def set_count(edited: Edited, there: list[Placed], wanted: int, *, colour: str = "") -> None:
    """The first ones stay where they are; new ones stand among them, and all get smaller when it gets crowded."""
    scene = edited.scene
    if wanted < len(there):
        gone = {thing.id for thing in there[wanted:]}
        edited.replace_things([thing for thing in scene.things if thing.id not in gone and thing.carrier not in gone])
        return
    many = min(wanted - len(there), MOST_THINGS - len(scene.things))
    if many <= 0:
        edited.note("There is no room for more things in this picture.")
        return
    factor = _crowding(wanted) / _crowding(len(there))
    ids = {thing.id for thing in there}
    things = [replace(thing, size=thing.size * factor) if thing.id in ids else thing for thing in scene.things]
    scene = scene.with_things(things)
    model = there[0]
    new = Wanted(icon=model.icon, label=model.label, count=many, colour=colour or model.colour)
    if model.zone == "sky":
        new.position = "sky"
    size = sum(thing.size for thing in there) / len(there) * factor
    added = Composer(scene).place([(0, new)], size=size)
    edited.replace_things([*scene.things, *added])


def _crowding(count: int) -> float:
    return next((factor for most, factor in IN_A_GROUP if count <= most), IN_A_GROUP[-1][1])


def _backdrop(edited: Edited, clause: Clause) -> Clause:
    """Stars, clouds, flowers, trees, rain and snow of the backdrop."""
    for span in clause.spans:
        many = next((MANY[word] for word in reversed(span.label.split()) if word in MANY), "")
        if not many or many in SINGLE or (span.icon and found(edited.scene, span)):
            continue
        before = " ".join(clause.before(span))
        more = re.search(rf"\b(?:{MORE})$|\b(?:{MORE}) (?!of\b)", before)
        fewer = re.search(rf"\b(?:{FEWER})\b", before) or re.search(r"\b(?:too many|less)\b", clause.text)
        if fewer and _is_shown(edited, many):
            _multiply(edited, many, 0.35)
            return _rest(clause, span)
        if more and _is_shown(edited, many) and many != "trees":
            _multiply(edited, many, 2.4)
            return _rest(clause, span)
    return clause


def _is_shown(edited: Edited, many: str) -> bool:
    """Whether the backdrop draws any of them now."""
    scene = edited.scene
    if many in ("rain", "snow"):
        return many in scene.weather
    return {
        "stars": "stars" in scene.features
        or scene.place == "space"
        or (scene.time == "night" and scene.setting != "studio"),
        "clouds": scene.setting != "studio" and scene.place != "underwater",
        "flowers": "flowers" in scene.features or scene.place in ("meadow", "garden"),
        "trees": scene.setting == "landscape" or scene.place == "beach",
    }.get(many, False)


def _multiply(edited: Edited, many: str, factor: float) -> None:
    scene = edited.scene
    now = scene.amounts.get(many, 1.0)
    amount = min(6.0, max(0.1, now * factor)) if now else (1.0 if factor > 1 else 0.0)
    edited.became(replace(scene, amounts={**scene.amounts, many: round(amount, 3)}))


def remove_backdrop(edited: Edited, clause: Clause) -> bool:
    """ "Remove the sun": whether something of the backdrop was asked to go, and went."""
    scene, gone = edited.scene, False
    for word in clause.texts:
        many = MANY.get(word, "")
        if many == "sun" and scene.time == "night":
            continue
        if many and (many in SINGLE or _is_shown(edited, many)) and scene.amounts.get(many, 1.0) > 0:
            scene = replace(scene, amounts={**scene.amounts, many: 0.0})
            gone = True
    if gone:
        edited.became(scene)
    return gone
