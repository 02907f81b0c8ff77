"""What the guards look at: the files of the checkout, and the imports and functions in them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "chatelier"


@cache
def checkout() -> tuple[Path, ...]:
    """Every file that git tracks or would track, as absolute paths."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout
    paths = (ROOT / name for name in listed.decode().split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file() and not path.is_symlink()))


def files(folder: Path, *endings: str) -> list[Path]:
    return [path for path in checkout() if path.is_relative_to(folder) and path.name.endswith(endings)]


def sources() -> list[Path]:
    """The Python files of the package."""
    return files(PACKAGE, ".py")


def name(path: Path) -> str:
    """The path as a person writes it: from the package for its files, else from the checkout."""
    return path.relative_to(PACKAGE if path.is_relative_to(PACKAGE) else ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


class Imported(NamedTuple):
    module: str  # dotted, absolute
    line: int


def imports(path: Path) -> Iterator[Imported]:
    """Every import in the file, inside functions too; ``from a import b`` yields ``a.b``."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (Imported(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = _absolute(path, node)
            yield from (Imported(f"{module}.{alias.name}", node.lineno) for alias in node.names)


def _absolute(path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = path.relative_to(ROOT / "src").parts[: -node.level]
    return ".".join((*package, *filter(None, [node.module])))


class Function(NamedTuple):
    where: str
    lines: int


def functions(path: Path) -> Iterator[Function]:
    """Every function with its length, decorators not counted."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Function(f"{name(path)}:{node.lineno} {node.name}", (node.end_lineno or 0) - node.lineno + 1)


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
