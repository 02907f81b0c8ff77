"""From a prompt's words to a Wish: the things it names, the backdrop, the light. Pure, and never an error."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from chatelier.providers.illustrator import grammar
from chatelier.providers.illustrator.ambient import hue_of, read_ambience, set_style
from chatelier.providers.illustrator.catalogue import catalogue
from chatelier.providers.illustrator.colours import NAMED
from chatelier.providers.illustrator.counts import GROUPS, MOST, NUMBERS, PLURAL
from chatelier.providers.illustrator.grammar import Said
from chatelier.providers.illustrator.lexicon import lines
from chatelier.providers.illustrator.parts import PARTS, paints_in
from chatelier.providers.illustrator.persons import GENDERS, acting, of_gender
from chatelier.providers.illustrator.relations import carried
from chatelier.providers.illustrator.spans import Span, find_spans
from chatelier.providers.illustrator.tokens import Token, plural, singulars, tokenise
from chatelier.providers.illustrator.translate import to_english, unfold_emoji, unfold_wide
from chatelier.providers.illustrator.wish import FEATURE_NAMES, Wanted, Wish, remove_things

KINDS = 16  # different things in one picture
PEOPLE = ("People & Body",)


def understand(prompt: str, *, style: str = "", negative: str = "") -> Wish:
    """``negative`` names what must not be there; ``style`` is the option, stronger than words."""
    tokens, foreign = read(prompt)
    spans = find_spans(tokens)
    wish = Wish()
    used = _read_things(wish, tokens, spans, foreign=foreign)
    covered = {at for span in spans for at in range(span.start, span.end)} | used
    wish.paints = paints_in(tokens, [range(span.start, span.end) for span in spans if span.icon])
    read_ambience(wish, tokens, covered)
    set_style(wish, style)
    _read_rest(wish, tokens, covered)
    _drop_unwanted(wish, negative)
    return wish


def read(text: str, *, orders: bool = False) -> tuple[list[Token], bool]:
    """The words in English, and whether they were another language; ``orders`` for the words of instructions."""
    return to_english(tokenise(unfold_wide(unfold_emoji(text), orders=orders)), orders=orders)


def _read_things(wish: Wish, tokens: Sequence[Token], spans: list[Span], *, foreign: bool) -> set[int]:
    """Adds things and features; answers which other words were used up (verbs of people)."""
    around = grammar.gaps(tokens, spans)
    negation = grammar.Negation()
    used: set[int] = set()
    index: dict[int, int] = {}
    for at, span in enumerate(spans):
        said = Said(negated=negation.read(around[at]))
        grammar.read_before(said, around[at])
        grammar.read_after(said, around[at + 1], foreign=foreign)
        said.bare = grammar.is_bare(span.label, around[at]) and not foreign
        said.position = grammar.leading_position(around[at]) or said.position
        if said.negated:
            continue
        if span.feature is not None:
            _add_feature(wish, span, said)
            continue
        wanted = _wanted(wish, span, said, around[at + 1])
        if wanted.label != span.label:
            used.update(range(span.end, min(span.end + 4, len(tokens))))
        index[at] = _add(wish, wanted)
    for rider, (carrier, onto) in carried(
        spans, around, {at: wish.things[to].icon for at, to in index.items()}
    ).items():
        if index[rider] != index[carrier] and not _is_cyclist(wish, index[rider], index[carrier]):
            wish.things[index[rider]].carrier = index[carrier]
            wish.things[index[rider]].onto = onto and not _is_open_boat(wish.things[index[carrier]])
    return used


def _is_open_boat(carrier: Wanted) -> bool:
    """Who sits in just any boat shall be seen: sails would hide them, so it becomes an open one."""
    if carrier.icon == "sailboat" and "sail" not in carrier.label and carrier.label != "yacht":
        carrier.icon = "canoe"
    return carrier.icon == "canoe"


def _is_cyclist(wish: Wish, rider: int, carrier: int) -> bool:
    """A person on a bicycle is drawn as one thing."""
    person, bicycle = wish.things[rider], wish.things[carrier]
    if bicycle.icon != "bicycle" or person.icon not in GENDERS:
        return False
    person.icon, person.label = f"{GENDERS[person.icon]}-biking", f"{person.label} riding a bicycle"
    if carrier == len(wish.things) - 1:
        wish.things.pop()
    return True


def _wanted(wish: Wish, span: Span, said: Said, after: Sequence[str]) -> Wanted:
    icons = catalogue()
    icon, label = span.icon, span.label
    doing, word = acting(icon, after, icons)
    if doing:
        icon, label = doing, f"{label} {word}"
    if icons.categories.get(icon) in PEOPLE:
        icon = of_gender(icon, said.gender, icons)
        label = f"{said.gender} {label}".strip() if icon != span.icon and not doing else label
        if said.colour in grammar.PERSON_TONES and not said.tone:
            said.tone, said.colour = grammar.PERSON_TONES[said.colour], ""
        icon = icons.toned(icon, said.tone) if said.tone else icon
    if span.near:
        wish.approximated.append({"asked": span.label, "drawn": icon.removeprefix("own-").replace("-", " ")})
    said.count = GROUPS["crowd"] if span.label == "crowd" else said.count
    count = said.count if said.count is not None else (PLURAL if span.plural or said.bare else 1)
    if count > MOST:
        wish.approximated.append({"asked": f"{count} {plural(span.label)}", "drawn": f"{MOST} {plural(span.label)}"})
    return Wanted(
        icon=icon,
        label=label,
        count=max(1, min(MOST, count)),
        colour=said.colour,
        scale=said.scale,
        position=said.position,
    )


def _add(wish: Wish, wanted: Wanted) -> int:
    """The same thing named again ("a cat … the cat") is one thing, unless it differs in colour."""
    for at, known in enumerate(wish.things):
        if known.icon == wanted.icon and (known.colour == wanted.colour or not wanted.colour):
            known.count = max(known.count, wanted.count)
            known.position = known.position or wanted.position
            return at
    if len(wish.things) >= KINDS:
        wish.not_understood.append(wanted.label)
        return len(wish.things) - 1
    wish.things.append(wanted)
    return len(wish.things) - 1


def _add_feature(wish: Wish, span: Span, said: Said) -> None:
    feature = span.feature
    assert feature is not None
    if feature.name == "flowers" and said.count is not None:
        _add(wish, Wanted(icon="tulip", label="flower", count=min(said.count, MOST), colour=said.colour))
        return
    if feature.near:
        wish.approximated.append({"asked": span.label, "drawn": FEATURE_NAMES.get(feature.name, feature.name)})
    if feature.name not in wish.features:
        wish.features.append(feature.name)
    strong = feature.place in ("space", "underwater", "emblem", "beach", "abstract")
    strong = strong or (wish.place == "lake" and feature.setting == "landscape")
    if feature.setting and (not wish.setting or (strong and wish.place not in ("space", "underwater", "emblem"))):
        wish.setting, wish.place = feature.setting, feature.place


def _read_rest(wish: Wish, tokens: Sequence[Token], covered: set[int]) -> None:
    strange = unknown_words(tokens, covered)
    wish.not_understood = (wish.not_understood + strange)[:24]
    if strange and wish.hue is None and not wish.paints:
        wish.hue = hue_of(sorted(strange))


def unknown_words(tokens: Sequence[Token], covered: set[int]) -> list[str]:
    """Words that neither were used nor belong to ordinary speech, as written."""
    plain = _plain()
    strange: list[str] = []
    for at, token in enumerate(tokens):
        word = token.text
        known = word in plain or word in GROUPS or any(one in plain for one in singulars(word))
        if at in covered or token.mark or known or word in NUMBERS or word in PARTS or word in NAMED:
            continue
        if len(word) > 2 and not word.isdecimal() and token.raw[:40] not in strange:
            strange.append(token.raw[:40])
    return strange


@lru_cache(1)
def _plain() -> frozenset[str]:
    return frozenset(word for _, words in lines("plain") for word in words.split())


def _drop_unwanted(wish: Wish, negative: str) -> None:
    if not negative:
        return
    tokens, _ = read(negative)
    spans = find_spans(tokens)
    icons = {span.icon for span in spans if span.icon}
    features = {span.feature.name for span in spans if span.feature}
    remove_things(
        wish, [at for at, thing in enumerate(wish.things) if thing.icon in icons or _is_person_of(thing, icons)]
    )
    wish.features = [name for name in wish.features if name not in features]
    unwanted = Wish()
    read_ambience(unwanted, tokens, set())
    wish.weather = [name for name in wish.weather if name not in unwanted.weather]
    if {"colour", "color", "colours", "colors"} & {token.text for token in tokens}:
        wish.vibrance = -1.0


def _is_person_of(thing: Wanted, icons: set[str]) -> bool:
    """ "no people" means all of them."""
    return "person-standing" in icons and catalogue().categories.get(thing.icon) in PEOPLE
