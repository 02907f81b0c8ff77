"""Is a change to an image asked for? Reads one sentence at a time; the caller knows what is talked about."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass

from chatelier.domain.intent.frames import frame, lead
from chatelier.domain.intent.nouns import ERRANDS
from chatelier.domain.intent.phrases import thing_at
from chatelier.domain.intent.tokens import Sentence

# All patterns are over marks; see lexicon.py.
WANTED = re.compile("I?C?L|IC?U")
REPEATED = re.compile(
    r"""(?:[gGdMDBh]m?)?(?:
          [tap]?A(?:r?[1nNFO]|$|(?=[kwic,.!?]))          # another, a different one
        | [tap]?S[1nNFOvx]?                              # the same image
        | (?:1|r|a|a[rx])l(?:$|[foU.!,]|(?=[1nN]))[1nN]?  # one more, three more of these
        | (?P<part>[at1rlJ]{0,3}F)                       # three variations, a new version
        )""",
    re.VERBOSE,
)
DONE_AGAIN = re.compile("(?:[MDBdG]m?[otp][xvnN]?|x)R[.!?]*$")
NTH = re.compile("[tp]3[1nNFO]?[,cwiek]")
QUESTIONED = re.compile("QC[otp].{0,3}0U?(?=[iwekj])")  # "what would it look like at night?"
NOTHING_MORE = re.compile("[fo1tpnNS!YURd2xF]{0,4}")
REPEATABLE = frozenset(
    """
    version versions variation variations take takes copy rendition variant variants alternative alternatives
    option options
    """.split()
)
SPOKEN = frozenset("said meant asked wanted".split())
MISSED = frozenset("forgot missed omitted ignored left messed".split())
NEVER_ALONE = frozenset(
    "correct confirm ensure choose select pick use keep drop cut set place apply cover express".split()
)
USED = frozenset("printed used sold shared downloaded saved sent framed published bought exported done".split())
WRONG = frozenset("weird wrong off strange odd distorted deformed fake boring blurry unnatural awkward crooked".split())
NOT_DOING = frozenset("nothing anything something everything amazing morning evening interesting king".split())
WHOLE_TRAITS = frozenset(
    "vibrant vivid colorful colourful realistic dramatic detailed square vertical horizontal panoramic".split()
)


@dataclass(frozen=True)
class Change:
    """``start`` is where the instruction begins in the text. ``variation``: only chance is to change something.
    ``explicit``: the words refer to an image ("another one", "the second one"). ``commanded``: told by a verb.
    ``remark``: it is only said what is wrong, so a request that follows goes first."""

    start: int
    variation: bool = False
    explicit: bool = False
    commanded: bool = False
    remark: bool = False


def read(sentence: Sentence, seen: Set[str], at: int = 0) -> Change | None:
    """The change asked for from token ``at`` on; ``seen`` are the words of the images' prompts."""
    return _Reader(sentence, seen).read(at)


class _Reader:
    def __init__(self, sentence: Sentence, seen: Set[str]) -> None:
        self.sentence = sentence
        self.marks = sentence.marks
        self.seen = seen

    def read(self, at: int) -> Change | None:
        begin = at + lead(self.marks[at:])
        asked = QUESTIONED.match(self.marks, begin)
        if asked:
            return Change(self.sentence.at(asked.end()), commanded=True)
        if begin >= len(self.marks) or self._stops(begin):
            return None
        expects, wish = frame(self.marks, begin)
        readers = (self._again, self._command, self._wish, self._mention)
        praised = begin > at and self.marks[begin - 1] == "!" and self.sentence.tokens[begin - 1].word != "!"
        for reader in readers if at or praised else (*readers, self._remark, self._fragment):
            found = reader(begin, wish, expects)
            if found:
                return found
        return None

    def _stops(self, at: int) -> bool:
        """Talk about something else: a question, a refusal, an errand."""
        mark, after = self.marks[at], self.marks[at + 1 : at + 2]
        if mark == "Q" or (mark in "bd" and after in ("Y", "t", "o", "p", "I")):
            return True
        if mark == "X" and not re.match("X.?[KJy]", self.marks[at:]):
            return True
        words = {part for word in self.sentence.words(at) for part in word.split()}
        return bool((words & ERRANDS) - self.seen) or self._of_persons(at)

    def _of_persons(self, at: int) -> bool:
        """ "my account", "your voice": a thing that neither the image shows nor a picture has."""
        for i in range(at, len(self.marks) - 1):
            owned = self.sentence.tokens[i + 1].word
            whose = self.sentence.tokens[i].word
            mine = whose in ("my", "your") and owned not in self.seen and (whose, owned) != ("my", "name")
            if mine and not set(self.marks[i + 1 : i + 4]) & set("nNOF"):
                return True
        return False

    def _again(self, begin: int, wish: int, expects: str) -> Change | None:
        """ "again", "another one", "one more", "try again", "three variations", "same but ..." """
        start = self.sentence.at(wish)
        rest = self.marks[wish:]
        repeated = re.match("(?:[gGdMDBh]m?)?[ar]?V|R", rest)
        if repeated:
            return self._with_rest(wish, wish + repeated.end())
        if DONE_AGAIN.match(rest):
            return Change(start, variation=True, explicit=True)
        if NTH.match(rest):
            return Change(start, explicit=True, commanded=True)
        found = REPEATED.match(self.sentence.nouns[wish:])
        if not found:
            return None
        after = wish + found.end()
        named = self.sentence.nouns[wish:after]
        other_part = named.endswith("F") and not REPEATABLE & set(self.sentence.words(wish, after))
        if (found["part"] and re.search("[JKy]", named)) or (other_part and "A" in named):
            return Change(start, explicit=True, commanded=True)  # "a foggy version", "a different angle"
        if self.marks[after : after + 1] == "f" and self.sentence.nouns[after - 1] in "NnO":
            return None
        if found["part"] and not REPEATABLE & set(self.sentence.words(wish, after)):
            return None
        return self._with_rest(wish, after) or Change(start, explicit=True)

    def _with_rest(self, wish: int, after: int) -> Change | None:
        """A variation when nothing follows, else a change told by what follows."""
        start = self.sentence.at(wish)
        rest = self.marks[after:].strip(".!?,/")
        if NOTHING_MORE.fullmatch(rest):
            return Change(start, variation="x" not in rest, explicit=True)
        if re.search("[TWQ]", rest):
            return None
        return Change(start, explicit=True, commanded=True)

    def _command(self, begin: int, wish: int, expects: str) -> Change | None:
        """A verb with something of the image to change."""
        mark, rest = self.marks[wish : wish + 1], self.marks[wish + 1 :]
        if expects not in ("", "verb", "either") or not mark or re.search("Q.*W|W.*Q", rest):
            return None
        if self.sentence.words(begin + 1, begin + 2) == ["i"]:
            return None  # "can I use butter instead?"
        word = self.sentence.tokens[wish].word
        holds = False
        if mark == "E":
            sums = (
                re.search("r.*r", rest) and not re.search("[vKJF]", rest) and not self._seen_in(wish, len(self.marks))
            )
            holds = rest[:1] not in ("m", "Y") and not sums
            holds = holds and (word not in NEVER_ALONE or bool(rest.strip(".!?")))
        elif mark == "W":
            holds = word in ("write", "print") and bool(re.match('"|tTx', rest))
            holds = holds or (word == "imagine" and rest[:1] == "o")
        elif mark in "Md":
            holds = bool(re.search("[fi]t[nN]", rest)) or self._made_over(wish + 1)
        elif mark in "Gg":
            holds = bool(re.match("[otp#]|m[tp]S", rest)) and not re.fullmatch("[otp#].?aT[.!?]*", rest)
        elif mark in "h^":
            holds = (
                bool(re.match("[otp](?!$)", rest))
                and word in ("have", "let")
                and "~" not in rest
                and not self._talk(wish)
            )
        elif mark in "DB":
            holds = self._drawn_over(wish + 1)
        return Change(self.sentence.at(wish), commanded=True) if holds else None

    def _made_over(self, at: int) -> bool:
        """ "make it darker", "make a darker version"; not "make it a limerick" """
        nouns = self.sentence.nouns[at:]
        if re.match("[otp]aT|o.?q", nouns) and not self._seen_in(at, at + 3):
            return False
        if re.match("[xv]{1,2}[JKy]", nouns) and self._seen_in(at, at + 2):
            return True
        part = re.match("a.{0,3}F", nouns)
        return bool(re.match("[otp#l]", nouns)) or (bool(part) and "text" not in self.sentence.words(at, at + 4))

    def _drawn_over(self, at: int) -> bool:
        """ "paint the tram yellow", "draw it bigger", "draw a hat on the fox" """
        marks = self.marks[at:]
        if re.match("[o#]|p(?![vx])|tt?[nN]", marks):
            return True
        if re.match("t", marks):
            return bool(re.search("[KyJ]F?[.!?]*$|S", marks)) or self._seen_in(at, at + 4)
        onto = re.search("i([op]|t.?)", marks)
        return (
            bool(onto) and (onto[1][0] == "o" or self._seen_in(at + onto.start(), at + onto.end() + 1))
            if onto
            else False
        )

    def _wish(self, begin: int, wish: int, expects: str) -> Change | None:
        """ "I want the tram to be green", "could it be brighter", "can we have a window", "how about a red hat" """
        rest = self.marks[wish:]
        told = Change(self.sentence.at(wish), commanded=True)
        if expects and self._talk(wish):
            return None
        if expects in ("thing", "sight") and WANTED.match(self.marks, begin):
            fits = (
                (rest[:1] == "a" and self._seen_in(wish, len(self.marks)))
                or re.match("l|aJ*[Fy]|[atlJKr]{0,3}F", rest)
                or (
                    re.match("[otp]", rest) and (re.search("[JKyFlikw2]", rest) or self._seen_in(wish, len(self.marks)))
                )
            )
            return told if fits and len(rest) > 1 and thing_at(self.sentence, wish).sort != "text" else None
        if expects == "sight":
            return told if re.match("[otp]", rest) and re.search("[iwe]", rest) else None
        if expects == "thing" and self.sentence.words(begin + 1, begin + 2) == ["we"]:
            return told if re.search("[iwl]", rest) or self._seen_in(wish, len(self.marks)) else None
        if expects == "either" and rest[:1] != "Y":
            return told if rest.strip("?.! ") else None
        could = self.sentence.tokens[begin].word in ("can", "could")
        if (
            could
            and not set(self.sentence.words(begin)) & USED
            and re.match("C[otp#].{0,4}?[bh]", self.marks[begin:])
            and not self._talk(begin)
        ):
            return Change(self.sentence.at(begin), commanded=True)
        return None

    def _mention(self, begin: int, wish: int, expects: str) -> Change | None:
        """An unknown verb that commands: "void the rain", "purify the image". Words of talk are known ones."""
        rest = self.marks[wish:].rstrip(".!")
        if expects not in ("", "verb") or re.search(r"[IYQ?]", rest) or self._talk(wish):
            return None
        shown = re.match("x[^b]{0,12}[tp]K?[nN]|xt[^b]{1,7}$", rest)
        known = re.match("xa[^bCH]{2,12}$", rest) and self._seen_in(wish + 1, len(self.marks))
        return Change(self.sentence.at(wish), commanded=True) if shown or known else None

    def _remark(self, begin: int, wish: int, expects: str) -> Change | None:
        """ "the text should say BREW", "it needs more books", "it's too dark", "you forgot the dog", "I said two" """
        rest = self.marks[begin:]
        start = self.sentence.at(begin)
        if rest[:1] in ("I", "Y"):
            unwanted = bool(re.match("IXL[tpoa]", rest)) and self._seen_in(begin, len(self.marks))
            unwanted = unwanted or bool(re.match("I.{0,3}lU", rest))  # "I was thinking more like a cartoon"
            named = set(self.sentence.words(begin + 1, begin + 2)) & (MISSED if rest[0] == "Y" else SPOKEN)
            return Change(start, remark=True) if unwanted or (named and len(rest) > 2) else None
        ought = re.match("[^IYQWm,]{1,6}?H|H[la]|[arl][^IYQWmnN,]{1,6}Cb[!J]", rest)
        lacking = re.match("[otp][^IYQWm,]{0,4}?(?:b|0)?X?[ul]|[otp][^IYQWm,]{0,4}b2b|0?u[Jx]", rest)
        wrong = re.match("[otp][^IYQWm,]{0,3}0", rest) and set(self.sentence.words(begin)) & WRONG
        if not (ought or lacking or wrong) or "Q" in rest:
            return None
        return Change(start, commanded=bool(ought), remark=not ought)

    def _fragment(self, begin: int, wish: int, expects: str) -> Change | None:
        """ "darker", "more trees", "at night", "without the fog", "blue walls", "bg = desert", "sleeping" """
        rest = self.marks[begin:].rstrip(".!/")
        if expects or not rest or len(rest) > 14 or re.search("[IYQm?]|^[Wq]|[^l]U", rest):
            return None
        nouns = self.sentence.nouns[begin : begin + len(rest)]
        first = self.sentence.tokens[begin].word
        finite = "b" in rest
        joined = rest[0] in "iwekj" and rest[1:2] not in ("", "!", ",", ".") and not re.match("e[to]?[bo]", rest)
        liked = first == "like" and rest[1:2] in ("a", "t", "p")
        more = re.match("a?l.", rest)
        trait = rest[0] == "J" and (len(rest) > 1 or first.endswith(("er", "est")) or first in WHOLE_TRAITS)
        doing = rest[0] == "x" and first.endswith("ing") and first not in NOT_DOING
        rather = "j" in rest or re.match("X.?[KJy]", rest)
        looks = re.search("[KyFJ=]", nouns) or self._seen_in(begin, begin + len(rest))
        short = len(rest) <= 6 and not re.search("[bChH!TDMGS]", rest)
        holds = (
            joined
            or liked
            or more
            or ((trait or doing or rather) and not finite)
            or (looks and short and rest[0] != "J")
        )
        return Change(self.sentence.at(begin)) if holds else None

    def _talk(self, at: int) -> bool:
        """A verb of talk stands in the words, and nothing of the image does."""
        left = self.marks[at:]
        return "W" in left and "F" not in left and not self._seen_in(at, len(self.marks))

    def _seen_in(self, first: int, last: int) -> bool:
        return bool(self.seen & set(self.sentence.words(first, last)))
