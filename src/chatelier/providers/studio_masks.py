"""A mask as a painting server wants it. Needs Pillow, which the web process does without: call it in a thread."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps

from chatelier.providers.base import FailureKind, ProviderError, Size

_MAX_PIXELS = 50_000_000


def white_where_it_may_change(mask: bytes, size: Size) -> bytes:
    """Our masks are transparent where an edit may change; the WebUI's are white there. A greyscale PNG of ``size``."""
    return _encoded(ImageOps.invert(_alpha(mask, size)))


def transparent_where_it_may_change(mask: bytes | None, size: Size) -> bytes:
    """The same mask as a PNG of exactly ``size``; None lets all of it change."""
    alpha = _alpha(mask, size) if mask is not None else Image.new("L", (size.width, size.height))
    return _encoded(Image.merge("LA", (Image.new("L", alpha.size), alpha)))


def _alpha(mask: bytes, size: Size) -> Image.Image:
    try:
        image = Image.open(BytesIO(mask), formats=("PNG", "WEBP"))
        if image.width * image.height > _MAX_PIXELS:
            raise ValueError("too large")
        alpha = image.convert("RGBA").getchannel("A")
    except (OSError, ValueError, SyntaxError) as error:
        raise ProviderError(FailureKind.BAD_REQUEST, f"the mask cannot be read: {error}", sent=False) from None
    wanted = (size.width, size.height)
    return alpha if alpha.size == wanted else alpha.resize(wanted, Image.Resampling.BILINEAR)


def _encoded(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
