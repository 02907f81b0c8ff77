"""The Noto icons, read one by one from ``data/noto.sqlite`` (made by the build, see ``tools/noto.py``)."""

from __future__ import annotations

import sqlite3
import zlib
from functools import lru_cache
from pathlib import Path

from chatelier.providers.illustrator.glyphs import GLYPHS

DATA = Path(__file__).parent / "data"
TONES = {
    "light": "light-skin-tone",
    "medium-light": "medium-light-skin-tone",
    "medium": "medium-skin-tone",
    "medium-dark": "medium-dark-skin-tone",
    "dark": "dark-skin-tone",
}
# A tone is part of a variant's name, in the middle where something follows the person: man-dark-skin-tone-beard.
TONE_MARK = "-skin-tone"


class CatalogueMissing(RuntimeError):
    """The icons were not brought by the build: ``make setup`` (or ``tools/noto.py``) makes the file."""


class Catalogue:
    """Names are kept in memory (about 1 MB), drawings stay in the file."""

    def __init__(self, path: Path = DATA / "noto.sqlite") -> None:
        if not path.is_file():
            raise CatalogueMissing(f"{path.name} is missing: run the build once to bring the drawings")
        self._db = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        self.version = str(self._db.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()[0])
        self.categories: dict[str, str] = dict(self._db.execute("SELECT name, category FROM icons WHERE base = ''"))
        self.categories.update(dict.fromkeys(GLYPHS, "Own"))
        self.aliases: dict[str, str] = {
            alias: name
            for alias, name in self._db.execute("SELECT alias, name FROM aliases")
            if name in self.categories
        }
        self.chars: dict[str, str] = dict(self._db.execute("SELECT char, name FROM chars"))

    def __contains__(self, name: str) -> bool:
        return name in self.categories or self._exists(name)

    def body(self, name: str) -> str:
        """SVG elements for a 128 x 128 box; KeyError when there is no such icon."""
        return GLYPHS[name] if name in GLYPHS else self._unpack(name)

    def toned(self, name: str, tone: str) -> str:
        """The variant of a person with that skin tone, or the name itself where there is none."""
        mark = TONES[tone]
        parts = name.split("-")
        for cut in range(len(parts), 0, -1):
            variant = "-".join([*parts[:cut], mark, *parts[cut:]])
            if self._exists(variant):
                return variant
        return name

    @lru_cache(1024)  # noqa: B019 - one catalogue lives as long as its process
    def _exists(self, name: str) -> bool:
        return self._db.execute("SELECT 1 FROM icons WHERE name = ?", (name,)).fetchone() is not None

    def _unpack(self, name: str) -> str:
        row = self._db.execute("SELECT base, body FROM icons WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise KeyError(name)
        base, packed = row
        if not base:
            return zlib.decompress(packed).decode()
        unpacker = zlib.decompressobj(zdict=self._unpack(base).encode()[-32_000:])
        return (unpacker.decompress(packed) + unpacker.flush()).decode()


@lru_cache(1)
def catalogue() -> Catalogue:
    return Catalogue()
