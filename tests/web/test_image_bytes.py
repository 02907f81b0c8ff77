"""The name, the range and the validators of image bytes, without a server."""

from __future__ import annotations

import re
import time
from urllib.parse import unquote

import pytest
from starlette.datastructures import Headers

from chatelier.web.image_bytes import _choose_range, _is_known
from chatelier.web.image_bytes import disposition as disposition_of

ETAG = '"abc"'


def disposition(prompt: str, *, variant: str = "original", download: bool = False) -> str:
    return disposition_of(prompt, 3, variant, "png", download=download)


def chosen(value: str, **others: str) -> tuple[int, int, int]:
    return _choose_range(Headers({"range": value, **others}), ETAG, 1000)


def test_a_saved_image_is_named_after_its_prompt() -> None:
    expected = "attachment; filename=\"a-cat-in-the-snow-3.png\"; filename*=UTF-8''a-cat-in-the-snow-3.png"
    assert disposition("A cat, in the snow!", download=True) == expected


def test_a_thumbnail_says_that_it_is_one() -> None:
    assert 'filename="cat-3-thumbnail.png"' in disposition("cat", variant="thumbnail")
    assert disposition("cat").startswith("inline; ")


@pytest.mark.parametrize(
    "prompt",
    [
        'say "hello"; filename="evil.exe"',
        "a\r\nSet-Cookie: x=1\r\n\r\n<html>",
        "../../etc/passwd",
        "..\\..\\windows",
        "\u202egnp.exe a right-to-left trick \u2066\u200f",
        "\x00\x1b[31m\x7f",
        "word " * 300,
        "x" * 300,
        "%0d%0a %2e%2e%2f",
        "\u2024\u2024\u2215 \uff0e\uff0e\uff0f",
        "✨🔥",
        "",
        "-rf .hidden ~",
    ],
)
def test_no_prompt_can_break_out_of_the_file_name(prompt: str) -> None:
    header = disposition(prompt)
    found = re.fullmatch(r"inline; filename=\"([a-z0-9.-]+)\"; filename\*=UTF-8''([A-Za-z0-9%._~-]+)", header)
    assert found, header
    for name in (found[1], unquote(found[2])):
        assert name.endswith("3.png")
        assert len(name) <= 80
        assert ".." not in name
        assert not name.startswith((".", "-"))
        assert all(c.isalnum() or c in "-." for c in name), name


def test_a_prompt_in_another_script_keeps_its_words() -> None:
    header = disposition("красная лиса в снегу")
    assert unquote(header.split("''")[1]) == "красная-лиса-в-снегу-3.png"
    assert 'filename="3.png"' in header


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bytes=0-99", (206, 0, 100)),
        ("bytes=900-", (206, 900, 1000)),
        ("bytes=-100", (206, 900, 1000)),
        ("bytes=-5000", (206, 0, 1000)),
        ("bytes=0-99999", (206, 0, 1000)),
        ("bytes=999-999", (206, 999, 1000)),
        ("bytes=1000-", (416, 0, 1000)),
        ("bytes=-0", (416, 0, 1000)),
        ("bytes=5-2", (200, 0, 1000)),
        ("bytes=-", (200, 0, 1000)),
        ("bytes=0-1,5-6", (200, 0, 1000)),
        ("items=0-1", (200, 0, 1000)),
        ("bytes=٠-٩", (200, 0, 1000)),
        ("bytes=" + "9" * 40 + "-", (200, 0, 1000)),
        ("bytes=abc", (200, 0, 1000)),
        ("", (200, 0, 1000)),
    ],
)
def test_one_range_is_honoured_and_anything_else_is_ignored(value: str, expected: tuple[int, int, int]) -> None:
    headers = Headers(raw=[(b"range", value.encode("utf-8"))])
    assert _choose_range(headers, ETAG, 1000) == expected


def test_a_range_of_an_older_file_gets_the_whole_one() -> None:
    assert chosen("bytes=0-9", **{"if-range": '"old"'}) == (200, 0, 1000)
    assert chosen("bytes=0-9", **{"if-range": ETAG}) == (206, 0, 10)


def test_ten_thousand_ranges_cost_nothing() -> None:
    value = "bytes=" + ",".join(f"{i}-" for i in range(10_000))
    begin = time.thread_time()
    assert chosen(value) == (200, 0, 1000)
    assert time.thread_time() - begin < 0.5  # seconds of work; quadratic would be minutes


@pytest.mark.parametrize("given", [ETAG, f"W/{ETAG}", f'"x", {ETAG}', "*"])
def test_a_browser_that_has_it_is_told_so(given: str) -> None:
    assert _is_known(Headers({"if-none-match": given}), ETAG)


@pytest.mark.parametrize("given", ['"other"', "abc", ""])
def test_a_browser_that_has_another_gets_it(given: str) -> None:
    assert not _is_known(Headers({"if-none-match": given}), ETAG)
