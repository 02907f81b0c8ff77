"""Caps: short functions, small files, shallow folders. A file that outgrows its cap is split by noun."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from pathlib import Path

from tests.guards import walk

FILE_CAP, FILE_MEDIAN = 400, 120
FUNCTION_CAP, FUNCTION_P95, FUNCTION_MEDIAN = 60, 35, 8
SCRIPT_CAP, SCRIPT_MEDIAN = 150, 60
FOLDERS_DEEP = 2


def p95(values: Sequence[int]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def too_long(paths: list[Path], cap: int) -> list[str]:
    return [f"{walk.name(path)} has {walk.line_count(path)} lines" for path in paths if walk.line_count(path) > cap]


def test_no_file_is_long() -> None:
    ours = [*walk.sources(), *walk.files(walk.ROOT / "tests", ".py"), *walk.files(walk.ROOT / "tools", ".py")]
    assert not too_long(ours, FILE_CAP)
    assert not too_long(walk.files(walk.PACKAGE, ".html", ".css"), FILE_CAP)
    assert statistics.median(map(walk.line_count, walk.sources())) <= FILE_MEDIAN


def test_functions_are_short() -> None:
    ours = [function for path in walk.sources() for function in walk.functions(path)]
    assert not [f"{function.where} has {function.lines} lines" for function in ours if function.lines > FUNCTION_CAP]
    lengths = [function.lines for function in ours]
    assert p95(lengths) <= FUNCTION_P95
    assert statistics.median(lengths) <= FUNCTION_MEDIAN


def test_scripts_of_the_page_are_few_and_small() -> None:
    scripts = walk.files(walk.PACKAGE / "static", ".js")
    assert not too_long(scripts, SCRIPT_CAP)
    assert not scripts or statistics.median(map(walk.line_count, scripts)) <= SCRIPT_MEDIAN


def test_folders_are_shallow() -> None:
    ours = [path for path in walk.files(walk.PACKAGE, ".py", ".html", ".css", ".js") if "vendor" not in path.parts]
    deep = [walk.name(path) for path in ours if len(Path(walk.name(path)).parts) - 1 > FOLDERS_DEEP]
    assert not deep


def test_partials_are_named_after_their_noun() -> None:
    """A page is ``noun/verb.html``; a partial, drawn for page, answer and stream alike, is ``_noun.html``."""
    for path in walk.files(walk.PACKAGE / "templates", ".html"):
        whole = re.search(r"<!doctype|\{% extends", path.read_text(), re.IGNORECASE) is not None
        assert whole != path.name.startswith("_"), f"{walk.name(path)}: a partial starts with _, a page does not"


def test_there_is_as_much_test_as_code() -> None:
    code = sum(map(walk.line_count, walk.sources()))
    tests = sum(map(walk.line_count, walk.files(walk.ROOT / "tests", ".py")))
    print(f"\n{tests} lines of tests for {code} lines of code: {tests / code:.2f}")
