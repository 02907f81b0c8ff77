"""Light, hour, weather, season, style and colour of the whole picture or of a part of its backdrop."""

from __future__ import annotations

import re
from dataclasses import replace

from chatelier.providers.illustrator import colours, grammar
from chatelier.providers.illustrator.ambient import read_ambience
from chatelier.providers.illustrator.clauses import Clause
from chatelier.providers.illustrator.colours import NAMED, clamp
from chatelier.providers.illustrator.edited import Edited, found
from chatelier.providers.illustrator.parts import PARTS
from chatelier.providers.illustrator.scene import Scene
from chatelier.providers.illustrator.spans import find_spans
from chatelier.providers.illustrator.tilts import Tilt, tilts_in
from chatelier.providers.illustrator.tokens import Token
from chatelier.providers.illustrator.wish import Wish

COLOURISH = frozenset({"shade", "shades", *NAMED})  # also names of things: sunglasses, a fruit, a flower
WHOLE = frozenset("everything image picture scene whole entire photo drawing painting all".split())
CLEAR = (
    r"clear(?: up)?(?: the)?(?: blue)? (?:sky|skies|weather)|sunny(?: weather| day)?"
    r"|cloudless(?: sky)?|(?:good|nice|fine|fair|dry)"
    r" weather|(?:stops?|stopped|no more|not) (?:the )?(?:rain|snow|raining|snowing|rainy|foggy|storm"
    r"|fog)\w*|blue sky weather"
)
NATURAL = (
    r"(?:natural|normal|original|real|true)(?: the)? colou?rs?|(?:remove|undo"
    r"|without)(?: the)? (?:tint|filter|filters|effects?)"
    r"|no filters?|colou?r(?:ed)? again|back (?:to|in) colou?r"
)
SEA = r"(?:sea|ocean|water|waves?)"
WAVES = {
    rf"(?:(?:many |much )?(?:more|bigger|higher|larger|taller)|huge|rougher|wilder|choppier) waves"
    rf"|(?:rough|wild|choppy)(?:er)? {SEA}"
    rf"|(?:the )?{SEA} (?:should be |to be |be )?(?:much |more )?(?:rough|wild|choppy)(?:er)?": 2.0,
    rf"(?:fewer|smaller|lower|less|no|without|remove(?: the)?) waves|(?:calm|calmer|still|smooth|flat"
    rf"|quiet)(?:er)? {SEA}"
    rf"|(?:the )?{SEA} (?:should be |to be |be )?(?:much |more )?(?:calm|still|smooth|quiet)(?:er)?": 0.3,
}
IN_ONE_COLOUR = r"in (?:shades|tones|hues) of|monochrome|monochromatic|tint(?:ed)?|tone|hue|cast|filter|only in|all in"
DARKER = r"(?:much |a (?:bit|little) |bit |slightly |more )?(?:darker|dark|deeper)"
LIGHTER = r"(?:much |a (?:bit|little) |bit |slightly |more )?(?:brighter|bright|lighter|light|paler)"
PART_COLOURS = {
    "sky": {"day": "blue", "sunset": "orange", "night": "navy"},
    "background": {"day": "beige", "sunset": "orange", "night": "navy"},
    "water": {"day": "blue", "sunset": "violet", "night": "navy"},
    "ground": {"": "green", "desert": "tan", "beach": "tan", "snow": "white", "table": "brown", "room": "brown"},
    "mountains": {"": "gray"},
    "clouds": {"": "white"},
    "road": {"": "gray"},
    "forest": {"": "green"},
    "skyline": {"": "gray"},
}  # fmt: skip


def read_weather(edited: Edited, clause: Clause) -> Clause:
    """Clear skies again, and the colours as they were."""
    match = re.search(rf"\b(?:{CLEAR})", clause.text)
    if match:
        scene = edited.scene
        clouds = {**scene.amounts, "clouds": 0.0} if "cloudless" in match.group() else scene.amounts
        features = tuple(name for name in scene.features if name != "clouds")
        edited.became(replace(scene, weather=(), features=features, amounts=clouds))
        clause = clause.without(match)
    clause = _sea(edited, clause)
    match = re.search(rf"\b(?:{NATURAL})", clause.text)
    if match:
        touches = tuple(name for name in edited.scene.touches if name not in ("sepia", "invert", "grain", "vignette"))
        edited.became(
            replace(edited.scene, paints={}, vibrance=0.0, lightness=0.0, warmth=0.0, hue=None, touches=touches)
        )
        clause = clause.without(match)
    return clause


def _sea(edited: Edited, clause: Clause) -> Clause:
    """How high the waves are."""
    scene = edited.scene
    for pattern, factor in WAVES.items():
        match = re.search(rf"\b(?:{pattern})", clause.text)
        if match and scene.setting == "sea" and scene.place != "underwater":
            now = scene.amounts.get("waves", 1.0)
            edited.became(
                replace(scene, amounts={**scene.amounts, "waves": round(min(3.0, max(0.1, now) * factor), 3)})
            )
            return clause.without(match)
    return clause


def read_tint(edited: Edited, clause: Clause) -> Clause:
    """ "Make everything blue", "in shades of green": one ink for the whole picture."""
    texts = set(clause.texts)
    whole = bool(WHOLE & texts) and not re.search(r"\ball (?:of )?(?:the|my)\b", clause.text)
    inked = re.search(rf"\b(?:{IN_ONE_COLOUR})\b", clause.text)
    named = [
        span
        for span in clause.spans
        if (span.icon and span.label not in COLOURISH) or span.label in PARTS or (span.feature and not inked)
    ]
    colour = grammar.colour_in(clause.texts)
    if not colour or not (whole or inked or (not edited.scene.things and "it" in texts)) or named:
        return clause
    if re.search(r"\bmore\b|\ba (?:bit|little|touch|hint)\b|\bslightly\b", clause.text) and not inked:
        hue = colours.to_hls(colours.named(colour) or (0.5, 0.5, 0.5))[0]
        edited.became(replace(edited.scene, hue=round(hue, 3)))
    else:
        edited.became(replace(edited.scene, paints={**edited.scene.paints, "everything": colour}))
    match = re.search(rf"(?:\b(?:{IN_ONE_COLOUR})\b.*)?\b{colour}\b", clause.text)
    return clause.without(match) if match else clause


def read_shades(edited: Edited, clause: Clause) -> Clause:
    """ "A darker sky", "make the grass lighter": the part's own colour in another shade."""
    part = next((PARTS[word] for word in clause.texts if word in PARTS), "")
    if part == "background" and edited.scene.setting != "studio":
        part = "sky"
    if part not in PART_COLOURS or set(clause.texts) & NAMED.keys():
        return clause
    match, shade = re.search(rf"\b{DARKER}\b", clause.text), "dark"
    if not match:
        match, shade = re.search(rf"\b{LIGHTER}\b(?! (?:day|sun))", clause.text), "light"
    if not match or (part == "sky" and "dark sky" in clause.text and clause.verb != "make"):
        return clause
    scene = edited.scene
    base = scene.paints.get(part, "").rpartition(" ")[2] or _usual(scene, part)
    edited.became(replace(scene, paints={**scene.paints, part: f"{shade} {base}"}))
    clause = clause.without(match)
    left = [token for token in clause.tokens if PARTS.get(token.text) != part and token.text != "background"]
    return Clause(verb=clause.verb, tokens=left, spans=find_spans(left))


def _usual(scene: Scene, part: str) -> str:
    known = PART_COLOURS[part]
    return known.get(scene.time) or known.get(scene.place) or known.get("", "blue")


def _from_last_into(clause: Clause, used: set[int]) -> tuple[list[Token], set[int]]:
    """ "Turn day into night": what was, is not what is wanted."""
    last = max((at for at, word in enumerate(clause.texts) if word in ("into", "to")), default=-1)
    if clause.verb != "turn" or last < 0:
        return clause.tokens, used
    return clause.tokens[last + 1 :], {at - last - 1 for at in used if at > last}


def read_ambient_words(edited: Edited, clause: Clause) -> set[int]:
    """Light, hour, weather, season and style; answers which words were used."""
    used = {at for span in clause.spans if span.icon for at in range(span.start, span.end)}
    wish = Wish()
    read_ambience(wish, *_from_last_into(clause, used))
    scene = edited.scene
    of_things = any(span.icon and found(scene, span) for span in clause.spans) and not WHOLE & set(clause.texts)
    tilt = Tilt() if of_things else tilts_in(clause.texts, wish)
    if wish.season == "winter" and scene.setting in ("sea", "city") and "snow" not in scene.weather:
        wish.weather.append("snow")  # where no ground turns white, it snows
    outdoors = scene.setting != "studio" or scene.place == "space"
    if wish.weather and not outdoors:
        edited.note(f"There is no weather indoors, so the {wish.weather[0]} was left out.")
    changed = replace(
        scene,
        time=wish.time or scene.time,
        season=wish.season or scene.season,
        style=wish.style or scene.style,
        weather=tuple(dict.fromkeys((*scene.weather, *wish.weather))) if outdoors else scene.weather,
        vibrance=clamp(scene.vibrance + tilt.vibrance, -1, 1),
        lightness=clamp(scene.lightness + tilt.lightness, -0.8, 0.8),
        warmth=clamp(scene.warmth + tilt.warmth, -1, 1),
        hue=scene.hue if wish.hue is None else wish.hue,
    )
    edited.approximated.extend(wish.approximated)
    same = (wish.style and wish.style == scene.style, wish.time and wish.time == scene.time)
    for already, name in zip(same, (wish.style, wish.time), strict=True):
        if already and changed == scene:
            asked = next((entry["asked"] for entry in wish.approximated if entry["drawn"] == f"{name} style"), "")
            edited.note(f"I cannot paint “{asked}”; the nearest I know is {name}, as the picture is."
                        if asked else f"The picture is {name} already.")  # fmt: skip
    edited.changed += changed != scene or any(same)
    edited.scene = changed
    return used
