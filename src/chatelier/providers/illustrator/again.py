"""A scene composed anew from what it shows: for another version of it, and for another backdrop."""

from __future__ import annotations

from dataclasses import replace

from chatelier.providers.illustrator.compose import compose
from chatelier.providers.illustrator.scene import Scene
from chatelier.providers.illustrator.wish import Wanted, Wish


def wish_of(scene: Scene) -> Wish:
    """What a scene shows, as a wish: for composing it anew."""
    things: list[Wanted] = []
    index: dict[tuple[str, str], int] = {}
    home: dict[int, int] = {}
    for thing in scene.things:
        key = (thing.label, thing.colour)
        if key in index:
            one = things[index[key]]
            one.count += 1
            one.icon = one.icon if one.icon == thing.icon else "person-standing"
        else:
            index[key] = len(things)
            things.append(Wanted(icon=thing.icon, label=thing.label, colour=thing.colour))
        home[thing.id] = index[key]
    for thing in scene.things:
        if thing.carrier in home and home[thing.carrier] != home[thing.id]:
            things[home[thing.id]].carrier, things[home[thing.id]].onto = home[thing.carrier], thing.onto
    return Wish(
        things=things,
        features=list(scene.features),
        setting=scene.setting,
        place=scene.place,
        time=scene.time,
        season=scene.season,
        weather=list(scene.weather),
        style=scene.style,
        paints=dict(scene.paints),
        vibrance=scene.vibrance,
        lightness=scene.lightness,
        warmth=scene.warmth,
        hue=scene.hue,
    )


def composed_again(scene: Scene, wish: Wish, *, seed: int, width: int, height: int) -> Scene:
    """The wish composed, with what no wish speaks of as it was: amounts, words, touches. Worn things stay worn."""
    from chatelier.providers.illustrator.edit_moves import WORN, can_wear, worn_on

    new = compose(wish, seed=seed, width=width, height=height)
    new = replace(new, edits=scene.edits, amounts=scene.amounts, texts=scene.texts, touches=scene.touches)
    hosts = {thing.id: thing for thing in new.things if can_wear(thing)}
    things = [
        replace(worn_on(new, thing.icon, hosts[thing.carrier], thing.id, thing.label, thing.colour))
        if thing.icon in WORN and thing.carrier in hosts
        else thing
        for thing in new.things
    ]
    return new.with_things(things)


def on_another_backdrop(scene: Scene, setting: str, place: str, feature: str) -> Scene:
    """The same things elsewhere; what belonged to the old place is left there."""
    wish = wish_of(scene)
    wish.setting, wish.place = setting, place
    wish.features = [*(name for name in wish.features if name != scene.place), feature]
    wish.paints = {part: colour for part, colour in wish.paints.items() if part in ("everything", "sky")}
    ratio = scene.seen_ratio
    return composed_again(scene, wish, seed=scene.seed, width=round(1000 * ratio), height=1000)
