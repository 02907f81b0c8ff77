"""Bodies for the many icons that are only a head: an animal that sits, a child or a person who stands.

The icon keeps its 128 x 128 box: the head moves up and shrinks, the body is drawn under it."""

from __future__ import annotations

from chatelier.providers.illustrator.colours import hexed, mix, parse
from chatelier.providers.illustrator.svg import ellipse, line, num, shape

# fur, chest, paws, tail tip
ANIMALS = {
    "fox": ("#f0651f", "#fff3e6", "#5a2f1e", "#ffffff"),
    "wolf": ("#8f979d", "#e6eaec", "#7a8288", "#5c646a"),
    "bear": ("#7b4f36", "#b98a62", "#5f3b28", "#5f3b28"),
    "polar-bear": ("#eef4f7", "#ffffff", "#d5e2e9", "#eef4f7"),
    "panda": ("#fbfbfb", "#ffffff", "#2f3033", "#2f3033"),
    "koala": ("#9aa3a8", "#e4e8ea", "#7d868c", "#9aa3a8"),
    "lion": ("#f2a93b", "#fbd58b", "#d98b23", "#8a4b1f"),
    "tiger-face": ("#f79329", "#fff0dc", "#e07f1c", "#3a2a20"),
    "hamster": ("#e8a96b", "#fff5e8", "#d18f52", "#e8a96b"),
    "frog": ("#9bc02d", "#dcef9c", "#7fa322", "#9bc02d"),
    "cat-face": ("#ffc02e", "#fff0c8", "#f0a51f", "#f0a51f"),
    "dog-face": ("#e9d4b8", "#fff5e8", "#cfae87", "#8a5a3c"),
    "mouse-face": ("#a9b0b6", "#e4e8eb", "#f2a9a9", "#f2a9a9"),
    "rabbit-face": ("#d9dde0", "#ffffff", "#c3c9cd", "#ffffff"),
    "pig-face": ("#ffc2b0", "#ffd9cd", "#e89a88", "#ffc2b0"),
    "monkey-face": ("#8a5f3c", "#e2b98a", "#6f4a2d", "#8a5f3c"),
    "cow-face": ("#e6e2dd", "#ffffff", "#4b3a33", "#c58a5c"),
    "unicorn": ("#f3eef8", "#ffffff", "#c9b6dd", "#e86fb8"),
    "horse-face": ("#c9854a", "#dca06a", "#7a4a28", "#6b3f22"),
    "moose": ("#7d553c", "#96694c", "#573927", "#7d553c"),
    "boar": ("#5f4a41", "#7b6055", "#41322c", "#5f4a41"),
    "chicken": ("#f4f1ec", "#ffffff", "#f2a02e", "#ffffff"),
    "dragon-face": ("#2fa84f", "#f5c842", "#1f7d3a", "#1f7d3a"),
}
# shirt, trousers, shoes; a dress when shirt and trousers are the same
CLOTHES = {
    "boy": ("#3d8fd1", "#41566e", "#7a3d2a"),
    "girl": ("#e0528a", "#e0528a", "#8a2f55"),
    "child": ("#f2a02e", "#4d6a8f", "#7a3d2a"),
    "baby": ("#a9d8f0", "#a9d8f0", "#ffffff"),
    "baby-angel": ("#ffffff", "#ffffff", "#e8e0c8"),
    "old-man": ("#7d8a5a", "#5c5148", "#43352b"),
    "old-woman": ("#8f6fa8", "#8f6fa8", "#4b3a52"),
    "cowboy-hat-face": ("#b5683f", "#41566e", "#5f3a22"),
    "clown-face": ("#e0528a", "#f2c531", "#d8302f"),
    "robot": ("#8fa3ae", "#6f8591", "#4f626d"),
    "alien": ("#5f7f8f", "#4b6675", "#2f424d"),
    "princess": ("#e58ac0", "#e58ac0", "#b0508f"),
    "prince": ("#3f5fb0", "#f3efe6", "#5a3a24"),
    "person-with-crown": ("#a32638", "#a32638", "#4b2a1a"),
    "santa-claus": ("#d8302f", "#d8302f", "#2b2b30"),
    "mrs-claus": ("#d8302f", "#d8302f", "#2b2b30"),
}
ANY_CLOTHES = ("#3f8f83", "#4d5a6b", "#3a2e2a")
SKIN = {
    "medium-light-skin-tone": "#e0bb95",
    "medium-dark-skin-tone": "#a47539",
    "light-skin-tone": "#fadcbc",
    "medium-skin-tone": "#bf8f68",
    "dark-skin-tone": "#70534a",
}
YELLOW = "#fcc21b"
HEAD = 0.62


def figure(icon: str, body: str, where: str, cloth: str = "") -> str:
    """The icon's drawing, with a body where ``where`` says that it has none; ``cloth`` is the bust's colour at its
    lower edge."""
    if where == "head":
        plain = icon.split("-")[0] if "skin-tone" in icon else icon
        return _sitting(icon, body) if icon in ANIMALS else _standing(icon, plain, body)
    if where == "bust":
        return _grown(icon, body, cloth or ANY_CLOTHES[0])
    return body


def _dark(colour: str, share: float = 0.22) -> str:
    return hexed(mix(parse(colour), (0.12, 0.08, 0.1), share))


def _skin(icon: str) -> str:
    own = {"robot": "#78909c", "alien": "#9fb0b8"}
    return own.get(icon) or next((colour for tone, colour in SKIN.items() if tone in icon), YELLOW)


def _placed_head(body: str, scale: float, middle: float, top: float) -> str:
    return f'<g transform="translate({num(middle - 64 * scale)} {num(top)}) scale({scale})">{body}</g>'


def _sitting(icon: str, head: str) -> str:
    fur, chest, paws, tip = ANIMALS[icon]
    shade, legs = _dark(fur, 0.16), ("#2f3033" if icon == "panda" else fur)
    tail = line("M84 116C104 118 112 104 106 90", shade, 9) + line("M108 98C108 95 107 92 106 90", tip, 9)
    if icon in ("bear", "polar-bear", "panda", "koala", "hamster", "frog", "rabbit-face", "chicken", "boar", "moose"):
        tail = ""
    haunch = "#2f3033" if icon == "panda" else shade
    parts = [
        tail,
        shape("M64 62C40 66 33 96 36 114C38 124 48 126 64 126C80 126 90 124 92 114C95 96 88 66 64 62Z", fur),
        shape("M64 70C52 74 48 92 50 108C54 116 74 116 78 108C80 92 76 74 64 70Z", chest),
        ellipse(43, 114, 12, 11, haunch),
        ellipse(85, 114, 12, 11, haunch),
        shape("M51 88C48 98 49 114 50 121H62C62 110 62 98 60 90Z", legs),
        shape("M77 88C80 98 79 114 78 121H66C66 110 66 98 68 90Z", legs),
        ellipse(55, 122, 8.5, 5, paws),
        ellipse(73, 122, 8.5, 5, paws),
        ellipse(39, 123, 9, 4.5, paws),
        ellipse(89, 123, 9, 4.5, paws),
    ]
    return "".join(parts) + _placed_head(head, HEAD, 64, 0)


def _standing(icon: str, plain: str, head: str) -> str:
    shirt, trousers, shoes = CLOTHES.get(plain, CLOTHES.get(icon, ANY_CLOTHES))
    skin = _skin(icon)
    arm = _dark(shirt, 0.12)
    legs = (
        shape("M54 98H63V120H54ZM65 98H74V120H65Z", skin if shirt == trousers else trousers)
        + ellipse(57.5, 121, 7.5, 4, shoes)
        + ellipse(70.5, 121, 7.5, 4, shoes)
    )
    torso = "M50 70C54 66 74 66 78 70L88 108C76 113 52 113 40 108Z" if shirt == trousers else (
        "M49 71C54 66 74 66 79 71L77 103H51Z"
    )  # fmt: skip
    arms = line("M51 74L40 92M77 74L88 92", arm, 8) + ellipse(38.5, 95, 5, 5, skin) + ellipse(89.5, 95, 5, 5, skin)
    return legs + arms + shape(torso, shirt) + _placed_head(head, 0.56, 64, 2)


def _grown(icon: str, bust: str, cloth: str) -> str:
    """A profession's bust on a small body of the same cloth."""
    skin = _skin(icon)
    sleeve, trousers = _dark(cloth, 0.16), _dark(cloth, 0.45)
    legs = shape("M52 98H63V121H52ZM65 98H76V121H65Z", trousers)
    shoes = ellipse(56.5, 122, 8, 4.2, "#2f2b2e") + ellipse(71.5, 122, 8, 4.2, "#2f2b2e")
    arms = line("M41 77L39 95M87 77L89 95", sleeve, 13) + ellipse(39, 101, 5, 5, skin) + ellipse(89, 101, 5, 5, skin)
    torso = shape("M38 74H90C88 88 82 92 81 104C72 107 56 107 47 104C46 92 40 88 38 74Z", cloth)
    return legs + shoes + arms + torso + _placed_head(bust, HEAD, 64, 0)
