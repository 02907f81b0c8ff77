"""Scenes for the tests of the illustrator."""

from __future__ import annotations

from chatelier.providers.illustrator.compose import compose
from chatelier.providers.illustrator.scene import Placed, Scene
from chatelier.providers.illustrator.words import understand


def scene_of(prompt: str, *, seed: int = 3, width: int = 1024, height: int = 1024) -> Scene:
    return compose(understand(prompt), seed=seed, width=width, height=height)


def named(scene: Scene, icon: str) -> list[Placed]:
    return [thing for thing in scene.things if thing.icon == icon]
