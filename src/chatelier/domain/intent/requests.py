"""Is a new picture asked for, and of what? Reads one sentence at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from chatelier.domain.intent.frames import frame, lead
from chatelier.domain.intent.idioms import is_idiom
from chatelier.domain.intent.lexicon import Lexicon
from chatelier.domain.intent.nouns import EDIBLE
from chatelier.domain.intent.phrases import GENERIC_ADJECTIVES, Thing, thing_at
from chatelier.domain.intent.tokens import Sentence

# All patterns are over marks; see lexicon.py.
VERB = re.compile("([DBMZGg5]|d(?!Y))m?|N(?=[atpr1A])|E")
GERUND = re.compile("([DBMZGg5]|d(?!Y))m?|N(?![f4w,.!?:/kq]|$)|E")
SOMETHING = re.compile("x[^TWIQb]{0,8}?(?:w[^TWIQb]{1,6}[vKyx]|[,:][^TWIQb]{0,8}?[vKyNO])")
WANTED_PICTURE = re.compile("^[^X]*L(a[J!K]*[nN])[fpt]")  # anywhere in the sentence
ASKED_ASIDE = re.compile("YCD[ot][.?!]*$")  # "he asked me if you can draw it"
AS_PICTURE = re.compile("[tpo]1?,?ka[J!K]*([nNO])[.!?4f]*")
TURNED = re.compile("[EM][^i2:]{1,8}(?:i|2)")
ELSEWHERE = re.compile(
    "[if](?:[:.]|$)|f[to]{1,2}(?:[:.,]|$)|i[tpo][TW]?(?:[:.,]|$)|2[xE]{1,2}w?[otp]"
)  # out of this, to go with it
LOOKS = re.compile("Q[^Q,.!?]{1,10}?0")
SAYS_SOMETHING = re.compile("[^tQq,:]*?(?!C(?:b!|Mp))[bCHdU]")
SPOKEN = re.compile("[IYQWCHbXdmLUE?!]")
BARE = re.compile("a?T?[nNOyKJrvxFB1l]+")
MEDIUM = re.compile(r"[ikw][at]?x?z|z[TifNnv]|Wz|\$")  # in python, as an svg, in words
SCENIC = re.compile("[artvxKJy1]{1,6}v(?=x.)|.{1,4}[fiw].{0,6}v")
TURNING = frozenset("turn convert transform change make".split())
DRAWING = frozenset("sketching illustrating doodling rendering visualizing depicting".split())
PAST = frozenset("saw found took bought lost had made drew got sold posted sent uploaded has".split())
CAREFUL = frozenset("make making do doing".split())
KEYWORDS = frozenset(
    "artstation 4k 8k octane unreal cinematic volumetric photorealistic hyperrealistic bokeh hdr trending".split()
)
SHOWING = frozenset("showing depicting featuring".split())
SCENES = tuple([word] for word in "scene place moment creature character room view world situation image".split())
PLAIN_ART = frozenset("art artwork depiction visualization visualisation".split())
NUMBERS = {word: i for i, word in enumerate("one two three four five six seven eight nine ten".split(), start=1)}


@dataclass(frozen=True)
class Request:
    """A wish for a new picture. ``start`` is where its subject begins in the text, or None when the subject is
    elsewhere; ``pointing`` then says that the words point at it ("draw it") and ``extra`` where words begin that
    are added to it. ``art`` keeps a sort of picture named without a subject ("that as a painting"). ``weak``:
    counts only when the talk is about pictures already ("make the first one"); ``known``: only when the subject was
    spoken of before ("show me Madame Quill")."""

    first: int
    start: int | None = None
    end: int | None = None
    pointing: bool = False
    extra: int | None = None
    art: str = ""
    weak: bool = False
    known: bool = False
    sure: float = 0.95
    count: int | None = None


def read(sentence: Sentence, lexicon: Lexicon, at: int = 0) -> Request | None:
    """The wish for a new picture in the sentence from token ``at`` on, if it is one."""
    if MEDIUM.search(sentence.nouns, at):
        return None
    found = _Reader(sentence, head_first=lexicon.head_first).read(at)
    if found or not lexicon.verb_last:
        return found
    return _with_verb_first(sentence, at)


def is_talk(sentence: Sentence) -> bool:
    """It is surely no picture that is asked for: "draw a conclusion", "a circle in svg", "write"."""
    if MEDIUM.search(sentence.nouns):
        return True
    _, verb = frame(sentence.marks, lead(sentence.marks))
    mark = sentence.marks[verb : verb + 1]
    following = verb + 1 + (sentence.marks[verb + 1 : verb + 2] == "m")
    return mark == "W" or (mark in tuple("DB") and is_idiom(sentence, verb, thing_at(sentence, following)))


def number(word: str) -> int | None:
    """1 to 16 from a numeral or a word."""
    value = NUMBERS.get(word) or (int(word) if word.isascii() and word.isdigit() and len(word) < 3 else None)
    return value if value and 1 <= value <= 16 else None


def _with_verb_first(sentence: Sentence, at: int) -> Request | None:
    """ "Kannst du mir ein Haus malen?" read as "Kannst du mir malen: ein Haus?" """
    expects, wish = frame(sentence.marks, at + lead(sentence.marks[at:]))
    verb = next((i for i in range(len(sentence.marks) - 1, wish, -1) if sentence.marks[i] in "DMGBs"), None)
    if not expects or verb is None or sentence.marks[verb + 1 :].strip(".!?/"):
        return None
    order = [*range(wish), verb, *range(wish, verb)]
    end = sentence.tokens[verb].start
    marks, nouns = ("".join(line[i] for i in order) for line in (sentence.marks, sentence.nouns))
    turned = Sentence(sentence.text, tuple(sentence.tokens[i] for i in order), marks, nouns, end)
    found = _Reader(turned, head_first=False).read(at)
    return replace(found, end=end) if found else None


class _Reader:
    def __init__(self, sentence: Sentence, *, head_first: bool) -> None:
        self.sentence = sentence
        self.marks = sentence.marks
        self.head_first = head_first
        self.first = 0  # where the request begins in the text

    def read(self, at: int) -> Request | None:
        begin = at + lead(self.marks[at:])
        self.first = self.sentence.at(begin)
        expects, wish = frame(self.marks, begin)
        found = self._by_verb(wish, expects) if expects != "sight" else None
        if found is None and expects != "verb":
            found = self._by_noun(wish, expects)
        return found or self._named_last(wish, expects) or self._wanted()

    def _by_verb(self, at: int, expects: str) -> Request | None:
        at += self.head_first and self.marks[at : at + 1] == "m"  # "me dibujas"
        found = (GERUND if expects == "either" else VERB).match(self.marks, at)
        if not found:
            return self._by_unknown_verb(at)
        verb, told = found.group()[0], found.group().endswith("m")
        if self.marks[found.end() : found.end() + 1] in (":", "/") and verb in "DBM":
            return Request(self.first, pointing=True)  # "generate: ..."
        if verb == "E":
            return self._turned(at)
        if verb == "g":
            return self._gotten(found.end())
        if verb == "G":
            return self._shown(found.end(), told=told)
        if verb in "DBN" or self.sentence.tokens[at].word in DRAWING:
            return self._drawn(at, found.end(), asked=bool(expects))
        return self._made(at, found.end(), asked=bool(expects))

    def _by_unknown_verb(self, at: int) -> Request | None:
        """ "conjure an image of ...", "crate an image of ..."; not "saw a picture of ..." """
        if not re.match("[xv]a[J!x]?[nN]f", self.marks[at:]):
            return None
        word = self.sentence.tokens[at].word
        return None if word.endswith("ed") or word in PAST else self._of_picture(self._thing(at + 1))

    def _drawn(self, verb: int, at: int, *, asked: bool) -> Request | None:
        """ "draw", "paint", "sketch" and their like: nearly anything that follows is the subject."""
        if self._over(at):
            return None if asked else Request(self.first, pointing=True)
        thing = self._thing(at)
        if is_idiom(self.sentence, verb, thing):
            return None
        if self.marks[at] == "U":
            return self._subject(at)
        if self.marks[at] == "Q":
            return self._looks_of(at) or Request(self.first, pointing=True)
        if re.match("t.{1,2}:", self.marks[at:]):
            return Request(self.first, pointing=True)
        pointer = self._pointer(thing)
        if pointer:
            return pointer
        return self._of_picture(thing) if thing.sort == "picture" else self._subject(at)

    def _made(self, verb: int, at: int, *, asked: bool) -> Request | None:
        """ "make", "create", "design": only what is a picture, or can hardly be anything else."""
        at += bool(re.match("U[a1r]", self.marks[at:]))  # "make like a picture of"
        thing = self._thing(at)
        if thing.sort == "picture":
            plural = thing.head == thing.first and self.sentence.tokens[thing.head].word.endswith("s")
            return None if asked and plural and self._over(thing.after) else self._of_picture(thing)
        if thing.sort == "object":
            return self._subject(thing.first)
        pointer = self._pointer(thing)
        if pointer and self.marks[thing.after : thing.after + 1] == "i":
            return self._turned(verb)
        if pointer:
            return replace(pointer, weak=True) if self._over(thing.after) and thing.sort != "text" else None
        word = self.sentence.tokens[verb].word
        careful = word in CAREFUL
        opening = self.marks[thing.first : thing.first + 1]
        if "z" in self.marks[thing.first : thing.after]:
            return None  # "create a git branch"
        if opening not in tuple("ar1AKJyv" if careful else "ar1AKJyvtx"):
            return None
        if careful and self.sentence.tokens[thing.head].word in EDIBLE:
            return None
        seen = thing.sort in ("visible", "styled") or (not careful and self._scenic(thing))
        return self._subject(thing.first, sure=0.8) if seen else None

    def _scenic(self, thing: Thing) -> bool:
        """An unknown noun among things that can be seen: "a pile of leaves on a bench", "a young man talks"."""
        nouns = self.sentence.nouns[thing.first :]
        return thing.sort == "unknown" and not re.search("[TWz]", nouns) and bool(SCENIC.match(nouns))

    def _shown(self, at: int, *, told: bool) -> Request | None:
        """ "show me", "give me", "send": pictures, what is pointed at, and creatures and the like."""
        if told and self._over(at):
            return Request(self.first, pointing=True, sure=0.8)
        return self._seen(at)

    def _gotten(self, at: int) -> Request | None:
        thing = self._thing(at)
        return self._of_picture(thing) if thing.sort == "picture" else None

    def _seen(self, at: int) -> Request | None:
        if self.marks[at : at + 1] == "Q":
            return self._looks_of(at)
        thing = self._thing(at)
        if thing.sort == "picture":
            return self._of_picture(thing)
        pointer = self._pointer(thing)
        if pointer:
            sent = self.marks[thing.after : thing.after + 1] == "2"  # "send it to my email"
            return pointer if thing.sort != "text" and not sent else None
        if thing.sort in ("unknown", "visible") and self.marks[at] == "x" and self.sentence.since(at)[:1].isupper():
            return replace(self._subject(at, sure=0.8), known=True)
        shown = thing.sort in ("visible", "styled", "object") and self.marks[at : at + 1] in ("a", "1")
        return self._subject(at, sure=0.8) if shown else None

    def _by_noun(self, at: int, expects: str) -> Request | None:
        if self._over(at):
            return None
        if expects == "sight":
            return self._seen(at)
        as_picture = AS_PICTURE.match(self.marks, at)
        if as_picture:  # "that one, as a logo"
            art = self._thing(as_picture.start(1))
            return Request(self.first, pointing=True, art=self._art(art))
        if self.sentence.words(at, at + 1) == ["something"] and SOMETHING.match(self.sentence.nouns, at):
            return self._subject(at, sure=0.7)
        thing = self._thing(at)
        if not expects:
            return self._bare(thing) or self._keywords(at)
        if thing.sort == "picture":
            return self._of_picture(thing)
        if thing.sort == "visible" and self.marks[at] in "ar" and self._doing(thing.after):
            return self._subject(thing.first, sure=0.7)  # "I'd like a snail playing the violin"
        return self._subject(thing.first) if thing.sort == "object" else None

    def _doing(self, at: int) -> bool:
        return any(word.endswith("ing") and len(word) > 5 for word in self.sentence.words(at, at + 1))

    def _bare(self, thing: Thing) -> Request | None:
        """A noun phrase that stands alone: "oil painting of a stormy sea", "logo for a cat cafe"."""
        rest = self.marks[thing.after :]
        if thing.sort not in ("picture", "object", "visible") or not BARE.fullmatch(
            self.sentence.nouns, thing.first, thing.after
        ):
            return None
        if self.marks[thing.first] in "ZMDBE" and self.marks[thing.first + 1 : thing.first + 2] in tuple("atprm"):
            return None  # "design a workout"
        if SAYS_SOMETHING.match(rest) and not (self.marks[thing.first] == "a" and self._generic(thing)):
            return None
        if "?" in rest and re.search("[QIY]", rest):
            return None
        if thing.sort == "visible":
            return self._subject(thing.first, sure=0.85) if self._shows(thing.after) else None
        if thing.sort == "picture" and (rest[:1] in tuple("f,.!?/:-") or not rest or ELSEWHERE.match(rest)):
            return self._of_picture(thing)
        return self._subject(thing.first, sure=0.85) if rest[:1] in tuple("f4w,:-") else None

    def _shows(self, at: int) -> bool:
        """ "a stained glass window showing a kingfisher" """
        return bool(SHOWING & set(self.sentence.words(at, at + 1)))

    def _keywords(self, at: int) -> Request | None:
        """A prompt as image engines like it: "neon alley, cinematic lighting, octane render, 4k"."""
        parts = self.sentence.nouns[at:].rstrip("./").split(",")
        if len(parts) < 3 or SPOKEN.search(self.marks, at):
            return None
        known = bool(KEYWORDS & set(self.sentence.words(at)))
        styled = sum(known or bool(re.search("[NyF]", part)) for part in parts)
        return self._subject(at, sure=0.7) if styled > 1 else None

    def _turned(self, at: int) -> Request | None:
        """ "turn this sentence into a picture": the subject stands elsewhere."""
        found = TURNED.match(self.marks, at)
        if not found or self.sentence.tokens[at].word not in TURNING:
            return None
        thing = self._thing(found.end())
        if thing.sort not in ("picture", "object"):
            return None
        return Request(self.first, pointing=True, art=self._art(thing))

    def _looks_of(self, at: int) -> Request | None:
        """ "what that would look like", "what a quokka looks like"; not "look like in code"."""
        found = LOOKS.match(self.marks, at)
        if not found or self.sentence.tokens[at].word not in ("what", "how", "whatever"):
            return None
        if re.match("i.?[zTx]", self.sentence.nouns[found.end() :].lstrip("Ukx")):
            return None
        if self.marks[at + 1] in "otp":
            return Request(self.first, pointing=True)
        return Request(self.first, self.sentence.at(at + 1), self.sentence.tokens[found.end() - 2].end, sure=0.85)

    def _named_last(self, at: int, expects: str) -> Request | None:
        """ "can I have a moon over sunflowers picture" """
        rest = self.marks[at:].rstrip(".!?")
        last = at + len(rest) - 1
        if (
            expects != "thing"
            or not re.fullmatch("[ar][^TWQIYbo,?]{2,14}[nN]", rest)
            or self.marks[last - 1] not in "vxK"
        ):
            return None
        return Request(self.first, self.sentence.at(at), self.sentence.tokens[last].start, sure=0.8)

    def _wanted(self) -> Request | None:
        """ "the invitation wants a nice picture of a barn" """
        if ASKED_ASIDE.search(self.marks):
            return Request(self.first, pointing=True, sure=0.8)
        found = WANTED_PICTURE.search(self.marks)
        return self._of_picture(self._thing(found.start(1))) if found else None

    def _of_picture(self, thing: Thing) -> Request | None:
        """The subject of "a picture of ...", without "a picture of" unless it names the sort of picture."""
        after, next_mark = self.marks[thing.after : thing.after + 1], self.marks[thing.after + 1 : thing.after + 2]
        generic, count = self._generic(thing), self._count(thing)
        if after == "," and next_mark in tuple("arxvJKi5ONy"):
            return self._subject(thing.after + 1 if generic else thing.first, sure=0.85)
        if after == "," and next_mark == "f":
            return self._subject(thing.after + 2, sure=0.85)  # "another picture, this time of a hare"
        if not after or after in ",.!?:/-(;" or ELSEWHERE.match(self.marks, thing.after):
            return Request(self.first, pointing=True, art=self._art(thing), count=count)
        if next_mark in ("Q", "W") and after == "f":
            return self._looks_of(thing.after + 1)
        beyond = self._thing(thing.after + 1)
        pointer = self._pointer(beyond) if after in "f4wi" else None
        if pointer and (after in "f4" or beyond.sort == "pronoun"):
            return replace(pointer, art=self._art(thing), count=count)
        begin = thing.after + 1 if generic and after in "fw" else thing.first
        return Request(self.first, self.sentence.at(begin), count=count)

    def _pointer(self, thing: Thing) -> Request | None:
        """A request whose subject is "it", "one", "that", "the second one", "the poem", "number 3"."""
        marks = self.marks[thing.first : thing.after]
        if "A" in marks or (marks == "t" and self.marks[thing.after : thing.after + 1] == "b"):
            return None
        if thing.sort == "pronoun":
            points = len(marks) == 1 or marks[0] != "p"
        elif (
            marks[:1] == "t" and self.sentence.words(thing.head, thing.after)[:1] in SCENES and self._over(thing.after)
        ):
            points = True
        else:
            numbered = self.sentence.words(thing.first, thing.first + 1) == ["number"] or "#" in marks
            known = thing.sort == "text" and marks[:1] in ("t", "p")
            points = known or numbered or bool(re.fullmatch("[tp]?3[1TF]?", marks))
        if not points:
            return None
        return Request(self.first, pointing=True, extra=self.sentence.at(thing.after))

    def _thing(self, at: int) -> Thing:
        return thing_at(self.sentence, at, head_first=self.head_first)

    def _subject(self, at: int, sure: float = 0.95) -> Request:
        return Request(self.first, self.sentence.at(at), sure=sure)

    def _art(self, thing: Thing) -> str:
        return "" if self._generic(thing) else self.sentence.between(thing.first, thing.after)

    def _generic(self, thing: Thing) -> bool:
        """The phrase says no more than "a picture"."""
        noun = self.sentence.tokens[thing.head]
        others = [token for token in self.sentence.tokens[thing.first : thing.after] if token is not noun]
        added = (token for token in others if token.mark not in "atpr1lAm")
        return (noun.mark == "n" or noun.word in PLAIN_ART) and all(token.word in GENERIC_ADJECTIVES for token in added)

    def _count(self, thing: Thing) -> int | None:
        first = self.sentence.tokens[thing.first]
        return number(first.word) if first.mark == "r" and self._generic(thing) else None

    def _over(self, at: int) -> bool:
        return not self.marks[at:].strip(".,!?:/-") or self.marks[at] in ":/"
