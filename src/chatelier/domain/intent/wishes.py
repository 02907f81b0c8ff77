"""The wish in a message: the first sentence, or part of one, that asks for a picture or for a change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace

from chatelier.domain.intent import changes, requests
from chatelier.domain.intent.frames import frame, lead
from chatelier.domain.intent.reading import Reading
from chatelier.domain.intent.requests import Request
from chatelier.domain.intent.sight import Change
from chatelier.domain.intent.tokens import Sentence

FIRST, LAST = 8, 3  # sentences read at the beginning and the end
PASTED = 14  # tokens; with a line break, more is a text that was brought
PARTS = 60  # tokens in which parts of a sentence are looked for
JOINTS = frozenset(",:;-c&")
LAUGHTER = frozenset("lol haha lmao hahaha hehe rofl thanks thx".split())
TALK = re.compile("[!,]*(?:W|Q|CYW|@W)")
LABEL = frozenset("prompt title new one image picture subject scene idea now drawing".split())
COMMANDED = re.compile("[!,]*(?:CY|@)?[MEWVdGh]")
REACTION = re.compile("[!,.?/(]*$")
PUT_TOGETHER = re.compile("[!,]*E[ar]")  # "put a hat on a fox and show me"
THING = re.compile("[tpr][xv]")
ABOUT_IT = re.compile("[VEMDd]m?(?:o|t$)")
NAMES_AN_IMAGE = re.compile("#|[tp][A3]?[KJy]?[nNO]|n[f]t")
DEFINITE = re.compile("[tp][KJy]?([vxOTE])")


@dataclass(frozen=True)
class Wish:
    """``request`` or ``change`` is set. ``index`` is the sentence; ``before`` the text that precedes the wish."""

    index: int
    before: str
    request: Request | None = None
    change: Change | None = None

    @property
    def is_remark(self) -> bool:
        return self.change is not None and self.change.remark


@dataclass(frozen=True)
class Scene:
    """What is known of the thread: is an image talked about, or was one before some passing talk; are there images,
    the words of their prompts, and the words of the last text, which "the dog" likelier means than an older image."""

    image_in_focus: bool
    image_near: bool
    images: bool
    seen: Set[str]
    fresh: Set[str]


def find_wish(reading: Reading, scene: Scene) -> Wish | None:
    """A remark ("I meant the fruit.") gives way to a request with its own subject that follows it."""
    remark: Wish | None = None
    several = list(enumerate(reading.sentences))
    pasted = _pasted(reading.sentences)
    talk = pasted or _begins_with_talk(reading.sentences)
    for index, sentence in several if len(several) <= FIRST + LAST else several[:FIRST] + several[-LAST:]:
        for at in _starts(sentence):
            wish = _wish_at(reading, scene, index, sentence, at)
            if wish and index and pasted and not re.search("[nN]", sentence.marks):
                continue
            if wish and wish.change and index and talk and not NAMES_AN_IMAGE.search(sentence.marks):
                continue  # "Name the top cities. Include the best aspects."
            if wish is None or wish.is_remark:
                remark = remark or wish
            elif wish.request is None or wish.request.start is not None or remark is None:
                return wish
    return remark


def _begins_with_talk(sentences: Sequence[Sentence]) -> bool:
    marks = sentences[0].marks if len(sentences) > 1 else ""
    _, wish = frame(marks, lead(marks))
    return marks[wish : wish + 1] == "W"


def _pasted(sentences: Sequence[Sentence]) -> bool:
    """A longer text was brought, on lines of its own."""
    lines = any("/" in sentence.marks for sentence in sentences[:-1])
    return lines and sum(len(sentence.tokens) for sentence in sentences) > PASTED


def end_of_wish(reading: Reading, index: int, start: int) -> int:
    """Where the description ends that begins at ``start``: sentences after it belong to it, but not questions,
    thanks and new requests to talk."""
    end = reading.sentences[index].end
    for sentence in reading.sentences[index + 1 :]:
        if TALK.match(sentence.marks) or sentence.marks.endswith("?") or REACTION.match(sentence.marks):
            break
        end = sentence.end
    return len(reading.text) if end == reading.sentences[-1].end else end


def _starts(sentence: Sentence) -> Iterator[int]:
    """The beginning, and each part after a comma or the like."""
    yield 0
    for i, mark in enumerate(sentence.marks[:PARTS]):
        joint = mark in JOINTS or sentence.tokens[i].word in LAUGHTER
        if joint and i + 1 < len(sentence.marks):
            yield i + 1


def _wish_at(reading: Reading, scene: Scene, index: int, sentence: Sentence, at: int) -> Wish | None:
    request = requests.read(sentence, reading.lexicon, at) or _labelled(sentence, at)
    if request and at and not _may_join(sentence, at, request):
        request = None
    change = _change_at(sentence, scene, at) if scene.images else None
    if change and request and request.pointing and not scene.image_in_focus and not _refers(sentence, scene, change):
        change = None  # "paint it", of what was just talked about
    if change and (request is None or _outdoes(sentence, at, change, request)):
        return Wish(index, reading.text[: change.start], change=change)
    return Wish(index, reading.text[: request.first], request=request) if request else None


def _labelled(sentence: Sentence, at: int) -> Request | None:
    """ "new one: a whale in a teacup" """
    label = sentence.words(lead(sentence.marks), at - 1) if at and sentence.marks[at - 1] == ":" else []
    marks = sentence.nouns[:at]
    of_one = set(label) <= LABEL or (len(label) <= 6 and bool(re.search("L1|[nNO]", marks)) and "W" not in marks)
    named = label and of_one and re.match("[arvxKJ][^bIYQ?]{1,30}$", sentence.marks[at:].rstrip(".!"))
    return Request(sentence.at(at), sentence.at(at), sure=0.7) if named else None


def _change_at(sentence: Sentence, scene: Scene, at: int) -> Change | None:
    change = changes.read(sentence, scene.seen, at)
    if change is None or not (scene.image_in_focus or _refers(sentence, scene, change) or _is_near(scene, change)):
        return None
    if not at:
        return change
    if TALK.match(sentence.marks) or sentence.marks[at - 1] == "&":
        return None
    if ABOUT_IT.search(sentence.marks, at) and THING.search(sentence.marks[:at]):
        return replace(change, start=sentence.at(lead(sentence.marks)))  # "the wheels look weird, fix them"
    return change


def _is_near(scene: Scene, change: Change) -> bool:
    return scene.image_near and (change.commanded or change.explicit)


def _may_join(sentence: Sentence, at: int, request: Request) -> bool:
    """A request in the middle of a sentence: with a verb of its own, or pointing back, or after a label."""
    added = sentence.marks[at - 1] == "&"
    if sentence.marks[at - 1] == ":" and COMMANDED.match(sentence.marks):
        return False
    if request.pointing and added:
        return sentence.words(lead(sentence.marks))[:1] == ["imagine"] or bool(PUT_TOGETHER.match(sentence.marks))
    if TALK.match(sentence.marks) and not request.pointing:
        return False
    kind, wish = frame(sentence.marks, at + lead(sentence.marks[at:]))
    if kind or re.match("[DBMZG]m|[DB]", sentence.marks[wish:]):
        return True
    return not added and (request.pointing or sentence.marks[at - 1] == ":")


def _refers(sentence: Sentence, scene: Scene, change: Change) -> bool:
    """While something else is talked about, only words that name an image, or what only it shows, mean it."""
    if NAMES_AN_IMAGE.search(sentence.marks):
        return True
    words = {sentence.tokens[found.start(1)].word for found in DEFINITE.finditer(sentence.marks)}
    return change.commanded and bool(words & (scene.seen - scene.fresh))


def _outdoes(sentence: Sentence, at: int, change: Change, request: Request) -> bool:
    """The words fit both readings: is it the change that is meant?"""
    if request.pointing or change.explicit:
        return True
    _, wish = frame(sentence.marks, at + lead(sentence.marks[at:]))
    return change.commanded and sentence.marks[wish : wish + 1] in ("D", "B", "E")
