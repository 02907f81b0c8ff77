"""What a downloaded file says of itself, and what it does not say unless its owner allows it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zipfile
from io import BytesIO

import httpx
import pytest
from PIL import Image as Pillow

from tests.people import until
from tests.storage.pictures import encoded, picture
from tests.stores import BOTH_STORES
from tests.web.visitor import Visitor

pytestmark = pytest.mark.anyio
TYPE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
SECRET = "a secret harbour & <lights>"
ALLOW = {"describe_files": "1", "learn": "1"}


async def paints(ada: Visitor, text: str, *, thread: str = "", number: int = 1) -> str:
    """The address of the newest picture, when there are so many in the gallery."""
    if thread:
        await ada.send(f"{thread}/messages", text=text)
    else:
        await ada.begins(text)

    async def look() -> str | None:
        kept = (await ada.fetch("GET", "/api/v1/images")).json()["items"]
        return f"/images/{kept[0]['id']}" if len(kept) == number else None

    return await until(look)


async def download(ada: Visitor, image: str, **headers: str) -> httpx.Response:
    return await ada.fetch("GET", f"{image}/original?download=1", headers=headers)


async def stored(ada: Visitor, image: str) -> httpx.Response:
    return await ada.fetch("GET", f"{image}/original")


def packet(content: bytes) -> str:
    image = Pillow.open(BytesIO(content), formats=("PNG", "JPEG", "WEBP"))
    image.load()
    found = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp", "")
    text = found.decode() if isinstance(found, bytes) else str(found)
    if text:
        ET.fromstring(text)
    return text


def pixels(content: bytes) -> bytes:
    return Pillow.open(BytesIO(content), formats=("PNG", "JPEG", "WEBP")).convert("RGB").tobytes()


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
async def test_a_download_says_what_made_it_and_nothing_private(ada: Visitor, kind: str) -> None:
    image = await paints(ada, f"/imagine {SECRET} [[format {kind}]] --seed 7123")
    file, kept = await download(ada, image), await stored(ada, image)
    said = packet(file.content)
    assert "digitalsourcetype/algorithmicMedia<" in said
    assert "<xmp:CreatorTool>Chatelier<" in said
    assert "Image #1" in said
    assert b"harbour" not in file.content
    assert b"7123" not in file.content
    assert pixels(file.content) == pixels(kept.content)
    assert int(file.headers["content-length"]) == len(file.content)
    assert file.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
async def test_ada_allows_it_and_prompt_seed_and_model_travel_along(ada: Visitor, kind: str) -> None:
    image = await paints(ada, f"/imagine {SECRET} [[format {kind}]] --seed 7123 --no fog, rain")
    before = await download(ada, image)
    page = await ada.fetch("POST", "/account/preferences", data=ALLOW)
    assert "Your preferences are kept" in page.text
    file = await download(ada, image, **{"If-None-Match": before.headers["etag"]})
    assert file.status_code == 200  # another label is another file
    zipped = await ada.fetch("POST", "/gallery/download", data={"image_id": image.removeprefix("/images/")})
    with zipfile.ZipFile(BytesIO(zipped.content)) as archive:
        assert archive.read(archive.namelist()[0]) == file.content
    said = packet(file.content)
    assert "secret harbour &amp; &lt;lights&gt;" in said
    assert "Negative prompt: fog, rain" in said
    assert re.search(r"Size: \d+x\d+, Seed: 7123, Model: fake-1", said)
    if kind == "png":
        text = Pillow.open(BytesIO(file.content), formats=("PNG",)).text  # type: ignore[attr-defined]
        assert text["Software"] == "Chatelier"
        assert text["parameters"].startswith(SECRET)
    await ada.fetch("POST", "/account/preferences", data={"learn": "1"})
    assert (await download(ada, image)).content == before.content


async def test_only_the_download_of_the_original_is_labelled(ada: Visitor) -> None:
    await ada.fetch("POST", "/account/preferences", data=ALLOW)
    image = await paints(ada, f"/imagine {SECRET}")
    for variant in ("original", "thumbnail", "thumbnail?download=1", "preview?download=1"):
        answer = await ada.fetch("GET", f"{image}/{variant}")
        assert b"harbour" not in answer.content, variant
        assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
@BOTH_STORES
async def test_any_range_of_a_labelled_file_fits_the_whole(ada: Visitor, kind: str) -> None:
    await ada.fetch("POST", "/account/preferences", data=ALLOW)
    image = await paints(ada, f"/imagine a kite [[format {kind}]]")
    whole = await download(ada, image)
    size = len(whole.content)
    for first, last in ((0, 0), (0, 40), (30, 900), (size - 900, size - 1), (5, size - 1)):
        part = await download(ada, image, Range=f"bytes={first}-{last}", **{"If-Range": whole.headers["etag"]})
        assert part.status_code == 206
        assert part.content == whole.content[first : last + 1]
    assert (await download(ada, image, **{"If-None-Match": whole.headers["etag"]})).status_code == 304
    head = await ada.fetch("HEAD", f"{image}/original?download=1")
    assert int(head.headers["content-length"]) == size


async def test_what_ada_brought_is_given_back_as_it_is_and_its_edits_are_composites(ada: Visitor) -> None:
    thread = await ada.begins("/imagine a kite")
    await ada.has_handles(thread, 1)
    brought = encoded(picture(200, 100), "JPEG")
    sent = await ada.fetch("POST", f"{thread}/images", files={"file": ("boat.jpg", brought, "image/jpeg")})
    mine = f"/images/{sent.headers['location'].rpartition('source=')[2]}"
    assert (await download(ada, mine)).content == (await stored(ada, mine)).content
    assert packet((await download(ada, mine)).content) == ""
    edit = await paints(ada, "/edit make it blue", thread=thread, number=3)
    assert "digitalsourcetype/compositeSynthetic" in packet((await download(ada, edit)).content)
    again = await paints(ada, "/edit make it night", thread=thread, number=4)
    assert "digitalsourcetype/compositeSynthetic" in packet((await download(ada, again)).content)


async def test_ben_gets_nothing(ada: Visitor, ben: Visitor) -> None:
    image = await paints(ada, "/imagine a kite")
    assert (await download(ben, image)).status_code == 404
