from __future__ import annotations

import base64
import hashlib

import pytest
from PIL import Image as Pillow

from chatelier.config import Settings
from tests.api.caller import Caller, call_as, is_id, serve
from tests.people import People
from tests.storage.pictures import bomb, encoded, impostors, picture

pytestmark = pytest.mark.anyio
IMAGE = (
    "id thread_id generation_id origin handle width height media_type bytes sha256 thumbhash alt_text favourite "
    "instruction prompt created_at deleted_at urls"
).split()


async def ids(ada: Caller, **query: object) -> list[str]:
    return [image["id"] for image in (await ada.call("GET", "/images", params=query))["items"]]


async def test_an_image_tells_all_that_is_known_of_it(ada: Caller) -> None:
    thread = await ada.thread()
    image = await ada.image(thread, "a red fox")
    assert list(image) == IMAGE
    assert is_id(image["id"])
    assert (image["origin"], image["handle"], image["thread_id"]) == ("generated", 1, thread)
    assert (image["width"], image["height"], image["media_type"]) == (256, 256, "image/png")
    assert (image["favourite"], image["deleted_at"]) == (False, None)
    assert "fox" in image["prompt"]
    assert base64.b64decode(image["thumbhash"])
    assert await ada.call("GET", f"/images/{image['id']}") == image
    content = (await ada.http.get(f"/images/{image['id']}/original")).content
    assert (len(content), hashlib.sha256(content).hexdigest()) == (image["bytes"], image["sha256"])
    for url in image["urls"].values():
        assert (await ada.http.get(url.removeprefix("/api/v1"))).status_code == 200


async def test_a_data_url_holds_the_original_and_only_comes_when_asked_for(ada: Caller) -> None:
    image = await ada.image()
    full = await ada.call("GET", f"/images/{image['id']}", params={"include": "data_url"})
    head, _, body = full.pop("data_url").partition(",")
    assert head == "data:image/png;base64"
    assert hashlib.sha256(base64.b64decode(body)).hexdigest() == image["sha256"]
    assert full == image
    await ada.call("GET", f"/images/{image['id']}", 422, params={"include": "everything"})


async def test_the_list_goes_over_all_threads_and_filters(ada: Caller) -> None:
    one, other = await ada.thread(), await ada.thread()
    fox = await ada.image(one, "a red fox")
    owl = await ada.image(other, "a grey owl")
    owl2 = await ada.image(other, "another owl")
    assert await ids(ada) == [owl2["id"], owl["id"], fox["id"]]
    assert await ids(ada, q="another OWL") == [owl2["id"]]
    assert await ids(ada, q="OWL grey") == [owl2["id"], owl["id"]]  # the thread is called so
    assert await ids(ada, aspect="square", provider="fake", sort="oldest") == [fox["id"], owl["id"], owl2["id"]]
    assert await ids(ada, since=owl["created_at"], until=owl2["created_at"]) == [owl["id"]]
    assert await ids(ada, thread_id=one) == [fox["id"]]
    await ada.call("PATCH", f"/images/{fox['id']}", json={"favourite": True})
    assert await ids(ada, favourite=True) == [fox["id"]]
    assert await ids(ada, favourite=False) == [owl2["id"], owl["id"]]
    page = await ada.call("GET", "/images", params={"limit": 2})
    newest = await ada.image(one, "a late fox")
    rest = await ada.call("GET", "/images", params={"limit": 2, "cursor": page["next_cursor"]})
    assert [image["id"] for image in rest["items"]] == [fox["id"]]
    assert rest["next_cursor"] is None
    assert newest["handle"] == 2
    await ada.call("GET", "/images", 422, params={"limit": 2, "cursor": page["next_cursor"], "q": "owl"})
    for wrong in (
        {"thread_id": "mine"},
        {"aspect": "round"},
        {"sort": "best"},
        {"since": "2026-01-01"},
        {"until": "0.5"},
    ):
        await ada.call("GET", "/images", 422, params=wrong)


async def test_to_the_trash_and_back(ada: Caller) -> None:
    image = await ada.image()
    path = f"/images/{image['id']}"
    await ada.call("DELETE", path, 204)
    assert await ids(ada) == []
    trash = await ada.call("GET", "/images", params={"deleted": True})
    assert [(item["id"], item["deleted_at"] is None) for item in trash["items"]] == [(image["id"], False)]
    for gone in (path, f"{path}/original", f"{path}/thumbnail", f"{path}/preview"):
        await ada.call("GET", gone, 404)
    await ada.call("PATCH", path, 404, json={"favourite": True})
    await ada.call("DELETE", path, 404)
    thread = image["thread_id"]
    await ada.call(
        "POST", f"/threads/{thread}/messages", 404, json={"text": "again", "source_image_ids": [image["id"]]}
    )
    back = await ada.call("POST", f"{path}/restoration")
    assert back == image
    assert await ada.call("POST", f"{path}/restoration") == image
    assert await ids(ada) == [image["id"]]


async def test_a_person_describes_and_marks_an_image(ada: Caller) -> None:
    image = await ada.image()
    path = f"/images/{image['id']}"
    changed = await ada.call("PATCH", path, json={"alt_text": "A fox\n\x00 in <b>snow</b>", "favourite": True})
    assert (changed["alt_text"], changed["favourite"]) == ("A fox in <b>snow</b>", True)
    assert (await ada.call("PATCH", path, json={"favourite": False}))["alt_text"] == "A fox in <b>snow</b>"
    for body in ({"alt_text": "x" * 1001}, {"favourite": "no"}, {"favourite": None}, {"handle": 7}, {"owner_id": "x"}):
        await ada.call("PATCH", path, 422, json=body)


async def test_an_upload_becomes_an_image_of_the_thread(ada: Caller) -> None:
    thread = await ada.thread()
    image = await ada.upload(thread, encoded(picture(64, 48)), name="holiday.png")
    assert list(image) == IMAGE
    assert (image["origin"], image["generation_id"], image["handle"]) == ("upload", None, 1)
    assert (image["width"], image["height"]) == (64, 48)
    edit = await ada.says(thread, "make it blue", intent="edit", source_image_ids=[image["id"]])
    assert edit["decision"]["target_image_ids"] == [image["id"]]


async def test_what_an_upload_brought_beside_its_pixels_is_gone(ada: Caller) -> None:
    thread = await ada.thread()
    exif = Pillow.Exif()
    exif[0x010E] = "a secret place"
    image = await ada.upload(
        thread, encoded(None, "JPEG", exif=exif, comment=b"my secret") + b"<script>trailer</script>"
    )
    content = (await ada.http.get(f"/images/{image['id']}/original")).content
    assert b"secret" not in content
    assert b"<script>" not in content


async def test_what_is_no_image_is_refused(ada: Caller) -> None:
    thread = await ada.thread()
    for name, content in {**impostors(), "half a picture": encoded()[:-200]}.items():
        refused = await ada.upload(thread, content, 415)
        assert refused["error"]["code"] == "unsupported_image", name
    assert await ids(ada) == []


async def test_an_upload_is_one_file_and_nothing_else(ada: Caller) -> None:
    path = f"/threads/{await ada.thread()}/images"
    file = ("a.png", encoded(), "image/png")
    for field in ("url", "path", "storage_key", "object_key", "user_id", "id"):
        refused = await ada.call("POST", path, 422, files={"file": file}, data={field: "http://127.0.0.1:9/x"})
        assert refused["error"]["code"] == "validation_failed"
    await ada.call("POST", path, 422, data={"file": "not a file"})
    await ada.call("POST", path, 422, json={"file": "data:image/png;base64,AAAA"})
    await ada.call("POST", path, 422)
    assert await ids(ada) == []


async def test_an_upload_over_the_limit_is_refused(settings: Settings) -> None:
    async with serve(settings.model_copy(update={"upload_bytes": 1_000_000})) as site:
        ada = await call_as(site, await People(site.services).user("ada"))
        async with ada.http:
            thread = await ada.thread()
            noise = encoded() + b"x" * 1_000_001
            assert (await ada.upload(thread, noise, 413))["error"]["code"] == "too_large"
            unfolded = await ada.upload(thread, bomb(), 413)
            assert unfolded["error"]["code"] == "too_large"
            assert await ids(ada) == []
