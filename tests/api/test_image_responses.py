"""The exact headers of image bytes, whatever is asked."""

from __future__ import annotations

import time

import httpx
import pytest

from chatelier.ids import new_id
from tests.api.caller import Caller
from tests.stores import BOTH_STORES

pytestmark = pytest.mark.anyio
EXACT = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "private, max-age=31536000, immutable",
    "vary": "Cookie",
}


def check(response: httpx.Response, status: int, disposition: str = "inline") -> None:
    assert response.status_code == status, response.text[:300]
    labelled = {"cache-control": "private, no-cache"} if disposition == "attachment" else {}  # may change its label
    assert {name: response.headers.get(name) for name in EXACT} == EXACT | labelled
    assert response.headers["content-disposition"].startswith(f"{disposition}; filename=")
    assert "filename*=UTF-8''" in response.headers["content-disposition"]
    assert response.headers["etag"].startswith('"')
    assert "location" not in response.headers
    assert "content-encoding" not in response.headers
    assert "access-control-allow-origin" not in response.headers


async def test_bytes_are_served_with_exact_headers(ada: Caller) -> None:
    image = await ada.image(text="a fox")
    base = f"/images/{image['id']}"
    for variant, media_type in (("original", "image/png"), ("thumbnail", "image/webp"), ("preview", "image/png")):
        response = await ada.http.get(f"{base}/{variant}", headers={"Accept-Encoding": "gzip, br"})
        check(response, 200)
        assert response.headers["content-type"] == media_type
        assert int(response.headers["content-length"]) == len(response.content)
        head = await ada.http.head(f"{base}/{variant}")
        check(head, 200)
        assert head.content == b""
        ours = ("date", "x-request-id", "server")
        assert {k: v for k, v in head.headers.items() if k not in ours} == {
            k: v for k, v in response.headers.items() if k not in ours
        }
    check(await ada.http.get(f"{base}/original?download=1"), 200, "attachment")


async def test_a_browser_that_has_it_gets_304(ada: Caller) -> None:
    image = await ada.image()
    path = f"/images/{image['id']}/original"
    etag = (await ada.http.get(path)).headers["etag"]
    assert etag == f'"{image["sha256"]}"'
    for method in ("GET", "HEAD"):
        known = await ada.http.request(method, path, headers={"If-None-Match": f'"other", {etag}'})
        check(known, 304)
        assert known.content == b""
    check(await ada.http.get(path, headers={"If-None-Match": '"other"'}), 200)


@BOTH_STORES
async def test_one_range_gets_206_and_many_get_everything_quickly(ada: Caller) -> None:
    image = await ada.image()
    path = f"/images/{image['id']}/original"
    whole = (await ada.http.get(path)).content
    for header, expected in (("0-99", whole[:100]), ("100-", whole[100:]), ("-50", whole[-50:])):
        part = await ada.http.get(path, headers={"Range": f"bytes={header}"})
        check(part, 206)
        assert part.content == expected
        assert part.headers["content-length"] == str(len(expected))
        assert part.headers["content-range"].endswith(f"/{len(whole)}")
    outside = await ada.http.get(path, headers={"Range": f"bytes={len(whole)}-"})
    assert outside.status_code == 416
    assert outside.headers["content-range"] == f"bytes */{len(whole)}"
    many = ",".join(f"{i}-{i}" for i in range(5000))
    begin = time.thread_time()
    everything = await ada.http.get(path, headers={"Range": f"bytes={many}"})
    assert time.thread_time() - begin < 1
    check(everything, 200)
    assert everything.content == whole
    old = await ada.http.get(path, headers={"Range": "bytes=0-9", "If-Range": '"old"'})
    check(old, 200)


async def test_sizes_and_variants_are_ours_to_choose(ada: Caller) -> None:
    image = await ada.image()
    base = f"/images/{image['id']}"
    for query in ("w=99999", "download=1&w=1", "response-content-type=text/html", "format=svg"):
        refused = await ada.call("GET", f"{base}/thumbnail?{query}", 422)
        assert refused["error"]["code"] == "validation_failed"
    for variant in ("big", "Original", "original.png", "original%00", "..%2foriginal"):
        missing = await ada.http.get(f"{base}/{variant}", follow_redirects=False)
        assert missing.status_code == 404, variant
        assert missing.headers["cache-control"] == "no-store"
        assert missing.headers["content-type"] == "application/json"


async def test_addresses_as_ids_lead_nowhere(ada: Caller) -> None:
    strange = (
        "http:%2F%2Fexample.org",
        "https:%2F%2F127.0.0.1:1",
        "..%2f..%2fetc%2fpasswd",
        "%252e",
        "%00",
        "x" * 4000,
    )
    for id in (*strange, str(new_id()), "None", "00000000-0000-0000-0000-000000000000"):
        for tail in ("", "/original"):
            response = await ada.http.get(f"/images/{id}{tail}", follow_redirects=False)
            assert response.status_code == 404, id
            assert "location" not in response.headers
            assert response.json()["error"]["code"] == "not_found"
