"""Verbs of drawing that draw nothing: "draw a conclusion", "illustrate the point", "sketch a plan"."""

from __future__ import annotations

import re

from chatelier.domain.intent.phrases import Thing
from chatelier.domain.intent.tokens import Sentence

NOT_DRAWN = frozenset(
    """
        line winner blank name names lots straws attention inspiration lesson lessons breath blood card cards
        curtain curtains crowd salary funds contract bath boundaries boundary strength money raffle criticism
        crowds fire water up
    """.split()
)
DRAWN_AWAY = frozenset("on upon from out near away back by over off".split())
NEVER_DRAWN = frozenset(
    """
        conclusion conclusions parallel parallels comparison comparisons distinction distinctions inference inferences
        analogy analogies connection connections consequence consequences
    """.split()
)
NOT_ILLUSTRATED = frozenset(
    """
        concept concepts difference differences point points importance principle principles idea use need fact notion
        argument how why with example examples term phenomenon relationship process impact effect benefits goals goal
        success data results progress growth trends statistics sales
    """.split()
)
WITH_WORDS = frozenset("example examples analogy anecdote".split())
NOT_SKETCHED = frozenset(
    "proof argument plan strategy roadmap outline solution idea ideas timeline agenda approach budget".split()
)
NOT_RENDERED = frozenset(
    """
        template component list page html view json markdown table verdict judgement judgment service services help
        aid decision assistance opinion dom element react text
    """.split()
)
NOT_PAINTED = frozenset(
    "room house bedroom kitchen nails car fence walls wall ceiling door bathroom cabinets shed deck".split()
)
CLEARER = frozenset("clear clearer better big bigger full fuller overall complete accurate rosy bleak grim".split())


def is_idiom(sentence: Sentence, verb: int, thing: Thing) -> bool:
    """Does the verb at token ``verb``, with ``thing`` after it, speak of something else than a picture?"""
    word = sentence.tokens[verb].word
    words = set(sentence.words(thing.first, min(thing.after, thing.first + 4)))
    if thing.sort == "picture" and words & CLEARER and sentence.marks[thing.after : thing.after + 2] in ("ft", "fQ"):
        return True
    if DRAWN_AWAY & set(sentence.words(thing.first, thing.first + 1)):
        return True
    if word.startswith("draw"):
        return bool(NEVER_DRAWN & words) or _draws_a_line(sentence, thing.first)
    if word.startswith("paint"):
        head = set(sentence.words(thing.head, thing.head + 1))
        return sentence.marks[thing.first : thing.first + 1] in ("p", "t") and bool(head & NOT_PAINTED)
    if word.startswith("sketch"):
        return thing.sort == "text" or bool(NOT_SKETCHED & words)
    if word.startswith("render"):
        return bool(NOT_RENDERED & words)
    if word.startswith(("illustrat", "visuali")):
        opening = set(sentence.words(thing.first, thing.first + 1))
        return bool(NOT_ILLUSTRATED & (words | opening)) or bool(WITH_WORDS & set(sentence.words(thing.first)))
    return False


def _draws_a_line(sentence: Sentence, at: int) -> bool:
    """ "draw the line", "draw blood"; not "draw lots of people" """
    left = sentence.marks[at:]
    noun = at + len(left) - len(left.lstrip("atpr"))
    if re.search("[wfi][^b]{0,3}v|v.{0,3}i|xxv|TN|vi", sentence.marks[noun + 1 :]):
        return False  # "draw a bath with an elephant in it"
    return sentence.marks[noun + 1 : noun + 2] != "f" and bool(NOT_DRAWN & set(sentence.words(noun, noun + 1)))
