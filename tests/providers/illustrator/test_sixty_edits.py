"""People's instructions in many words and languages, along the real path from the text to the pixels: each is measured
on the scene that was drawn and on the picture itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from chatelier.providers.illustrator.framing import boxes
from chatelier.providers.illustrator.layout import Box
from tests.providers.illustrator.asking import Made, asked, painted
from tests.providers.illustrator.measures import (
    GROUND,
    HUES,
    SKY,
    box,
    changed_only_in,
    colour_in,
    counts,
    detail,
    hue,
    is_hue,
    light,
    mean,
    one,
    tones,
    vividness,
    warmth,
)
from tests.providers.illustrator.scenes import named

PROMPT = "two cats and a dog in front of a house"
Check = Callable[[Made, Made], bool]


@pytest.fixture(scope="module")
def before() -> Made:
    return painted(PROMPT)


def same_things(before: Made, after: Made) -> bool:
    """Everything stands where it stood."""
    places = [[(thing.id, thing.x, thing.y, thing.size) for thing in made.scene.things] for made in (before, after)]
    return places[0] == places[1] and before.scene.seed == after.scene.seed


def sky(colour: str) -> Check:
    def check(before: Made, after: Made) -> bool:
        return (
            is_hue(after, colour, SKY)
            and not is_hue(before, colour, SKY)
            and abs(hue_of_ground(before) - hue_of_ground(after)) < 6
            and same_things(before, after)
        )

    return check


def hue_of_ground(made: Made) -> float:
    return hue(mean(made.image, GROUND))


def painted_in(icon: str, colour: str) -> Check:
    """Only that thing got another colour."""

    def check(before: Made, after: Made) -> bool:
        (first, *_), place = boxes(before.scene, named(before.scene, icon)), box(before, icon)
        away = abs((hue(colour_in(after, first)) - HUES[colour] + 180) % 360 - 180)
        return away < 40 and changed_only_in(before, after, place) and same_things(before, after)

    return check


def gone(*icons: str) -> Check:
    """Those are away, the others and all other pixels are as they were."""

    def check(before: Made, after: Made) -> bool:
        left = {icon: many for icon, many in counts(before).items() if icon not in icons}
        return dict(counts(after)) == left and changed_only_in(before, after, box(before, *icons))

    return check


def added(icon: str, many: int = 1) -> Check:
    """So many more of it, and only where they stand do pixels change."""

    def check(before: Made, after: Made) -> bool:
        new = [thing for thing in after.scene.things if thing.id >= before.scene.next_id()]
        rest = after.scene.things[: len(before.scene.things)] == before.scene.things
        covered = [box(after, icon)] if many else []
        return [thing.icon for thing in new] == [icon] * many and rest and changed_only_in(before, after, *covered)

    return check


def there_are(icon: str, many: int) -> Check:
    def check(before: Made, after: Made) -> bool:
        others = {name: number for name, number in counts(before).items() if name != icon}
        return counts(after)[icon] == many and all(counts(after)[name] == number for name, number in others.items())

    return check


def became(old: str, new: str) -> Check:
    """In the same place, and nothing else changed."""

    def check(before: Made, after: Made) -> bool:
        where = [
            [(thing.x, thing.y) for thing in named(made.scene, icon)] for made, icon in ((before, old), (after, new))
        ]
        covered = [box(before, old), box(after, new)]
        return not named(after.scene, old) and where[0] == where[1] and changed_only_in(before, after, *covered)

    return check


def gone_from(icon: str) -> Check:
    return lambda _, after: not named(after.scene, icon)


def sky_hue(colour: str) -> Check:
    return lambda _, after: is_hue(after, colour, SKY)


def all_of(*checks: Check) -> Check:
    return lambda before, after: all(check(before, after) for check in checks)


def darker(before: Made, after: Made) -> bool:
    return light(after) < light(before) - 0.05 and same_things(before, after)


def brighter(before: Made, after: Made) -> bool:
    return light(after) > light(before) + 0.025 and same_things(before, after)


def night(before: Made, after: Made) -> bool:
    return after.scene.time == "night" and light(after, SKY) < 0.35 and same_things(before, after)


def vivid(before: Made, after: Made) -> bool:
    return vividness(after) > vividness(before) * 1.1 and same_things(before, after)


def painterly(before: Made, after: Made) -> bool:
    paper = after.image.convert("RGB").getpixel((1, 1))
    return isinstance(paper, tuple) and min(paper) > 220 and same_things(before, after)


def grey(before: Made, after: Made) -> bool:
    return vividness(after) < 0.03 and same_things(before, after)


def wears(icon: str, hosts: str) -> Check:
    """On each head, and nowhere else."""

    def check(before: Made, after: Made) -> bool:
        worn, wearers = named(after.scene, icon), named(after.scene, hosts)
        heads = [box(before, hosts)]
        on = {thing.carrier for thing in worn} == {thing.id for thing in wearers}
        return bool(worn) and on and changed_only_in(before, after, *heads, margin=0.12)

    return check


def larger(icon: str, least: float) -> Check:
    def check(before: Made, after: Made) -> bool:
        sizes = [named(made.scene, icon)[0].size for made in (before, after)]
        feet = [named(made.scene, icon)[0].y for made in (before, after)]
        return (sizes[1] / sizes[0] > least if least > 1 else sizes[1] / sizes[0] < least) and feet[0] == feet[1]

    return check


def at(icon: str, low: float, high: float) -> Check:
    """Moved so that its middle is between these shares of the width; the others stay."""

    def check(before: Made, after: Made) -> bool:
        others = [thing for thing in before.scene.things if thing.icon != icon]
        return low <= one(after, icon).x <= high and all(thing in after.scene.things for thing in others)

    return check


def nearer(icon: str) -> Check:
    """Larger in the picture, though the scene is the same."""

    def check(before: Made, after: Made) -> bool:
        small, large = box(before, icon), box(after, icon)
        grown = (large.right - large.left) / (small.right - small.left)
        seen = large.left > -0.02 and large.right < 1.02
        return grown > 1.25 and seen and same_things(before, after) and after.image.size == before.image.size

    return check


def from_afar(before: Made, after: Made) -> bool:
    small, large = box(after, "house"), box(before, "house")
    return (small.right - small.left) < 0.8 * (large.right - large.left) and same_things(before, after)


def extended(side: str) -> Check:
    """Half as wide again, and the picture as it was at its old place in it."""

    def check(before: Made, after: Made) -> bool:
        wide, tall = before.image.size
        left = after.image.width - wide if side == "left" else 0
        part = after.image.crop((left + 3, 3, left + wide - 3, tall - 3))
        old = before.image.crop((3, 3, wide - 3, tall - 3))
        gap = np.abs(np.asarray(part.convert("RGB")).astype(int) - np.asarray(old.convert("RGB")).astype(int))
        return after.image.size == (wide * 3 // 2, tall) and float((gap.max(axis=2) > 12).mean()) < 0.003

    return check


def horizon(way: int) -> Check:
    return lambda before, after: (after.scene.horizon - before.scene.horizon) * way > 0.1


def says(words: str, place: str) -> Check:
    """Only the rows of the writing change, and much of them does."""

    def check(before: Made, after: Made) -> bool:
        rows = {"top": (0.0, 0.3), "bottom": (0.7, 1.0), "centre": (0.3, 0.7)}[place]
        band = Box(left=0.0, right=1.0, top=rows[0], bottom=rows[1])
        (text,) = after.scene.texts
        return (text.words, text.place) == (words, place) and changed_only_in(before, after, band, margin=0.0)

    return check


def place(setting: str, name: str) -> Check:
    def check(before: Made, after: Made) -> bool:
        return (after.scene.setting, after.scene.place) == (setting, name) and counts(before) == counts(after)

    return check


def amount(name: str, low: float, high: float) -> Check:
    def check(before: Made, after: Made) -> bool:
        return (
            low <= after.scene.amounts[name] <= high and same_things(before, after) and before.content != after.content
        )

    return check


def weather(name: str) -> Check:
    def check(before: Made, after: Made) -> bool:
        return name in after.scene.weather and same_things(before, after) and before.content != after.content

    return check


def shape(ratio: float) -> Check:
    def check(before: Made, after: Made) -> bool:
        edges = box(after, "cat", "dog", "house")
        whole = edges.left > -0.01 and edges.right < 1.01
        return (
            abs(after.image.width / after.image.height / ratio - 1) < 0.02 and counts(before) == counts(after) and whole
        )

    return check


EDITS: list[tuple[str, Check]] = [
    # a part of the backdrop, a thing, everything in another colour
    ("make the sky purple", sky("purple")),
    ("can you change the sky to pink please?", sky("pink")),
    ("I want the grass to be yellow", lambda _, after: is_hue(after, "yellow", GROUND)),
    ("a darker sky", lambda before, after: light(after, SKY) < light(before, SKY) - 0.1 and same_things(before, after)),
    ("make the dog green", painted_in("dog", "green")),
    ("the house should be blue", painted_in("house", "blue")),
    ("could you paint the cats purple?", painted_in("cat", "purple")),
    ("make everything blue", lambda before, after: is_hue(after, "blue") and is_hue(after, "blue", GROUND)),
    ("in shades of green", lambda before, after: is_hue(after, "green", SKY) and same_things(before, after)),
    # add
    ("add a rabbit", added("rabbit")),
    ("please put three sheep in the meadow", added("ewe", 3)),
    ("put a red balloon in the sky", added("balloon")),
    ("add a rainbow", lambda before, after: "rainbow" in after.scene.features and same_things(before, after)),
    ("give the dog a hat", wears("top-hat", "dog")),
    ("put sunglasses on the cats", wears("sunglasses", "cat")),
    # remove
    ("remove the dog", gone("dog")),
    ("get rid of the cats", gone("cat")),
    ("same picture but without the house", gone("house")),
    ("delete one of the cats", there_are("cat", 1)),
    ("remove everything except the house", gone("cat", "dog")),
    ("remove the sun", amount("sun", 0, 0)),
    ("no clouds", amount("clouds", 0, 0)),
    # exchange
    ("replace the dog with a rabbit", became("dog", "rabbit")),
    ("turn the cats into rabbits", became("cat", "rabbit")),
    ("a fox instead of the dog", became("dog", "fox")),
    # how many, how much
    ("three cats instead of two", there_are("cat", 3)),
    ("there should be only one cat", there_are("cat", 1)),
    ("another dog", there_are("dog", 2)),
    ("add two more cats", there_are("cat", 4)),
    ("more flowers", amount("flowers", 1.5, 6)),
    ("fewer flowers", amount("flowers", 0.1, 0.7)),
    # size and place
    ("make the dog bigger", larger("dog", 1.2)),
    ("make the dog much bigger", larger("dog", 1.5)),
    ("the house should be smaller", larger("house", 0.85)),
    ("move the house to the right", at("house", 0.6, 0.9)),
    ("put the dog on the left", at("dog", 0.05, 0.3)),
    ("put the dog next to the cats", lambda before, after: same_others(before, after, "dog") and beside(after)),
    # light, weather, season
    ("make it night", night),
    ("at sunset", lambda before, after: after.scene.time == "sunset" and warmth(after) > warmth(before)),
    ("brighter", brighter),
    ("it's too bright, make it darker", darker),
    ("a bit warmer", lambda before, after: warmth(after) > warmth(before) + 0.02 and same_things(before, after)),
    ("more vibrant colors", vivid),
    ("muted colours please", lambda before, after: vividness(after) < vividness(before) * 0.8),
    ("make it rain", weather("rain")),
    ("add some fog", weather("fog")),
    ("make it winter", lambda before, after: vividness(after) < vividness(before) and light(after, GROUND) > 0.7),
    # style
    ("same image but in watercolor style", painterly),
    ("as a pencil sketch", lambda before, after: vividness(after) < 0.1 and after.scene.style == "sketch"),
    ("make it pixel art", lambda before, after: tones(after) < 60 < tones(before)),
    ("black and white", grey),
    ("make it sepia", lambda before, after: is_hue(after, "orange", within=20) and same_things(before, after)),
    ("blur it", lambda before, after: detail(after) < 0.7 * detail(before)),
    # camera, frame
    ("zoom in on the dog", nearer("dog")),
    ("zoom out", from_afar),
    ("show it from far away", from_afar),
    ("extend it to the left", extended("left")),
    ("extend the picture to the right", extended("right")),
    ("lower the horizon", horizon(1)),
    ("from a bird's eye view", horizon(-1)),
    ("flip it horizontally", lambda before, after: mirrored(before, after)),
    ("make it 16:9", shape(16 / 9)),
    ("portrait format 9:16", shape(9 / 16)),
    # words
    ("add the text 'Happy Birthday'", says("Happy Birthday", "top")),
    ('write "HELLO" at the bottom', says("HELLO", "bottom")),
    # the place
    ("put them on a beach", place("sea", "beach")),
    ("change the background to a forest", place("landscape", "forest")),
    # several at once
    ("make the sky purple and remove the dog", all_of(gone_from("dog"), sky_hue("purple"))),
    ("make it night, add a rabbit and make the house red", lambda before, after: after.scene.time == "night"
     and counts(after)["rabbit"] == 1 and one(after, "house").colour == "red"),
    ("make the dog blue but keep everything else the same", painted_in("dog", "blue")),
    # other languages
    ("haz el cielo morado", sky("purple")),
    ("quita el perro", gone("dog")),
    ("ponlo de noche", night),
    ("rends le ciel violet", sky("purple")),
    ("ajoute un lapin", added("rabbit")),
    ("plus lumineux", brighter),
    ("mach den Himmel lila", sky("purple")),
    ("entferne den Hund", gone("dog")),
    ("als Aquarell", painterly),
    ("remova o cachorro", gone("dog")),
    ("mais escuro", darker),
    ("空を紫にして", sky("purple")),
    ("犬を消して", gone("dog")),
    ("もっと明るくして", brighter),
    ("把天空变成紫色", sky("purple")),
    ("去掉狗", gone("dog")),
    ("把狗换成兔子", became("dog", "rabbit")),
]  # fmt: skip


def same_others(before: Made, after: Made, icon: str) -> bool:
    return [thing for thing in before.scene.things if thing.icon != icon] == [
        thing for thing in after.scene.things if thing.icon != icon
    ]


def beside(after: Made) -> bool:
    dog, cats = box(after, "dog"), box(after, "cat")
    return min(abs(dog.right - cats.left), abs(dog.left - cats.right)) < 0.12 or dog.right > cats.left


def mirrored(before: Made, after: Made) -> bool:
    return after.image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).tobytes() == before.image.tobytes()


@pytest.mark.parametrize(("text", "check"), EDITS, ids=[text for text, _ in EDITS])
def test_an_instruction_does_what_it_says(before: Made, text: str, check: Check) -> None:
    after = asked(before, text)
    assert check(before, after), (after.scene, after.details)
    assert not after.details["not_understood"]


def test_there_are_sixty_and_more() -> None:
    assert len(EDITS) == len({text for text, _ in EDITS}) >= 60
