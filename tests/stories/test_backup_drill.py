"""The drill that an operator should do once: the house burns down while a picture is being painted, and goes on
elsewhere from its backup."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.providers.painting_server import painting_server
from tests.stories.browsing import EMAIL, PASSWORD
from tests.stories.studio import SCRIPTED, Studio, running

KEY = "sk-canary-0123456789abcdef"
T = TypeVar("T")


def chatelier(folder: Path, *words: str, stdin: Any = None, stdout: Any = None) -> str:
    environment = {**os.environ, **SCRIPTED, "CHATELIER_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "chatelier", *words]
    done = subprocess.run(
        command, env=environment, stdin=stdin or subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def until(look: Callable[[], T | None], seconds: float = 60) -> T:
    end = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < end
        time.sleep(0.1)
    return found


def visit(studio: Studio) -> httpx.Client:
    return httpx.Client(base_url=studio.url, headers={"origin": studio.url}, trust_env=False, timeout=20)


def paints(client: httpx.Client, thread: str, text: str, status: str) -> dict[str, Any]:
    """The generation, once it is in this state."""
    posted = client.post(f"/api/v1/threads/{thread}/messages", json={"text": text})
    assert posted.status_code == 201, posted.text
    return reaches(client, posted.json()["reply"]["generation"]["id"], status)


def reaches(client: httpx.Client, generation: str, status: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = client.get(f"/api/v1/generations/{generation}").json()
        return found if found["status"] == status else None

    return until(look)


def test_the_studio_goes_on_elsewhere_from_the_backup_of_a_living_one(house: Path) -> None:
    words = house / "words"
    words.write_text("four words of mine\n")
    file = house / "studio.tar"
    with painting_server() as server:
        with running(house / "burning") as burning, visit(burning) as ada:
            name, cookie = burning.make_admin(EMAIL, PASSWORD)
            ada.cookies.set(name, cookie)
            table = {"name": "own", "base_url": server.url, "api_key": KEY, "model": "house-1"}
            assert ada.post("/admin/providers", data=table).status_code == 303
            thread = ada.post("/api/v1/threads", json={"title": "Boats"}).json()["id"]
            painted = paints(ada, thread, "/imagine a boat", "succeeded")
            address = f"/api/v1/images/{painted['images'][0]['id']}/original"
            picture = ada.get(address).content
            hanging = paints(ada, thread, "/imagine a kite [[hang]]", "running")
            with file.open("wb") as out:
                said = chatelier(burning.folder, "backup", "-", "--passphrase-file", str(words), stdout=out)
            assert "pictures: 1" in said
            assert "in it under the passphrase" in said
            burning.kill()
        with file.open("rb") as content:
            chatelier(house / "rebuilt", "restore", "-", "--passphrase-file", str(words), stdin=content)
        rebuilt = Studio(house / "rebuilt", SCRIPTED)
        try:
            rebuilt.start()
            with visit(rebuilt) as ada:
                ada.cookies.set(name, cookie)
                assert ada.get("/api/v1/threads").status_code == 401
                signed_in = ada.post("/sign-in", data={"email": EMAIL, "password": PASSWORD})
                assert signed_in.status_code == 303, signed_in.text
                assert "Boats" in ada.get(f"/threads/{thread}").text
                assert ada.get(address).content == picture
                assert reaches(ada, hanging["id"], "unknown")["error"]["retryable"]
                asked = len(server.headers)

                def answered() -> bool | None:
                    ada.post("/admin/providers/own/question")
                    return len(server.headers) > asked or None

                until(answered)
                assert server.headers[-1]["authorization"] == f"Bearer {KEY}"
                paints(ada, thread, "/imagine another boat", "succeeded")
        finally:
            rebuilt.close()
