"""Which door a path belongs to, and which paths may be gone to after signing in."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

LONGEST = 2000
SIGN_IN = "/sign-in"
_SAFE = "/?&=%-._~!$'()*+,;:@"


def is_api(path: str) -> bool:
    """The JSON doors, where programs come with keys and errors are JSON."""
    return path.startswith(("/api/", "/v1/"))


def own_path(text: str | None, default: str = "/") -> str:
    """``text`` when it is a path on this server, else ``default``; safe to redirect to. Nothing that any browser
    could take for another host or a script passes: no //, backslash or control character, written or escaped."""
    if not text or len(text) > LONGEST or not _is_own(text):
        return default
    return quote(text, safe=_SAFE)


def local_part(url: str) -> str:
    """Path and query of an address that a browser tells; '' for what is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def sign_in_path(target: str) -> str:
    """Where to sign in and come back from."""
    back = own_path(target)
    return SIGN_IN if back in ("/", SIGN_IN) else f"{SIGN_IN}?next={quote(back, safe='/')}"


def _is_own(text: str) -> bool:
    for _ in range(3):
        if not text.startswith("/") or text.startswith("//") or "\\" in text or not text.isprintable():
            return False
        text = unquote(text)
    return True
