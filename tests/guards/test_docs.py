"""What a person can set, call, read or run is in docs/, and what docs/ shows exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards import walk
from tools import docs

DOCS = walk.ROOT / "docs"
PAGES = [path for path in walk.checkout() if path.suffix == ".md"]
WANTED = ("install", "configure", "providers", "operate", "routes", "develop", "glossary", "architecture", "privacy")
RECORDS = sorted((DOCS / "decisions").glob("*.md"))


@pytest.mark.parametrize("page", WANTED)
def test_the_page_is_there_and_the_readme_leads_to_it(page: str) -> None:
    assert (DOCS / f"{page}.md").is_file()
    assert f"](docs/{page}.md)" in (walk.ROOT / "README.md").read_text()


def test_the_tables_say_what_the_code_says() -> None:
    behind = [path.name for path, text in docs.rendered() if path.read_text() != text]
    assert not behind, "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=walk.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
    local = [link for link in links if not link.startswith(("http://", "https://"))]
    if not (walk.ROOT / "tools" / "screenshots.py").exists():  # nothing takes them yet
        local = [link for link in local if not link.startswith("docs/images/")]
    assert not [link for link in local if not (page.parent / link).exists()]


def test_every_error_code_is_documented() -> None:
    page = (DOCS / "routes.md").read_text()
    assert not [code for code in error_codes() if f"`{code}`" not in page]


def error_codes() -> Iterator[str]:
    """Codes that people can meet: classes' own, and those given where an error is raised or tabled."""
    for path in walk.sources():
        for node in ast.walk(walk.tree(path)):
            if isinstance(node, ast.keyword) and node.arg == "code":
                code: ast.expr = node.value
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "Sentence" and node.args:
                code = node.args[0]
            else:
                continue
            if isinstance(code, ast.Constant):
                yield str(code.value)


def test_make_targets_are_documented() -> None:
    targets = re.findall(r"^([a-z]+):\s+##", (walk.ROOT / "Makefile").read_text(), re.MULTILINE)
    page = (DOCS / "develop.md").read_text()
    assert targets
    assert not [target for target in targets if f"`make {target}" not in page]


def test_the_readme_opens_with_two_commands_and_a_picture() -> None:
    first_screen = "\n".join((walk.ROOT / "README.md").read_text().splitlines()[:20])
    assert re.search(r"git clone .*\n(cd .*\n)?make run", first_screen)
    assert re.search(r"!\[[^\]]+\]\(docs/images/\S+\)", first_screen)


@pytest.mark.parametrize("record", RECORDS, ids=walk.name)
def test_a_decision_is_short_and_numbered(record: Path) -> None:
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", record.name)
    text = record.read_text()
    assert text.startswith(f"# {int(record.name[:4])}. ")
    assert len(text.splitlines()) <= 40


def test_the_glossary_defines_each_term_once() -> None:
    terms = re.findall(r"^\| \*\*([^*]+)\*\* \|", (DOCS / "glossary.md").read_text(), re.MULTILINE)
    assert len(terms) > 20
    assert len(terms) == len(set(terms))
