"""A class is styled by one sheet: two that say ``.share { … }`` once hid a button."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from tests.guards import walk

RULE = re.compile(r"([^{};]*)\{|\}")
ALONE = re.compile(r"\.[\w-]+")
SHARED: frozenset[str] = frozenset()  # classes that more than one sheet may style, each with its reason


def classes(css: str) -> Iterator[str]:
    """Those that stand alone before a rule, also below ``@media`` and its like, not inside of another's rule."""
    around: list[str] = []
    for found in RULE.finditer(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)):
        if found[0] == "}":
            around.pop()
            continue
        if all(one.startswith("@") for one in around):
            yield from (one.strip() for one in found[1].split(",") if ALONE.fullmatch(one.strip()))
        around.append(found[1].strip())


def test_a_class_is_styled_by_one_sheet() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for path in walk.files(walk.PACKAGE / "static" / "css", ".css"):
        for name in classes(path.read_text()):
            owners[name].add(path.name)
    assert len(owners) > 50
    assert not {name: sorted(sheets) for name, sheets in owners.items() if len(sheets) > 1 and name not in SHARED}
