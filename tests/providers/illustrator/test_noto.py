"""The build's tool makes the drawings' file from the npm package's."""

from __future__ import annotations

import importlib.util
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

from chatelier.providers.illustrator.catalogue import Catalogue, CatalogueMissing

ROOT = Path(__file__).parents[3]
BODY = '<path fill="#ff0000" d="M0 0h128v128H0z"/>' * 20


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    icons = {
        "cat": {"body": BODY},
        "man": {"body": BODY + "<g/>"},
        "man-dark-skin-tone": {"body": BODY.replace("ff0000", "70534a") + "<g/>"},
        "secret": {"body": BODY, "hidden": True},
    }
    aliases = {"cat-face-old": {"parent": "cat"}, "lost": {"parent": "secret"}}
    (folder / "icons.json").write_text(json.dumps({"icons": icons, "aliases": aliases}))
    (folder / "metadata.json").write_text(
        json.dumps({"categories": {"Animals & Nature": ["cat"], "People & Body": ["man"]}})
    )
    (folder / "chars.json").write_text(json.dumps({"1f408": "cat", "1f471": "secret"}))
    (folder / "package.json").write_text(json.dumps({"version": "9.9.9"}))
    return folder


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("noto_tool", ROOT / "tools" / "noto.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_icons_names_and_characters_come_through(package: Path, tmp_path: Path) -> None:
    tool().build(package, tmp_path / "out")
    icons = Catalogue(tmp_path / "out" / "noto.sqlite")
    assert icons.version == "9.9.9"
    assert icons.body("cat") == BODY
    assert icons.categories["cat"] == "Animals & Nature"
    assert icons.aliases == {"cat-face-old": "cat"}
    assert icons.chars == {"\N{CAT}": "cat"}
    assert "secret" not in icons
    with pytest.raises(KeyError):
        icons.body("secret")


def test_a_skin_tone_is_packed_against_its_base_and_read_back_whole(package: Path, tmp_path: Path) -> None:
    tool().build(package, tmp_path / "out")
    icons = Catalogue(tmp_path / "out" / "noto.sqlite")
    assert icons.toned("man", "dark") == "man-dark-skin-tone"
    assert icons.body("man-dark-skin-tone") == BODY.replace("ff0000", "70534a") + "<g/>"
    assert icons.toned("cat", "dark") == "cat"


def test_building_twice_gives_the_same_file_and_leaves_nothing_else(package: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    tool().build(package, out)
    first = (out / "noto.sqlite").read_bytes()
    tool().build(package, out)
    assert (out / "noto.sqlite").read_bytes() == first
    assert [path.name for path in out.iterdir()] == ["noto.sqlite"]


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CatalogueMissing, match="run the build"):
        Catalogue(tmp_path / "noto.sqlite")


def test_the_brought_file_is_read_only_for_us(package: Path, tmp_path: Path) -> None:
    tool().build(package, tmp_path)
    icons = Catalogue(tmp_path / "noto.sqlite")
    with closing(icons._db) as db, pytest.raises(sqlite3.OperationalError):
        db.execute("DELETE FROM icons")
