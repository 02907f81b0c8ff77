"""Is a change to an image asked for? Reads one sentence at a time; the caller knows what is talked about."""

from __future__ import annotations

import re
from collections.abc import Callable, Set

from chatelier.domain.intent import remarks
from chatelier.domain.intent.frames import frame, lead
from chatelier.domain.intent.nouns import ERRANDS, WRITTEN_IN_PICTURES
from chatelier.domain.intent.phrases import thing_at
from chatelier.domain.intent.sight import Change, Sight
from chatelier.domain.intent.tokens import Sentence, nominal

Reader = Callable[[int, int, str], Change | None]

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
THINKING = re.compile("I[ULC]?~(?:t(?=[tpo]))?|I(?:b|U)?~q")  # "I think", "I feel like"
NAMED_AGAIN = re.compile("[tp][vxK]1R?(?=[wikceR,])|[tp][vxK]1R")
DO_IT = [["do", "it"], ["do", "that"], ["do", "this"], ["do", "them"]]
ASKED_CHANGE = frozenset("change edit tweak correction thing request adjustment".split())
TURNS = frozenset("transfer translate develop structure".split())  # into a style
OF_THE_IMAGE = re.compile("[tp][n]")
SHOWN = re.compile("x[^b]{0,12}[tp]K?[nN]|xi?p[KJy]{0,2}v|xt[^b]{0,3}[vFKy][^b]{0,4}$")
FORBIDDEN = re.compile("X[MEdhDG]")
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
ALSO_TALK = re.compile('[&,]{1,2}W(?!")')
POINTS_AT_TEXT = frozenset("following given provided requested underlined".split())
GOING = frozenset("go disappear vanish".split())
NEVER_ALONE = frozenset(
    "correct confirm ensure choose select pick use keep drop cut set place apply cover express".split()
)
USED = frozenset("printed used sold shared downloaded saved sent framed published bought exported done".split())


def read(sentence: Sentence, seen: Set[str], at: int = 0) -> Change | None:
    """The change asked for from token ``at`` on; ``seen`` are the words of the images' prompts."""
    return _Reader(sentence, seen).read(at)


def names_the_image(sentence: Sentence) -> bool:
    """ "remove the dog from the picture": a command, and it says of what."""
    begin = lead(sentence.marks)
    return sentence.marks[begin : begin + 1] in ("E", "M") and bool(OF_THE_IMAGE.search(sentence.nouns))


class _Reader:
    def __init__(self, sentence: Sentence, seen: Set[str]) -> None:
        self.sight = Sight(sentence, seen)
        self.sentence = sentence
        self.marks = sentence.marks
        self.seen = seen

    def read(self, at: int) -> Change | None:
        begin = at + lead(self.marks[at:])
        thought = THINKING.match(self.marks, begin)
        begin = thought.end() if thought else begin
        asked = QUESTIONED.match(self.marks, begin)
        if asked:
            return self.sight.told(asked.end())
        if begin >= len(self.marks) or self._stops(begin):
            return None
        expects, wish = frame(self.marks, begin)
        readers: tuple[Reader, ...] = (self._again, self._command, self._wish, self._mention)
        found = (reader(begin, wish, expects) for reader in readers)
        return next(filter(None, found), None) or self._uncommanded(at, begin, expects)

    def _uncommanded(self, at: int, begin: int, expects: str) -> Change | None:
        """Remarks and fragments, which only count at the beginning, and not after praise."""
        praised = begin > at and self.marks[begin - 1] == "!" and self.sentence.tokens[begin - 1].word != "!"
        found = None
        if not praised and (not at or re.match("[xo]H", self.marks[begin:])):  # "..., there should be seven"
            found = remarks.remark(self.sight, begin)
        if found is None and not at and not praised:
            found = remarks.fragment(self.sight, begin, expects)
        if found is None and at and re.fullmatch("l[JK]", self.marks[begin:].rstrip(".!")):
            found = Change(self.sentence.at(begin))  # "..., plus clair"
        return found

    def _stops(self, at: int) -> bool:
        """Talk about something else: a question, a refusal, an errand."""
        mark, after = self.marks[at], self.marks[at + 1 : at + 2]
        told = self.sentence.words(at, at + 2) in DO_IT
        if mark == "Q" or (mark in "bd" and after in ("Y", "t", "o", "p", "I") and not told):
            return True
        if mark == "X" and not re.match("X.?[KJy]", self.marks[at:]) and not self._forbids(at):
            return True
        words = {part for word in self.sentence.words(at) for part in word.split()}
        return bool((words & ERRANDS) - self.seen) or self._of_persons(at) or self._of_words(at, words)

    def _forbids(self, at: int) -> bool:
        """ "don't make the moon so big" """
        return bool(FORBIDDEN.match(self.marks, at)) and self.sight.looks(at)

    def _of_words(self, at: int, words: Set[str]) -> bool:
        """Texts, code and numbers are spoken of, and nothing of an image: "convert the given HTML", "complete the
        lyrics"."""
        spoken = {token.word for token in self.sentence.tokens[at:] if nominal(token) in "Tz" or token.word == "text"}
        if spoken and words & POINTS_AT_TEXT:
            return True
        parts = {token.word for token in self.sentence.tokens[at:] if token.mark == "F"} - {"text", "format"}
        if parts or re.search('[nNO#"]', self.sentence.nouns[at:]) or words & self.seen:
            return False
        spoken.discard("text")
        return (
            bool(spoken - WRITTEN_IN_PICTURES) or bool(words & POINTS_AT_TEXT) or bool(ALSO_TALK.search(self.marks, at))
        )

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
        labelled = re.match("[3a1A]?[EF1J]{0,2}[:]", rest)
        if labelled and set(self.sentence.words(wish, wish + labelled.end())) & ASKED_CHANGE:
            return Change(self.sentence.at(wish + labelled.end()), commanded=True)  # "last change: more sky"
        repeated = re.match("(?:[gGdMDBh]m?)?[ar]?V|R", rest)
        if repeated:
            return self._with_rest(wish, wish + repeated.end())
        if DONE_AGAIN.match(rest):
            return Change(start, variation=True, explicit=True)
        if NTH.match(rest) or NAMED_AGAIN.match(rest) or (rest[:1] == "X" and self._forbids(wish)):
            return Change(start, explicit=True, commanded=True)
        found = REPEATED.match(self.sentence.nouns[wish:])
        if not found:
            return None
        after = wish + found.end()
        named = self.sentence.nouns[wish:after]
        other_part = named.endswith("F") and not REPEATABLE & set(self.sentence.words(wish, after))
        if (found["part"] and re.search("[JKy]", named)) or (other_part and "A" in named):
            return Change(start, explicit=True, commanded=True)  # "a foggy version", "a different angle"
        if re.match(",.?f", self.marks[after:]):
            return None  # "another picture, this time of a hare"
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
        if re.search("[TW]|(?<!c)Q", rest):
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
            sums = re.search("r.*r", rest) and not re.search("[vKJF]", rest) and not self.sight.sees(wish)
            holds = rest[:1] not in ("m", "Y") and not sums
            holds = holds and (word not in NEVER_ALONE or bool(rest.strip(".!?")))
        elif mark == "W":
            holds = word in ("write", "print") and bool(re.match('"|tTx|[x"]{1,3}i[otp]', rest))
            holds = holds or (word == "imagine" and rest[:1] == "o")
            holds = holds or (word in TURNS and bool(re.match("(?:[tp][KyJ]{0,2}[nN]|o)i", rest)))
        elif mark in "Md":
            holds = bool(re.search("[fi]t[nN]", rest)) or self._made_over(wish + 1)
        elif mark in "Gg":
            holds = bool(re.match("[otp#]|m[tp]S", rest)) and not re.fullmatch("[otp#].?aT[.!?]*", rest)
        elif mark in "h^":
            holds = (
                bool(re.match("[otp](?!$)", rest))
                and word in ("have", "let")
                and "~" not in rest
                and not self.sight.talks(wish)
            )
        elif mark in "DB":
            holds = self._drawn_over(wish + 1)
        return self.sight.told(wish) if holds else None

    def _made_over(self, at: int) -> bool:
        """ "make it darker", "make a darker version"; not "make it a limerick" """
        nouns = self.sentence.nouns[at:]
        if re.match("[otp]aT|o.?q", nouns) and not self.sight.sees(at, at + 3):
            return False
        if re.match("F[^TW]{1,5}[2K]", nouns):
            return True  # "make color of butterfly to blue"
        if re.match("[xv]{1,2}[JKy]", nouns) and self.sight.sees(at, at + 2):
            return True
        part = re.match("a.{0,3}F", nouns)
        return bool(re.match("[otp#l]", nouns)) or (bool(part) and "text" not in self.sentence.words(at, at + 4))

    def _drawn_over(self, at: int) -> bool:
        """ "paint the tram yellow", "draw it bigger", "draw a hat on the fox" """
        marks = self.marks[at:]
        if re.match("[o#]|p(?![vx])|tt?[nN]", marks):
            return True
        if re.match("t", marks):
            return bool(re.search("[KyJ]F?[.!?]*$|S", marks)) or self.sight.sees(at, at + 4)
        onto = re.search("i([op]|t.?)", marks)
        return (
            bool(onto) and (onto[1][0] == "o" or self.sight.sees(at + onto.start(), at + onto.end() + 1))
            if onto
            else False
        )

    def _wish(self, begin: int, wish: int, expects: str) -> Change | None:
        """ "I want the tram to be green", "could it be brighter", "can we have a window", "how about a red hat" """
        rest = self.marks[wish:]
        told = self.sight.told(wish)
        if expects and self.sight.talks(wish):
            return None
        if expects in ("thing", "sight") and WANTED.match(self.marks, begin):
            fits = (
                (rest[:1] == "a" and self.sight.sees(wish))
                or re.fullmatch("[vyJ]", rest.rstrip(".!"))
                or re.match("l|aJ*[Fy1]|[atlJKr]{0,3}F", rest)
                or (re.match("[otp]", rest) and (re.search("[JKyFlikw2]", rest) or self.sight.sees(wish)))
            )
            return told if fits and thing_at(self.sentence, wish).sort != "text" else None
        if expects == "sight":
            return told if re.match("[otp]", rest) and re.search("[iwe]", rest) else None
        if expects == "thing" and (self.marks[begin] == "@" or self.sentence.words(begin + 1, begin + 2) == ["we"]):
            return told if re.search("[iwl]", rest) or self.sight.sees(wish) else None
        if expects == "either" and rest[:1] != "Y":
            doing = self.sentence.words(wish, wish + 1)[0].endswith("ing") if rest else False
            return told if rest.strip("?.! ") and (not doing or self.sight.looks(wish)) else None
        could = self.sentence.tokens[begin].word in ("can", "could")
        if (
            could
            and re.match("C[tpo]", self.marks[begin:])
            and set(self.sentence.words()) & GOING
            and not self.sight.talks(begin)
        ):
            return self.sight.told(begin)  # "could the pylons go?"
        if (
            could
            and not set(self.sentence.words(begin)) & USED
            and re.match("C[otp#].{0,4}?[bh]", self.marks[begin:])
            and not self.sight.talks(begin)
        ):
            return self.sight.told(begin)
        return None

    def _mention(self, begin: int, wish: int, expects: str) -> Change | None:
        """An unknown verb that commands: "void the rain", "purify the image". Words of talk are known ones."""
        rest = self.marks[wish:].rstrip(".!")
        if expects not in ("", "verb") or re.search(r"[IYQ?]", rest) or self.sight.talks(wish):
            return None
        if re.fullmatch("xo[^bCHIYQW]{0,6}", rest) and self.sentence.tokens[wish].word.endswith(("fy", "ize", "ise")):
            return self.sight.told(wish)  # "animefy it"
        known = re.match("xt[^b]{1,7}$|xa[^bCH]{2,12}$", rest) and self.sight.sees(wish + 1)
        return self.sight.told(wish) if known or SHOWN.match(rest) else None
