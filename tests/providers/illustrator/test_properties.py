"""Whatever people write, there is a scene that can be drawn."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatelier.providers.illustrator.compose import compose
from chatelier.providers.illustrator.details import alt_text, details
from chatelier.providers.illustrator.draw import draw
from chatelier.providers.illustrator.edits import edit
from chatelier.providers.illustrator.lexicon import lexicon
from chatelier.providers.illustrator.scene import Scene, from_recipe, to_recipe
from chatelier.providers.illustrator.words import understand

WORDS = sorted(" ".join(words) for words in lexicon().things)
GLUE = (
    "a the two three dozen many red blue pastel golden big tiny and with without on in under riding of , . ! not no "
    "at night sunset forest city sea space table rain snow watercolor remove add make change turn into replace instead "
    "bigger left right background sky purple more less vibrant darker"
).split()
phrases = st.lists(st.one_of(st.sampled_from(WORDS), st.sampled_from(GLUE)), max_size=24).map(" ".join)
anything = st.one_of(st.text(max_size=300), phrases)
sizes = st.sampled_from([(1024, 1024), (512, 1536), (1536, 512), (768, 1024)])
seeds = st.integers(0, 2**32 - 1)
calm = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(scene: Scene, size: tuple[int, int]) -> None:
    """It is drawable XML, and its recipe says the same scene."""
    document = draw(scene, *size)
    assert len(document) < 3_000_000
    ET.fromstring(document)
    recipe = json.loads(json.dumps(to_recipe(scene, "1")))
    assert json.loads(json.dumps(to_recipe(from_recipe(recipe), "1"))) == recipe
    assert alt_text(scene).endswith(".")


@calm
@given(prompt=anything, negative=anything, size=sizes, seed=seeds)
def test_any_prompt_gives_a_scene_that_can_be_drawn(
    prompt: str, negative: str, size: tuple[int, int], seed: int
) -> None:
    wish = understand(prompt, negative=negative)
    scene = compose(wish, seed=seed, width=size[0], height=size[1])
    check(scene, size)
    json.dumps(details(scene, wish.approximated, wish.not_understood))


@calm
@given(prompt=phrases, instructions=st.lists(anything, min_size=1, max_size=3), seed=seeds)
def test_any_instruction_leaves_a_scene_that_can_be_drawn(prompt: str, instructions: list[str], seed: int) -> None:
    scene = compose(understand(prompt), seed=seed, width=1024, height=1024)
    for instruction in instructions:
        scene = edit(scene, instruction).scene
    check(scene, (1024, 1024))
