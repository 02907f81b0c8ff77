"""An earlier prompt with a change applied: in its words where that is possible, else added at its end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatelier.domain.intent import nouns
from chatelier.domain.intent.model import MAX_INSTRUCTION, MAX_PROMPT
from chatelier.domain.intent.prompts import tidy
from chatelier.domain.intent.tokens import fold

LONGEST = 2000  # characters of a prompt whose words are changed
READABLE = 300  # characters of an instruction that is taken apart
COLOURS = frozenset(nouns.COLOURS.split())
ARTICLES = frozenset("a an the some his her its their my un una une ein eine um uma".split())
JOINS = frozenset("with and in on under near beside by at over wearing holding behind".split())
OF_IT = r"(?:the|this|that|my|your)\s+(?:whole\s+|entire\s+)?(?:image|picture|photo|pic|drawing|painting|scene|one)"
IT = rf"(?:it|this|that|them|everything|{OF_IT})"
ANY_CASE, LOOSE = re.IGNORECASE, re.IGNORECASE | re.VERBOSE

SAME_BUT = re.compile(
    r"""(?:the\ )?(?:same|like\ this|again|another)(?:\ (?:image|picture|one|thing|scene|version|again|photo|drawing))?
        [\s,]*(?:but|except|only|just|,)\s*""",
    LOOSE,
)
REMOVE = re.compile(
    r"""(?:remove|delete|erase|eliminate|get\ rid\ of|lose|drop|leave\ out|take\ (?:out|away)|without|w/o|no|exclude
        |cut\ out|do\ away\ with|omit|clear|i\ (?:don['’]t|do\ not)\ want(?:\ any)?)\s+(?P<a>.+)
      |take\s+(?P<b>.+?)\s+(?:out|away|off)\b.*
      |(?P<c>.+?)\s+(?:should|ought\ to|must|needs?\ to|has\ to|have\ to)\s+be\s+(?:removed|deleted|erased|gone)\b.*""",
    LOOSE,
)
REPLACE = re.compile(
    r"""(?:replace|swap(?:\ out)?|exchange|substitute|switch(?:\ out)?|trade)\s+(?P<old>.{1,200}?)
        \s+(?:with|for|by|to|into)\s+(?P<new>.{1,300})
      |(?:turn|change|convert|transform|switch|set)\s+(?P<from>.{1,200}?)\s+(?:into|to)\s+(?P<to>.{1,300})""",
    LOOSE,
)
INSTEAD = re.compile(r"(.{1,200}?)\s+(?:instead of|rather than|in place of)\s+(.{1,200})", ANY_CASE)
ALSO = re.compile(
    r"(.+?)(?:,|\s+and|\s+but|,\s+and)\s+((?:put|add|make|give|remove|change|turn|have|let|with|without|take)\b.+)",
    ANY_CASE,
)
RECOLOUR = re.compile(
    r"""(?:make|paint|colou?r|dye|tint|turn|change|repaint|recolou?r)\s+(?:the\ colou?r\ of\s+)?(?:all\s+)?(?:of\s+)?
        (?:the|his|her|its|their|my|that)\s+(?P<thing>.{1,80}?)\s+(?:be\s+|to\s+|into\s+)?(?P<colour>[\w-]+)
      |(?:i\ (?:want|need|would\ like)\s+|i'd\ like\s+|can\s+|could\s+)?the\s+(?P<what>.{1,60}?)
        \s+(?:to\ be|should\ be|be)\s+(?P<hue>[\w-]+)""",
    LOOSE,
)
ADD = re.compile(r"(?:add|include|insert|introduce|incorporate|throw in|add in|append|attach)\s+(.+)", ANY_CASE)
PUT = re.compile(r"(?:put|place|position|stick|hang|draw|have|show|use|set)\s+(.+)", ANY_CASE)
GIVE = re.compile(
    r"give\s+(it|him|her|them|(?:the|his|her|its|that)\s+[\w-]+(?:\s+(?!an?\b|some\b)[\w-]+)??)\s+((?:an?|some|\w+)\b.*)",
    ANY_CASE,
)
MAKE_IT = re.compile(
    rf"""(?:make|turn|render|do|draw|paint|show|keep|have|get|want|like|prefer|put|convert|redo|remake|recreate|see)
        \s+{IT.replace(" ", "[ ]")}\s*(?:be|to\ be|look|into|to)?\s+
      |(?:make|have|let)\s+(?:him|her)\s+(?:look|be)\s+
      |it\s+(?:(?:was|were|is|to\ be)\s+|(?=(?:in|as|with|at|on|more|less|from)\b))
      |(?:can|could|may)\s+(?:it|this|that|he|she|they)\s+be\s+
      |(?:it|he|she|they)\s+(?:should|must|needs\ to|could|ought\ to)\s+be\s+
      |what\ if\ it\ (?:was|were|is)\s+|(?:what|how)\ about\s+|make\s+""",
    LOOSE,
)
MEDIUM = (
    r"(?:watercolou?r|oil|pencil|ink|charcoal|pixel[ ]art|anime|cartoon|comic|sketch|painting|drawing|woodcut|linocut"
    r"|photo\w*|style|art)"
)
TOO = re.compile(
    r"""(?:\w+\s+){0,2}?(?:(?P<thing>(?:the|his|her|its|their)\s+[\w-]+(?:\s+[\w-]+)?)\s+)?
        (?:(?:it['’]?s|that['’]?s|this\ is|is|are|looks?|it\ is)\s+)?(?:(?:way|far|much|a\ bit|just|still)\s+)*
        too\s+(?P<how>[\w-]+)(?:\s+for\s+.{1,40})?""",
    LOOSE,
)
OPPOSITES = dict(
    pair.split(":")
    for pair in (
        "dark:brighter bright:darker light:darker big:smaller large:smaller small:bigger tiny:bigger short:longer "
        "long:shorter tall:shorter wide:narrower narrow:wider thick:thinner thin:thicker heavy:lighter cold:warmer "
        "cool:warmer warm:cooler hot:cooler busy:simpler cluttered:simpler crowded:emptier empty:fuller plain:richer "
        "simple:richer blurry:sharper sharp:softer soft:sharper old:younger young:older sad:happier happy:sadder "
        "close:farther far:closer dull:livelier boring:livelier loud:quieter colorful:calmer colourful:calmer "
        "saturated:paler pale:stronger strong:softer fat:slimmer skinny:fuller modern:older flat:deeper"
    ).split()
)
STYLED = re.compile(rf"(?:(?:in|as|into|like|an?)\b.{{0,80}}\b)?{MEDIUM}\b(?:\s+(?:style|version|look))?", LOOSE)
STYLE_TAIL = re.compile(rf",\s*(?:in|as|like)\s+(?:an?\s+|the\s+)?(?:[\w-]+\s+){{0,3}}?{MEDIUM}$", LOOSE)


FOREIGN = re.compile(
    r"""(?:hazl[oa]|ponle|pon|a[ñn]ade|agr[eé]ga(?:le)?|ajoute|adicion[ae]|acrescente|coloque|rends-l[ea]|mets
      |mach\ (?:es|ihn|sie)|f[üu]ge)\s+(?P<rest>.+?)(?:\s+hinzu)?|(?:换成|改成|变成|改为|加上|添加|加)(?P<more>.+)""",
    LOOSE,
)


@dataclass(frozen=True)
class Word:
    """One word of a prompt, ``bare`` folded and without punctuation."""

    bare: str
    start: int
    end: int


def changed(prompt: str, instruction: str) -> str:
    change = tidy(instruction)[:MAX_INSTRUCTION]
    same = SAME_BUT.match(change)
    change = tidy(change[same.end() :]) if same else change
    prompt = prompt.strip(" ,")
    if not prompt or not change:
        return prompt or change
    readable = len(change) <= READABLE and len(prompt) <= LONGEST
    for apply in (_too_much, _removed, _recoloured, _replaced, _added) if readable else ():
        found = apply(prompt, change)
        if found:
            return found[:MAX_PROMPT]
    made = MAKE_IT.match(change)
    rest = tidy(change[made.end() :]) if made else change
    if STYLED.fullmatch(rest):
        prompt = STYLE_TAIL.sub("", prompt) or prompt
        rest = f"as {rest}" if rest.split()[0].lower() in ("a", "an") else rest
    return f"{prompt}, {rest or change}"[:MAX_PROMPT]


def _too_much(prompt: str, change: str) -> str:
    """What is too dark should be brighter: an engine told "too dark" paints it dark."""
    found = TOO.fullmatch(change)
    if not found or found["how"].lower() not in OPPOSITES:
        return ""
    thing = f"{found['thing']} " if found["thing"] else ""
    return f"{prompt}, {thing}less {found['how']}, {OPPOSITES[found['how'].lower()]}"


def _removed(prompt: str, change: str) -> str:
    """ "a boy with a dog at the beach" without the dog: "a boy at the beach"."""
    found = REMOVE.fullmatch(change)
    if not found:
        return ""
    gone = _noun(found["a"] or found["b"] or found["c"])
    words = _words(prompt)
    spot = _find(words, gone)
    join = _join_before(prompt, words, spot[0]) if spot else None
    if spot is None or join is None:
        return f"{prompt}, without {gone}"
    last = words[spot[1] - 1]
    following = words[spot[1]].bare if spot[1] < len(words) else ""
    ended = prompt[last.end : last.end + 1] == "," or not following or following in JOINS
    return (
        f"{prompt[: join.start].rstrip(' ,')}{prompt[last.end :]}".strip(" ,") if ended else f"{prompt}, without {gone}"
    )


def _join_before(prompt: str, words: Sequence[Word], at: int) -> Word | None:
    """The word that joins the noun at ``at`` to what comes before it: "with", "and", "under"."""
    for back in range(at - 1, max(-1, at - 5), -1):
        word = words[back]
        if "," in prompt[word.end : words[back + 1].start]:
            return None
        if word.bare in JOINS:
            return word if back else None
    return None


def _recoloured(prompt: str, change: str) -> str:
    """ "a girl with a red kite", the kite yellow: "a girl with a yellow kite"."""
    found = RECOLOUR.fullmatch(change)
    colour = (found["colour"] or found["hue"]).lower() if found else ""
    if found is None or colour not in COLOURS:
        return ""
    thing = _noun(found["thing"] or found["what"])
    words = _words(prompt)
    spot = _find(words, thing)
    if spot is None:
        return f"{prompt}, {colour} {thing}"
    first = words[spot[0]]
    before = words[spot[0] - 1] if spot[0] else None
    start = before.start if before and before.bare in COLOURS else first.start
    return f"{prompt[:start]}{colour} {prompt[first.start :]}"


def _replaced(prompt: str, change: str) -> str:
    """ "a desk with a lamp", the lamp by a candle: "a desk with a candle"."""
    found, instead = REPLACE.fullmatch(change), INSTEAD.fullmatch(change)
    also = ALSO.match(instead[2]) if instead else None
    if instead and also:  # "boy instead of girl and put headphones on him"
        return changed(_replaced(prompt, f"{instead[1]} instead of {also[1]}"), also[2])
    if instead:
        new, old = instead[1], instead[2]
    elif found:
        new, old = found["new"] or found["to"], found["old"] or found["from"]
    else:
        return ""
    if re.fullmatch(IT, old.strip(), ANY_CASE):
        return ""
    thing = _noun(old)
    words = _words(prompt)
    spot = _find(words, thing)
    if spot is None:
        described = f"{_noun(new)} {thing}" if len(new.split()) <= 2 else f"{thing}: {new}"
        return f"{prompt}, {new if instead else described}"
    before = words[spot[0] - 1] if spot[0] else None
    article = before if before and before.bare in ("a", "an", "the", "some") else None
    start = article.start if article else words[spot[0]].start
    return f"{prompt[:start]}{_with_article(new, article)}{prompt[words[spot[1] - 1].end :]}"


def _with_article(new: str, old: Word | None) -> str:
    own = new.split()[0].lower() in ARTICLES or new[:1].isdigit()
    if old is None:
        return new
    if own or (old.bare in ("a", "an", "some") and new.endswith("s")):
        return new
    article = old.bare if old.bare not in ("a", "an") else "an" if new[:1].lower() in "aeiou" else "a"
    return f"{article} {new}"


def _added(prompt: str, change: str) -> str:
    given = GIVE.fullmatch(change)
    if given:
        receiver = _noun(given[1])
        known = receiver.lower() in ("it", "him", "her", "them") or _find(_words(prompt), receiver)
        return f"{prompt}, with {given[2]}" if known else f"{prompt}, the {receiver} with {given[2]}"
    found = ADD.fullmatch(change)
    if found:
        return f"{prompt}, with {found[1]}"
    foreign = FOREIGN.fullmatch(change)
    if foreign:
        return f"{prompt}, {foreign['rest'] or foreign['more']}"
    found = PUT.fullmatch(change)
    return f"{prompt}, {found[1]}" if found and not re.match(rf"{IT}\b", found[1], ANY_CASE) else ""


def _words(prompt: str) -> list[Word]:
    return [Word(fold(match.group()), match.start(), match.end()) for match in re.finditer(r"[\w'’-]+", prompt)]


def _find(words: Sequence[Word], noun: str) -> tuple[int, int] | None:
    """Where the phrase stands, in either number; else where its last word does."""
    wanted = [word.bare for word in _words(noun)]
    for phrase in (wanted, wanted[-1:]):
        for at in range(len(words) - len(phrase) + 1 if phrase else 0):
            there = words[at : at + len(phrase)]
            if all(_alike(word.bare, other) for word, other in zip(there, phrase, strict=True)):
                return at, at + len(phrase)
    return None


def _alike(one: str, other: str) -> bool:
    return one == other or one + "s" == other or other + "s" == one or one + "es" == other or other + "es" == one


def _noun(phrase: str) -> str:
    """ "all of the small dogs in the image": "small dogs"."""
    phrase = re.sub(rf"\s+(?:from|in|of)\s+{OF_IT}\b.*$", "", phrase.strip(), flags=ANY_CASE)
    return re.sub(
        r"^(?:(?:all|any|of|every|both)\s+)*(?:(?:the|this|that|those|these|an?|his|her|its|their|my|some)\s+)?",
        "",
        phrase,
        flags=ANY_CASE,
    )
