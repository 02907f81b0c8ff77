"""Instructions to the camera, and those that change finished pixels: their words, read clause by clause."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from chatelier.providers.illustrator import framing
from chatelier.providers.illustrator.clauses import Clause
from chatelier.providers.illustrator.edited import Edited, found, inside
from chatelier.providers.illustrator.scene import Placed
from chatelier.providers.illustrator.touches import touch_in

SIDE_WORDS = {
    "left": "left", "right": "right", "top": "top", "upper": "top", "up": "top", "upwards": "top", "above": "top",
    "upward": "top", "bottom": "bottom", "lower": "bottom", "down": "bottom", "downwards": "bottom", "below": "bottom",
    "downward": "bottom",
}  # fmt: skip
SIDE = r"(?:left|right|top|upper|up|upwards?|above|bottom|lower|down|downwards?|below)"
OF_IT = (
    r"(?: the| this| that)?(?: whole)? ?(?:image|picture|scene|photo|frame|canvas|shot|view|camera|it"
    r"|drawing|painting)?"
)
SPACE = r"(?:space|room|of the (?:scene|surroundings|landscape|background)|background|scenery|surroundings)"
LOWER_HORIZON = (
    r"(?:lower(?: down)?|drop|move down)(?: the)? horizon|low(?:er)? horizon|horizon (?:lower|down)"
    r"|low(?:er)? (?:camera )?angle"
    r"|from (?:far )?below|worms? eye(?: view)?|(?:more|show more|bigger|larger"
    r"|taller) (?:of the )?sky\b|less (?:ground|foreground)"
)
HIGHER_HORIZON = (
    r"(?:raise|lift|move up)(?: the)? horizon|high(?:er)? horizon|horizon (?:higher|up)|high(?:er)? (?:camera )?angle"
    r"|from (?:high )?above|birds? eye(?: view)?|aerial(?: view| shot)?|top down(?: view)?|less (?:of the )?sky\b"
    r"|(?:more|show more) (?:of the )?(?:ground|foreground)"
)
OUT = (
    rf"zoom(?:ed|ing)?(?:{OF_IT})? ?(?:far |way |a (?:bit|little) )?(?:out|back)(?: (?:a (?:bit|little"
    rf"|lot)|more|further))?"
    r"|(?:from |seen from )?(?:much |far |a bit )?(?:further|farther) (?:away|back|out|off)"
    r"|from (?:afar|far away|a distance)"
    rf"|(?:a )?(?:wide|wider|long|distant|establishing)(?: angle)? (?:shot|view|frame)"
    rf"|pull (?:the camera )?back|step back"
    rf"|(?:move|take) the camera (?:back|away|out)|show more {SPACE}|less (?:zoomed(?: in)?|close)|in the distance view"
)
IN = (
    rf"zoom(?:ed|ing)?(?:{OF_IT})? ?(?:way |right |a (?:bit|little) )?(?:in|closer)(?: (?:a (?:bit"
    rf"|little|lot)|more|further|closely))?"
    r"|(?:(?:a )?(?:much )?(?:close|closer|tighter|nearer)(?: up)? (?:shot|view|look|crop|frame|up)"
    r"|close up|closeup|macro shot)"
    rf"|(?:move|bring|get|go|come)(?: the camera)? (?:in )?(?:closer|nearer)|crop (?:it |this )?(?:in"
    rf"|closer|tighter|tight)|zoom\b"
    r"|(?:^|(?<=make it )|(?<=bit )|(?<=much ))(?:closer|nearer|tighter)$|(?:^"
    r"|(?<=make it ))(?:closer|nearer)(?= (?:to|on) )|fill the frame"
)  # fmt: skip
EXTEND = (
    rf"(?:extend|expand|outpaint|continue|uncrop|widen|grow|stretch|enlarge the canvas|add (?:more )?{SPACE}"
    rf"|(?:give it |leave |with )?(?:more|extra) {SPACE})\b(?P<rest>.*)|(?:make{OF_IT} )?(?:wider"
    rf"|broader)\b(?! angle)(?P<wide>)"
    rf"|(?:make{OF_IT} )(?:taller|higher)\b(?P<tall>)|panoramic|(?:into |as )?(?:a )?panorama"
)
CROP = (
    rf"(?:crop|trim|cut)(?: off| out| away)?{OF_IT} ?(?:off |out )?(?:the )?(?P<off>{SIDE})(?: (?:side"
    rf"|part|edge|bit|half|of.*))?$"
    rf"|(?:crop|trim)(?:{OF_IT})? (?:down )?to (?:just |only )?(?:the )?(?P<half>{SIDE})(?: (?:side|part|half))?"
    rf"|(?:keep|show) (?:only|just) the (?P<kept>{SIDE}) (?:side|part|half)"
)
PAN = (
    rf"(?:pan|look|shift the view|move the camera|turn the camera)(?: a (?:bit"
    rf"|little))?(?: more)?(?: to)?(?: the)? (?P<side>{SIDE})"
)


def read_frame(edited: Edited, clause: Clause) -> Clause:
    """Does what the clause says of the frame, and answers the clause without those words."""
    for pattern, change in CHANGES:
        match = re.search(rf"\b(?:{pattern})", clause.text)
        if match and not _of_a_thing(edited, clause, match):
            change(edited, clause, match)
            return clause.without(match)
    return _touch(edited, clause)


def _of_a_thing(edited: Edited, clause: Clause, match: re.Match[str]) -> bool:
    """ "Move the cat closer", "make the house wider": said of something in the picture that stands before the words."""
    before = len(clause.text[: match.start()].split())
    return any(span.end <= before and (span.icon or span.feature) for span in clause.spans) or (
        clause.verb == "move" and "camera" not in match.group()
    )


def _lower(edited: Edited, clause: Clause, match: re.Match[str]) -> None:
    edited.became(framing.with_horizon(edited.scene, 0.15))


def _raise(edited: Edited, clause: Clause, match: re.Match[str]) -> None:
    edited.became(framing.with_horizon(edited.scene, -0.17))
    if re.search("aerial|bird|top down", match.group()):
        edited.approximated.append({"asked": match.group(), "drawn": "a higher horizon"})


def _out(edited: Edited, clause: Clause, match: re.Match[str]) -> None:
    strong = bool(re.search("afar|far away|distance|lot|much|way|distant", match.group()))
    scene = framing.farther(edited.scene, strong=strong)
    if scene == edited.scene:
        edited.note("The view is already as wide as I can paint it.")
    else:
        edited.became(scene)


def _in(edited: Edited, clause: Clause, match: re.Match[str]) -> None:
    things: list[Placed] = [thing for span in clause.spans if span.icon for thing in found(edited.scene, span)]
    missing = [span for span in clause.spans if span.icon and not found(edited.scene, span)]
    if missing and not things:
        edited.missing(missing[0].label)
        return
    if not things and edited.area is not None:
        things = inside(edited, edited.scene.things)
    strong = bool(re.search("lot|much|way|macro", match.group()))
    edited.became(framing.closer(edited.scene, things, strong=strong))


def _extend(edited: Edited, clause: Clause, match: re.Match[str]) -> None:
    rest = match.group("rest") or ""
    sides = [side for word, side in SIDE_WORDS.items() if re.search(rf"\b{word}\b", rest)]
    if match.group("tall") is not None or re.search(r"\bvertical|\btaller", rest):
        sides = ["top", "bottom"]
    elif re.search(r"\b(?:all|every|around|each)\b", rest):
        sides = ["left", "right", "top", "bottom"]
    elif not sides or re.search(r"\b(?:sides|both|horizontal\w*|wider)\b", rest):
        sides = ["left", "right"]
    scene = framing.extended(edited.scene, sides)
    wide, tall = scene.view[2] - scene.view[0], scene.view[3] - scene.view[1]
    if max(wide, tall) > framing.FARTHEST or not 1 / 3 <= scene.seen_ratio <= 3.0:
        edited.note("The picture cannot be extended any further that way.")
    else:
        edited.became(scene)


def _crop(edited: Edited, clause: Clause, match: re.Match[str]) -> None:
    off, kept = match.group("off"), match.group("half") or match.group("kept")
    scene = framing.cropped(edited.scene, SIDE_WORDS[off or kept], keep=not off)
    if 1 / 3 <= scene.seen_ratio <= 3.0:
        edited.became(scene)
    else:
        edited.note("The picture cannot be cropped any further that way.")


def _crop_to(edited: Edited, clause: Clause, match: re.Match[str]) -> None:
    things = [thing for span in clause.spans if span.icon for thing in found(edited.scene, span)]
    edited.became(framing.closer(edited.scene, things))


def _pan(edited: Edited, clause: Clause, match: re.Match[str]) -> None:
    edited.became(framing.panned(edited.scene, SIDE_WORDS[match.group("side")]))


Change = Callable[[Edited, Clause, "re.Match[str]"], None]
CHANGES: tuple[tuple[str, Change], ...] = (
    (CROP, _crop),
    (PAN, _pan),
    (LOWER_HORIZON, _lower),
    (HIGHER_HORIZON, _raise),
    (EXTEND, _extend),
    (OUT, _out),
    (IN, _in),
    (rf"crop(?:{OF_IT})?(?: (?:down )?to| around| on)?", _crop_to),
)


def _touch(edited: Edited, clause: Clause) -> Clause:
    name, words = touch_in(clause.text)
    if not name:
        return clause
    match = re.search(re.escape(words), clause.text)
    assert match is not None
    touches = edited.scene.touches
    opposite = name in ("mirror", "flip", "invert") and touches[-1:] == (name,)
    opposite = opposite or {name, *touches[-1:]} == {"turn left", "turn right"}
    edited.became(replace(edited.scene, touches=touches[:-1] if opposite else (*touches, name)[-20:]))
    return clause.without(match)
