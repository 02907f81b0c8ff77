from __future__ import annotations

import pytest

from chatelier.web.paths import is_api, local_part, own_path, sign_in_path


@pytest.mark.parametrize(
    "target",
    [
        *("//evil", "/\\evil", "https:evil", "https://evil.example", "/%09/evil", "/\t/evil", "javascript:alert(1)"),
        *("/%2f%2fevil", "/%2Fevil", "/%5Cevil", "/%255Cevil", "/\r\nSet-Cookie: a=b", "/%0d%0aX: y", " /evil", ""),
        *("evil", "\\\\evil", "/a\u2028b", "/" + "x" * 3000, "/\ud83d"),
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(target: str) -> None:
    assert own_path(target) == "/"


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("/", "/"),
        ("/threads/0190?before=3", "/threads/0190?before=3"),
        ("/gallery?q=caf%C3%A9&page=2", "/gallery?q=caf%C3%A9&page=2"),
        ("/gallery?q=blaue Katze é", "/gallery?q=blaue%20Katze%20%C3%A9"),
        ("/a//b", "/a//b"),
    ],
)
def test_own_paths_are_kept(target: str, kept: str) -> None:
    assert own_path(target) == kept


def test_a_missing_target_leads_home() -> None:
    assert own_path(None) == "/"
    assert own_path(None, "/gallery") == "/gallery"


def test_the_way_to_sign_in_remembers_where_one_was() -> None:
    assert sign_in_path("/gallery?q=a&page=2") == "/sign-in?next=/gallery%3Fq%3Da%26page%3D2"
    assert sign_in_path("/") == "/sign-in"
    assert sign_in_path("//evil") == "/sign-in"
    assert sign_in_path("/sign-in") == "/sign-in"


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("http://a:1/gallery?q=a#b", "/gallery?q=a"),
        ("/threads", "/threads"),
        ("http://[bad", ""),
        ("//[", ""),
        ("", ""),
    ],
)
def test_whatever_a_browser_says_about_its_page_is_read_or_is_none(url: str, part: str) -> None:
    assert local_part(url) == part


@pytest.mark.parametrize(("path", "api"), [("/api/v1/threads", True), ("/v1/models", True), ("/apix", False)])
def test_programs_have_their_own_doors(path: str, api: bool) -> None:
    assert is_api(path) is api
