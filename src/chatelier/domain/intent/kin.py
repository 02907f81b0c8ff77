"""Words for the same thing: "the dog one" may be the image of a puppy, "the bird one" that of an owl."""

from __future__ import annotations

from collections.abc import Iterable

KIN = """
dog: puppy pup doggo hound poodle corgi labrador retriever husky terrier dachshund bulldog beagle shepherd spaniel pug
cat: kitten kitty tabby siamese
rabbit: bunny hare
horse: pony foal stallion mare unicorn
bird: owl eagle hawk falcon raven crow parrot peacock penguin flamingo pigeon dove robin hummingbird sparrow heron swan
bird: duck goose chicken hen rooster toucan macaw seagull finch kingfisher stork pelican ostrich
fish: goldfish salmon trout koi shark eel clownfish
insect: butterfly bee beetle ant dragonfly moth ladybug wasp
cow: bull calf ox
sheep: lamb ram
flower: rose tulip sunflower daisy lily orchid poppy lavender bouquet dandelion
tree: oak pine palm willow birch maple bonsai
car: taxi convertible beetle sedan jeep van limousine
boat: ship sailboat canoe yacht ferry rowboat kayak
plane: airplane aeroplane jet aircraft biplane
bike: bicycle motorbike motorcycle scooter
house: cottage cabin villa mansion hut home
castle: palace fortress
woman: lady girl queen princess witch grandmother nurse
man: guy boy king prince wizard grandfather fisherman sailor
kid: child boy girl toddler baby
beach: sea ocean coast shore
sea: ocean beach waves
mountain: peak alps hill volcano
city: town street skyline skyscraper
forest: woods trees jungle
food: pizza burger cake bread soup ramen pasta salad
person: man woman girl boy child knight sailor wizard baker
animal: dog cat fox wolf bear lion tiger elephant horse cow sheep rabbit mouse otter owl bird fish whale monkey deer
""".strip()


def _families() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in KIN.splitlines():
        word, _, kin = line.partition(": ")
        found[word] = found.get(word, frozenset()) | set(kin.split())
    return found


FAMILIES = _families()


def with_kin(words: Iterable[str]) -> frozenset[str]:
    """The words and what each may also be called: its sorts, and for a sort its name."""
    words = frozenset(words)
    sorts = frozenset().union(*(FAMILIES.get(word, ()) for word in words))
    names = frozenset(name for name, family in FAMILIES.items() if words & family and name not in ("animal", "person"))
    return words | sorts | names
