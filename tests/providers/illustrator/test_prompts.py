"""Many prompts as people write them: what they name is in the recipe, and nothing else."""

from __future__ import annotations

import pytest

from chatelier.providers.illustrator.compose import compose
from chatelier.providers.illustrator.words import understand

# prompt: icons in the scene; backdrop's setting/place; hour
PROMPTS = """
a cat : cat : landscape/meadow : day
an astronaut riding a horse : astronaut horse : studio/space : day
a hot air balloon over mountains at sunset : own-hot-air-balloon : landscape/mountains : sunset
sunset over mountains : : landscape/mountains : sunset
a sailboat at sunset : sailboat : sea/open : sunset
a lighthouse on the coast during a storm : lighthouse : sea/beach : day
tropical fish in a coral reef : tropical-fish : sea/underwater : day
a whale and two dolphins : whale dolphin : sea/open : day
a shark and a boat : shark sailboat : sea/open : day
two dogs and a red car in the city at night : dog automobile : city/street : night
a fire engine racing down a street : fire-engine : city/street : day
city skyline at night : : city/skyline : night
a bus, a taxi and a bicycle in the rain : bus taxi bicycle : city/street : day
a cup of coffee : hot-beverage : studio/table : day
apples, bananas and grapes on a table : red-apple banana grapes : studio/table : day
a bowl of strawberries : bowl-with-spoon strawberry : studio/table : day
a birthday cake with candles : birthday-cake candle : studio/table : day
books and a lamp : books light-bulb : studio/table : day
a violin : violin : studio/table : day
grandma and a cat on a sofa : old-woman cat couch-and-lamp : studio/room : day
a dog sleeping on a bed at night : dog bed : studio/room : night
a kitchen with a cat : cat : studio/room : day
a rocket in space : rocket : studio/space : day
an alien and a robot on a planet : alien robot ringed-planet : studio/space : day
logo of a fox : fox : studio/emblem : day
logo design : : studio/emblem : day
justice and longing : : studio/abstract : day
a yin yang symbol : yin-yang : studio/plain : day
a bear on a white background : bear : studio/plain : day
a fox in a snowy forest at night : fox : landscape/snow : night
a penguin on an iceberg : penguin : landscape/snow : day
a snowman and a christmas tree : snowman christmas-tree : landscape/snow : day
a camel in the desert : camel : landscape/desert : day
the pyramids at sunset : own-pyramid : landscape/desert : sunset
a lion and a mouse : lion mouse : landscape/savanna : day
a family of elephants in the savanna : elephant : landscape/savanna : day
a parrot in the jungle : parrot : landscape/jungle : day
an owl in the forest at night : owl : landscape/forest : night
a snail and mushrooms in the forest : snail mushroom : landscape/forest : day
ducks on a lake at sunset : duck : landscape/lake : sunset
a swan on a lake : swan : landscape/lake : day
a stone bridge over a river : own-bridge : landscape/lake : day
a butterfly on a flower : butterfly tulip : landscape/garden : day
a bee and sunflowers : honeybee sunflower : landscape/garden : day
children playing in the park : child : landscape/garden : day
a rainbow over a farm with a cow and a horse : cow horse : landscape/meadow : day
a castle and a dragon : castle dragon : landscape/meadow : day
a wizard with a crystal ball : mage crystal-ball : landscape/meadow : day
a princess and a unicorn : princess unicorn : landscape/meadow : day
a knight on a horse : ninja horse : landscape/meadow : day
a tractor and a windmill : tractor own-windmill : landscape/meadow : day
a train in the mountains : train : landscape/mountains : day
an eagle flying over the mountains : eagle : landscape/mountains : day
a dozen birds over the sea : own-flying-bird : sea/open : day
an airplane over the city at night : airplane : city/street : night
a crab on the beach : crab : sea/beach : day
an octopus : octopus : sea/underwater : day
a mermaid and a turtle : mermaid turtle : sea/underwater : day
a boy and his dog on the beach at sunset : boy dog : sea/beach : sunset
a ghost in a haunted house at midnight : ghost derelict-house : landscape/meadow : night
a bat and a pumpkin : bat jack-o-lantern : landscape/meadow : night
fireworks over the city : : city/street : night
northern lights over a lake : : landscape/lake : night
a field of sunflowers under a blue sky : sunflower : landscape/meadow : day
a policeman and a police car : police-officer police-car : city/street : day
a chef with a pizza : cook pizza : landscape/meadow : day
a guitar and a drum : guitar drum : studio/table : day
una casa roja en el bosque : house : landscape/forest : day
""".strip()


@pytest.mark.parametrize("line", PROMPTS.splitlines())
def test_what_a_prompt_names_is_drawn_and_nothing_else(line: str) -> None:
    prompt, icons, where, hour = (part.strip() for part in line.rsplit(" :", 3))
    scene = compose(understand(prompt), seed=11, width=1024, height=1024)
    assert {thing.icon for thing in scene.things} == set(icons.split())
    assert f"{scene.setting}/{scene.place}" == where
    assert scene.time == hour
