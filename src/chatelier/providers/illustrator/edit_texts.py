"""Words that are to stand in the picture: added, exchanged, removed; taken out of the instruction before it is read."""

from __future__ import annotations

import re
from dataclasses import replace

from chatelier.providers.illustrator.colours import NAMED
from chatelier.providers.illustrator.edited import Edited
from chatelier.providers.illustrator.lettering import cannot_write
from chatelier.providers.illustrator.scene import Lettering
from chatelier.providers.illustrator.tokens import fold

QUOTED = re.compile(
    r"[\"“„«『「](?P<a>[^\"“”„«»『』「」]{1,200})[\"”“»』」]|(?<!\w)['‘](?P<b>[^'‘’]{1,200}(?:['’]\w[^'‘’]{0,200})?)['’](?!\w)"
)
TEXT = (
    r"(?:text|texts|words?|letters|lettering|caption|title|headline|heading|inscription|message|slogan|greeting|label|texto|texte"
    r"|letrero|leyenda|titulo|titre|mots|palabras|palavras|worte|schrift|schriftzug|aufschrift|titel|wort|文字|テキスト|文|字)"
)
WRITING = (
    r"(?:write|says?|saying|reads?|reading|spells?|print|type|escribe|escribir|ecris|ecrire|schreib"
    r"|schreibe|escreva|dice|dit|書いて|写上|写)"
)
UNQUOTED = re.compile(
    rf"\b(?:(?:add|put|write|insert|include|place|with)\s+(?:the\s+|a\s+)?{TEXT}\s*:?\s+(?:saying\s+"
    rf"|that says\s+)?|(?:write|print)\s+"
    rf"(?!it\b|the\s+(?:text|word)|a\s)(?:the\s+words?\s+)?|{TEXT}\s+(?:that\s+)?(?:says|saying|reading)\s+)(?P<words>[^,;.\n]{{1,120}}?)"
    r"(?P<tail>\s+(?:at|on|in|across|above|over)\s+(?:the\s+)?(?:top|bottom|middle|cent(?:er|re)|sky|picture|image|it)\b.*)?$",
    re.IGNORECASE,
)
CHANGING = (
    r"\b(?:change|replace|swap|turn|cambia|reemplaza|remplace|change[rz]?|ersetze|aendere|andere|troque|mude)\b|→"
)
MOVING = r"\b(?:move|put|place|shift)\b"


def read_texts(edited: Edited, instruction: str) -> str:
    """Writes, rewrites, recolours or moves words; answers the instruction without what was said of them."""
    quotes = list(QUOTED.finditer(instruction))
    plain = fold(instruction)
    if quotes and (re.search(rf"(?:\b|(?<=\W)){TEXT}|{WRITING}", plain) or _only_adds(plain, quotes)):
        return _quoted(edited, instruction, quotes)
    unquoted = UNQUOTED.search(instruction)
    if unquoted and not quotes:
        _write(edited, unquoted.group("words").strip(" '\"‘’“”"), fold(unquoted.group("tail") or ""))
        return instruction[: unquoted.start()]
    if (
        edited.scene.texts
        and re.search(rf"\bthe {TEXT}\b", plain)
        and not re.search(r"\b(?:remove|delete|erase)\b", plain)
    ):
        return _changed(edited, instruction, plain)
    return instruction


def _only_adds(plain: str, quotes: list[re.Match[str]]) -> bool:
    """ "Add 'Happy Birthday'": nothing but quoted words is added."""
    around = QUOTED.sub(" ", plain)
    return bool(
        re.fullmatch(r"\s*(?:please\s+)?(?:add|put|write|with)\s*(?:(?:at|on|in)\s+.*|to it.*|please)?[\s.!]*", around)
    )


def _quoted(edited: Edited, instruction: str, quotes: list[re.Match[str]]) -> str:
    """The clause around the quotation is about words; what stands beyond a comma or "and" is not."""
    first, last = quotes[0], quotes[-1]
    head = re.split(r"[,;.]\s|\s(?:and|then|but|y|et|und|e)\s(?!['\"“])", instruction[: first.start()])[-1]
    tail = re.split(r"[,;.]\s|\s(?:and|then|but|y|et|und|e)\s", instruction[last.end() :], maxsplit=1)
    start = first.start() - len(head)
    end = last.end() + len(tail[0])
    clause = fold(head + " " + instruction[first.end() : last.start()] + " " + tail[0])
    words = [(quote.group("a") or quote.group("b") or "").strip() for quote in quotes]
    if re.search(r"\b(?:remove|delete|erase|quita|enleve|entferne|remova)\b", clause):
        _remove(edited, words[0])
    elif re.search(CHANGING, clause):
        _rewrite(edited, words, clause)
    else:
        _write(edited, words[-1] if len(words) == 1 else " ".join(words), clause)
    return f"{instruction[:start]} {instruction[end:]}"


def _write(edited: Edited, words: str, clause: str) -> None:
    strange = cannot_write(words)
    if strange:
        edited.not_understood.append(words[:40])
        edited.note(f"The letters “{strange}” are not in the typeface I write with; I can write Latin letters.")
        return
    place = _place(edited, clause)
    texts = [text for text in edited.scene.texts if text.place != place]
    if len(texts) > 2:
        edited.note("There is no room for more words in this picture.")
        return
    edited.became(replace(edited.scene, texts=(*texts, Lettering(words=words, place=place, colour=_colour(clause)))))


def _rewrite(edited: Edited, words: list[str], clause: str) -> None:
    """ "Change 'Hello' to 'Goodbye'", "change the text to 'Goodbye'"."""
    texts = edited.scene.texts
    if not texts:
        _write(edited, words[-1], clause)
        return
    strange = cannot_write(words[-1])
    if strange:
        _write(edited, words[-1], clause)
        return
    old = next((text for text in texts if len(words) > 1 and fold(text.words) == fold(words[0])), texts[-1])
    new = replace(old, words=words[-1], colour=_colour(clause) or old.colour)
    edited.became(replace(edited.scene, texts=tuple(new if text is old else text for text in texts)))


def _remove(edited: Edited, words: str) -> None:
    left = tuple(text for text in edited.scene.texts if fold(text.words) != fold(words))
    if len(left) == len(edited.scene.texts):
        edited.note(f"The words “{words[:40]}” are not in this picture.")
    else:
        edited.became(replace(edited.scene, texts=left))


def _changed(edited: Edited, instruction: str, plain: str) -> str:
    """ "Make the text red", "move the text to the bottom"."""
    texts, colour = edited.scene.texts, _colour(plain)
    moving = re.search(MOVING, plain) and re.search(r"\b(?:top|bottom|middle|cent(?:er|re))\b", plain)
    if not colour and not moving:
        return instruction
    new = replace(
        texts[-1], colour=colour or texts[-1].colour, place=_place(edited, plain) if moving else texts[-1].place
    )
    edited.became(replace(edited.scene, texts=(*texts[:-1], new)))
    return ""


def _place(edited: Edited, clause: str) -> str:
    if re.search(r"\b(?:bottom|below|under\w*|lower|unten|abajo|bas|embaixo|foot)\b|下", clause):
        return "bottom"
    if re.search(r"\b(?:middle|cent(?:er|re)|across|mitte|centro|milieu|meio)\b|中", clause):
        return "centre"
    if re.search(r"\b(?:top|above|upper|oben|arriba|haut|sky|cima)\b|上(?!げ)", clause):
        return "top"
    taken = {text.place for text in edited.scene.texts}
    return next((place for place in ("top", "bottom", "centre") if place not in taken), "top")


def _colour(clause: str) -> str:
    return next((word for word in re.findall(r"[a-z]+", clause) if word in NAMED), "")
