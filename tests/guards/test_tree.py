"""What must never stand in the repository, and what must stand in its locks."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import chatelier
from tests.guards import walk

MEGABYTE = 1024 * 1024
LOCKS = ("requirements.lock", "requirements-dev.lock", "src/chatelier/requirements-model.lock")
FLOORS = {"pillow": (13, 0, 0), "starlette": (1, 3, 1), "python-multipart": (0, 0, 27), "procrastinate": (3, 10, 0)}
# Written in pieces, so that this file does not hold what it forbids.
REGISTRY = re.compile(
    "|".join(["https?://regis" + r"try\.", "/sim" + r"ple[/\"']", "-index" + "-url", "--find" + "-links"])
)
MACHINE = re.compile("|".join(["/wo" + r"rk/\w", "/ro" + r"ot/", "/ho" + r"me/[a-z]+/", "/tmp/" + r"[a-z]{1,2}/"]))
SECRET = re.compile(
    "|".join(
        [
            "sk-[A-Za-z0-9]" + "{32,}",
            "-----BEGIN " + "[A-Z ]*PRIVATE KEY",
            "gh[ps]_[A-Za-z0-9]" + "{30,}",
            "AKIA[A-Z0-9]" + "{16}",
        ]
    )
)
UNSAFE_HTML = ("sanitised",)  # names of values that may pass `|safe`: made by domain/markdown.py
TEMPLATE_RULES = {
    "a style attribute": r"\sstyle\s*=",
    "an event attribute": r"\son[a-z]+\s*=\s*[\"']",
    "a script without src": r"<script(?![^>]*\bsrc=)",
    "an inline style sheet": r"<style\b",
    "code in an htmx attribute": r"\bhx-on\b|[\"']js:|javascript:",
    "a remote address": r"(?:src|href|action)=[\"']https?://",
}
SCRIPT_RULES = r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|eval|document\.write|new Function)\b"


def texts() -> Iterator[tuple[Path, str]]:
    for path in walk.checkout():
        data = path.read_bytes()
        if b"\0" not in data:
            yield path, data.decode("utf-8", errors="replace")


@pytest.mark.parametrize("forbidden", [REGISTRY, MACHINE, SECRET], ids=["registry", "machine path", "secret"])
def test_no_file_holds(forbidden: re.Pattern[str]) -> None:
    found = [
        f"{walk.name(path)}:{number}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if forbidden.search(line)
    ]
    assert not found


def test_no_file_is_large_or_brought() -> None:
    assert not [walk.name(path) for path in walk.checkout() if path.stat().st_size > MEGABYTE]
    assert not [walk.name(path) for path in walk.checkout() if re.search(r"\.min\.(js|css)$|node_modules", str(path))]


def test_the_npm_lock_pins_by_hash_and_names_no_address() -> None:
    packages = json.loads((walk.ROOT / "package-lock.json").read_text())["packages"]
    brought = {name: entry for name, entry in packages.items() if name}
    assert brought
    assert not [name for name, entry in brought.items() if "resolved" in entry or "integrity" not in entry]


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_pins_by_hash_and_names_no_address(lock: str) -> None:
    text = (walk.ROOT / lock).read_text()
    for entry in re.findall(r"^[a-z0-9].*\n(?:[ \t]+.*\n)*", text, flags=re.MULTILINE):
        assert re.match(r"[a-z0-9._-]+==\S+ ", entry), entry
        assert entry.count("--hash=sha256:") >= 1, entry
    assert "://" not in text


def test_the_lock_holds_the_floors_below_which_holes_are_known() -> None:
    pinned = dict(re.findall(r"^([a-z0-9-]+)==([0-9.]+)", (walk.ROOT / "requirements.lock").read_text(), re.MULTILINE))
    for package, floor in FLOORS.items():
        assert tuple(map(int, pinned[package].split("."))) >= floor, package


def test_the_version_is_the_newest_of_the_changelog() -> None:
    versions = re.findall(r"^## \[?(\d+\.\d+\.\d+)", (walk.ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert versions[0] == chatelier.__version__


def test_templates_hold_no_code_no_style_and_no_unchecked_html() -> None:
    found = []
    for path in walk.files(walk.PACKAGE / "templates", ".html"):
        text = path.read_text()
        found += [f"{walk.name(path)} has {what}" for what, rule in TEMPLATE_RULES.items() if re.search(rule, text)]
        unsafe = re.findall(r"([\w.]+)\s*\|\s*safe\b", text)
        found += [f"{walk.name(path)}: {value}|safe" for value in unsafe if value.split(".")[-1] not in UNSAFE_HTML]
        if "autoescape false" in text:
            found.append(f"{walk.name(path)} switches escaping off")
    assert not found


def test_scripts_of_the_page_write_no_html() -> None:
    scripts = [path for path in walk.files(walk.PACKAGE / "static", ".js") if "vendor" not in path.parts]
    assert not [walk.name(path) for path in scripts if re.search(SCRIPT_RULES, path.read_text())]


def test_the_code_uses_no_known_trap() -> None:
    calls = (
        (path, node) for path in walk.sources() for node in ast.walk(walk.tree(path)) if isinstance(node, ast.Call)
    )
    assert not [f"{walk.name(path)}:{call.lineno} {trap}" for path, call in calls for trap in traps(call)]


def traps(call: ast.Call) -> Iterator[str]:
    callee = ast.unparse(call.func)
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords if keyword.arg}
    bad = {("extra", "'allow'"), ("verify", "False"), ("follow_redirects", "True"), ("shell", "True")}
    yield from (f"{key}={value}" for key, value in given.items() if (key, value) in bad)
    if given.get("max_retries", "0") != "0" or (
        re.search(r"(OpenAI|^openai\.\w+)$", callee) and "max_retries" not in given
    ):
        yield "max_retries is not 0: the library would pay twice"
    if callee.endswith("Image.open") and "formats" not in given:
        yield "Image.open without formats opens 43 decoders"
    if re.search(r"(^|\.)(text|execute|exec_driver_sql)$", callee) and call.args and varies(call.args[0]):
        yield "SQL made by an f-string"


def varies(text: ast.expr) -> bool:
    """An f-string with anything but constants of ours, which are written in capitals."""
    parts = text.values if isinstance(text, ast.JoinedStr) else []
    values = [part.value for part in parts if isinstance(part, ast.FormattedValue)]
    return not all(isinstance(value, ast.Name) and value.id.isupper() for value in values)
