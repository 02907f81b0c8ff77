"""Help for short prompts, by rules: what the person left open (light, view, detail) is said the way the engine likes
it. Never against the person's words, never a new thing in the picture. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatelier.domain.content_words import content_words
from chatelier.domain.intent.english import ENGLISH
from chatelier.domain.intent.reading import has_no_spaces
from chatelier.domain.intent.tokens import fold
from chatelier.domain.options import Options
from chatelier.providers.base import PromptKind

LONG = 24  # words: who writes more has said what is wanted
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def _any(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words.split())})\b".replace("_", r"[ -]?"), re.IGNORECASE)


# Whoever says one of these wants less, not more.
SPARE = _any(
    r"simple simplistic minimal\w* plain flat basic spare bare clean icons? logos? emblems? badges? stickers?"
    r" silhouettes? doodles? sketch\w* rough stick_figures? line_art lineart line_drawing outlines? blank crude"
    r" naive scribbles? child['’]s_drawing pixel_art pixelated 8_bit 16_bit low_poly lowpoly blur\w* out_of_focus"
    r" grainy unfinished diagrams? charts? maps? emojis? cliparts? clip_art stencils? coloring_pages?"
    r" colouring_pages? undetailed patterns? not_detailed low_detail"
)
LIGHT = _any(
    r"light\w* lit sun\w* moon\w* night\w* dark\w* dusk dawn twilight evening morning noon midday golden_hour neon"
    r" candle\w* lantern\w* lamp\w* fire\w* glow\w* shadow\w* fog\w* mist\w* storm\w* overcast backlit bright\w*"
    r" dim gloomy moody noir cloudy rain\w* snow\w* underwater space luminous aurora lightning"
)
VIEW = _any(
    r"close_up closeup wide angle views? shot portrait background foreground above below beneath aerial macro"
    r" bokeh focus\w* cent(?:er|re)d full_body panoram\w* bird['’]?s symmetr\w* crowd\w* many group hundreds"
    r" thousands distan\w* far seen profile selfie horizon perspective front behind"
)
DETAIL = _any(
    r"detail\w* quality 4k 8k hd uhd sharp crisp intricate masterpiece realis\w* photorealis\w* hyper\w* textur\w*"
    r" elaborate ornate"
)
MONOCHROME = _any(r"black_and_white black_&_white monochrome gr[ae]yscale sepia b&w")
MEDIA = {
    "photo": _any(r"photo\w* photograph\w* dslr cinematic film_still macro polaroid"),
    "painting": _any(
        r"watercolou?rs? oils? acrylics? gouache impression\w* paintings? painted painterly fresco tempera"
        r" van_gogh monet rembrandt vermeer renaissance baroque"
    ),
    "drawing": _any(
        r"pencil ink charcoal engraving etching woodcut linocut crayons? chalk comics? manga anime cartoons?"
        r" illustrat\w* storybook ukiyo_e drawn drawings?"
    ),
    "model": _any(
        r"3d renders? rendered render claymation clay isometric voxel pixar lego origami papercraft felt knitted"
    ),
}
PLACES = _any(
    r"landscapes? mountains? hills? valleys? canyons? forests? jungles? deserts? beach\w* coasts? islands? oceans?"
    r" seas? lakes? rivers? waterfalls? meadows? fields? gardens? parks? city cities citys\w* skylines? towns?"
    r" villages? streets? alleys? harbou?rs? castles? ruins vineyards? farms? orchards? bays? cliffs? dunes?"
    r" planets?"
)
ROOMS = _any(
    r"rooms? kitchens? bedrooms? bathrooms? librar(?:y|ies) interiors? hallways? caf[eé]s? workshops? studios?"
)
WITHOUT = re.compile(
    r"\b(?:no|without|not|never|except|avoid|free of|instead of)\s+(?:any\s+|an?\s+|the\s+)?([\w-]+)", re.I
)


@dataclass(frozen=True)
class Facet:
    """One thing left open, in plain language and as tags."""

    said: str
    tags: str


VIEWS = {
    "place": Facet("a wide view with clear depth", "wide view, depth"),
    "room": Facet("the whole room in view", "wide view"),
    "subject": Facet("the subject in clear focus", "sharp focus"),
}
LIGHTS = {
    "photo": Facet("natural light", "natural lighting"),
    "painting": Facet("gentle light and soft transitions", "soft light"),
    "drawing": Facet("clear light and shade", "clear light and shade"),
    "model": Facet("soft studio light", "soft studio lighting"),
    "": Facet("soft natural light", "soft natural lighting"),
}
DETAILS = {
    "photo": Facet("fine natural detail", "highly detailed, high quality"),
    "painting": Facet("visible brushwork", "visible brushwork, high quality"),
    "drawing": Facet("confident lines", "clean lines, high quality"),
    "model": Facet("well-made materials", "detailed materials, high quality"),
    "": Facet("high quality, finely detailed", "highly detailed, high quality"),
}
COLOUR = Facet("harmonious colours", "harmonious colours")


def helped(description: str, kind: PromptKind, options: Options) -> str:
    """The prompt to send. The description itself where nothing is to be added."""
    seen = f"{description} {options.style or ''}"
    if kind is PromptKind.LITERAL or SPARE.search(seen) or not _is_short_english(description):
        return description
    unwanted = excluded(description, options)
    facets = [facet for facet in _open(seen) if not content_words(f"{facet.said} {facet.tags}") & unwanted]
    if not facets:
        return description
    if kind is PromptKind.TAGS:
        return ", ".join([description.rstrip(" .,;"), *(facet.tags for facet in facets)])
    added = ", ".join(facet.said for facet in facets)
    return f"{description.rstrip(' .,;')}. {added[0].upper()}{added[1:]}."


def excluded(description: str, options: Options) -> frozenset[str]:
    """What the person does not want to see, as stems."""
    named = " ".join(match[1] for match in WITHOUT.finditer(description))
    return content_words(f"{named} {options.negative_prompt or ''}")


def _open(seen: str) -> list[Facet]:
    """What was left open, at most four facets."""
    medium = next((name for name, words in MEDIA.items() if words.search(seen)), "")
    scene = "room" if ROOMS.search(seen) else "place" if PLACES.search(seen) else "subject"
    found = []
    if not VIEW.search(seen):
        found.append(VIEWS[scene])
    if not LIGHT.search(seen):
        found.append(LIGHTS[medium])
    if medium in ("painting", "drawing") and not MONOCHROME.search(seen):
        found.append(COLOUR)
    if not DETAIL.search(seen):
        found.append(DETAILS[medium])
    return found


def _is_short_english(text: str) -> bool:
    """English words are only added to English ones."""
    words = [fold(word) for word in WORD.findall(text)]
    if not words or len(words) > LONG or has_no_spaces(text):
        return False
    return sum(word in ENGLISH.words for word in words) * 2 > len(words)
