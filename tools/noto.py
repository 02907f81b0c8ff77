"""Turns the npm package ``@iconify-json/noto`` (Apache-2.0) into the illustrator's own file, ``noto.sqlite``.

Run by the build; by hand: ``python tools/noto.py PACKAGE_DIR src/chatelier/providers/illustrator/data``.
Only the standard library is used, since the build environment has nothing else.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import sys
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

FILE_NAME = "noto.sqlite"
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE icons (name TEXT PRIMARY KEY, category TEXT NOT NULL, base TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE aliases (alias TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE chars (char TEXT PRIMARY KEY, name TEXT NOT NULL);
"""
SKIN_TONE = re.compile(r"-(?:medium-light|medium-dark|light|medium|dark)-skin-tone|-tone[1-5]")


def build(package_dir: Path, out_dir: Path) -> None:
    """Write ``out_dir/noto.sqlite`` from the unpacked npm package; replaces an older one in one step."""
    icons = _read(package_dir, "icons.json")
    bodies = {name: str(icon["body"]) for name, icon in icons["icons"].items() if not icon.get("hidden")}
    categories = {
        name: category
        for category, names in _read(package_dir, "metadata.json")["categories"].items()
        for name in names
    }
    out_dir.mkdir(parents=True, exist_ok=True)
    unfinished = out_dir / f"{FILE_NAME}.{os.getpid()}.tmp"
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as db:
        db.executescript(SCHEMA)
        db.execute("INSERT INTO meta VALUES ('version', ?)", (_read(package_dir, "package.json")["version"],))
        db.executemany("INSERT INTO icons VALUES (?, ?, ?, ?)", _rows(bodies, categories))
        aliases = {alias: str(icon["parent"]) for alias, icon in icons.get("aliases", {}).items()}
        known = sorted((alias, name) for alias, name in aliases.items() if name in bodies and alias not in bodies)
        db.executemany("INSERT INTO aliases VALUES (?, ?)", known)
        db.executemany("INSERT INTO chars VALUES (?, ?)", sorted(_characters(package_dir, bodies, aliases)))
        db.commit()
        db.execute("VACUUM")
    unfinished.replace(out_dir / FILE_NAME)


def _read(package_dir: Path, name: str) -> Any:
    return json.loads((package_dir / name).read_text(encoding="utf-8"))


def _rows(bodies: dict[str, str], categories: dict[str, str]) -> list[tuple[str, str, str, bytes]]:
    """A skin-tone variant is packed with its base icon as dictionary: a fifth of the size."""
    rows = []
    for name in sorted(bodies):
        base = SKIN_TONE.sub("", name)
        base = base if base != name and base in bodies else ""
        dictionary = bodies[base].encode()[-32_000:] if base else b""
        packer = zlib.compressobj(9, zdict=dictionary) if dictionary else zlib.compressobj(9)
        body = packer.compress(bodies[name].encode()) + packer.flush()
        rows.append((name, categories.get(name, ""), base, body))
    return rows


def _characters(package_dir: Path, bodies: dict[str, str], aliases: dict[str, str]) -> list[tuple[str, str]]:
    found = []
    for codes, name in _read(package_dir, "chars.json").items():
        name = aliases.get(name, name)
        if name in bodies:
            found.append(("".join(chr(int(code, 16)) for code in codes.split("-")), name))
    return found


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: noto.py PACKAGE_DIR OUT_DIR")
    build(Path(sys.argv[1]), Path(sys.argv[2]))
