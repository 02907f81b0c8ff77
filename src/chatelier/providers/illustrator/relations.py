"""Who rides on, sits in or stands on what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from chatelier.providers.illustrator.spans import Span

# Where a rider's foot is on its carrier: shares of the carrier's width from its left and of its height from the top.
INSIDE = {
    **dict.fromkeys(
        ("horse", "donkey", "camel", "two-hump-camel", "cow", "zebra", "llama", "ox", "deer"), (0.52, 0.52)
    ),
    **dict.fromkeys(("elephant", "rhinoceros", "mammoth", "hippopotamus", "bison", "tiger", "leopard"), (0.58, 0.4)),
    **dict.fromkeys(("dragon", "sauropod", "t-rex", "turtle", "dolphin", "whale", "giraffe", "pig", "ewe"), (0.5, 0.5)),
    **dict.fromkeys(("motorcycle", "motor-scooter", "bicycle", "racing-car", "tractor"), (0.46, 0.5)),
    **dict.fromkeys(("canoe",), (0.46, 0.44)),
    **dict.fromkeys(("speedboat", "motor-boat", "bathtub", "sled"), (0.5, 0.62)),
    **dict.fromkeys(("automobile", "taxi", "pickup-truck", "sport-utility-vehicle"), (0.52, 0.34)),
    **dict.fromkeys(("own-hot-air-balloon",), (0.5, 0.86)),
    **dict.fromkeys(("basket", "bucket", "shopping-cart", "hot-beverage", "treasure-chest"), (0.5, 0.42)),
    **dict.fromkeys(("bowl-with-spoon",), (0.45, 0.42)),
    **dict.fromkeys(("flying-saucer", "rocket"), (0.5, 0.4)),
}
ONTO = {
    **dict.fromkeys(("own-table", "own-bench", "rock", "wood", "package", "books"), (0.5, 0.1)),
    **dict.fromkeys(("sailboat",), (0.3, 0.86)),  # on the deck, before the sails
    **dict.fromkeys(("couch-and-lamp",), (0.45, 0.8)),
    **dict.fromkeys(("bed",), (0.6, 0.62)),
    **dict.fromkeys(("chair",), (0.45, 0.55)),
    **dict.fromkeys(("skateboard", "kick-scooter"), (0.5, 0.35)),
    **dict.fromkeys(("deciduous-tree", "evergreen-tree", "leafless-tree"), (0.5, 0.36)),
    **dict.fromkeys(("house", "hut", "castle", "own-fence", "post-office"), (0.5, 0.1)),
    **dict.fromkeys(
        ("mushroom", "cactus", "soccer-ball", "jack-o-lantern", "birthday-cake", "television"), (0.5, 0.05)
    ),
}
TREES = frozenset({"deciduous-tree", "evergreen-tree", "leafless-tree"})
CLIMBERS = frozenset(
    "bird black-bird owl parrot eagle dove cat black-cat monkey chipmunk koala sloth snake leopard panda orangutan "
    "gorilla nest-with-eggs bat peacock rooster raccoon".split()
)
IN = frozenset("in inside into aboard driving drives riding rides ride on atop steering piloting".split())
ON = frozenset("on atop onto upon sitting standing riding rides in".split())
PREPOSITIONS = IN | ON | frozenset(", . ; : and with under beside near next front behind over by from at to".split())
VESSELS = frozenset({"bowl-with-spoon", "basket", "bucket", "shopping-cart", "treasure-chest"})
FILLERS = re.compile(r"\b(?:top|of|the|a|an|his|her|its|their|my|back|roof|is|are)\b")


def carried(
    spans: Sequence[Span], around: Sequence[Sequence[str]], icons: Mapping[int, str]
) -> dict[int, tuple[int, bool]]:
    """Rider's span index → (carrier's span index, whether it stands on top); ``icons`` of the drawn spans."""
    found: dict[int, tuple[int, bool]] = {}
    for at in range(1, len(spans)):
        carrier = icons.get(at)
        if carrier is None or at - 1 not in icons or icons[at - 1] == carrier:
            continue
        words = FILLERS.sub(" ", " ".join(around[at])).split()
        last = next((word for word in reversed(words) if word in PREPOSITIONS), "")
        inside = carrier in INSIDE and last in IN
        onto = carrier in ONTO and last in ON and (carrier not in TREES or icons[at - 1] in CLIMBERS)
        if inside or onto:
            found[at - 1] = (at, onto)
            _bring_companions(found, at - 1, around, icons, onto=onto, carrier=at)
        elif words == [] and icons[at - 1] in VESSELS and "of" in around[at]:
            found[at] = (at - 1, False)
    return found


def _bring_companions(
    found: dict[int, tuple[int, bool]],
    rider: int,
    around: Sequence[Sequence[str]],
    icons: Mapping[int, str],
    *,
    onto: bool,
    carrier: int,
) -> None:
    """ "a cat and a dog in a car": both are in it."""
    while rider > 0 and rider - 1 in icons and "and" in around[rider] and len(around[rider]) <= 3:
        rider -= 1
        found[rider] = (carrier, onto)
