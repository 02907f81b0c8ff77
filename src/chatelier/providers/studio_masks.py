"""A mask as a painting server wants it. Needs Pillow, which the web process does without: call it in a thread."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps

from chatelier.providers.base import FailureKind, ProviderError, Size

MAX_PIXELS = 50_000_000


def white_where_it_may_change(mask: bytes, size: Size) -> bytes:
    """Our masks are transparent where an edit may change; the WebUI's are white there. A greyscale PNG of ``size``."""
    try:
        image = Image.open(BytesIO(mask), formats=("PNG", "WEBP"))
        if image.width * image.height > MAX_PIXELS:
            raise ValueError("too large")
        editable = ImageOps.invert(image.convert("RGBA").getchannel("A"))
    except (OSError, ValueError, SyntaxError) as error:
        raise ProviderError(FailureKind.BAD_REQUEST, f"the mask cannot be read: {error}", sent=False) from None
    if editable.size != (size.width, size.height):
        editable = editable.resize((size.width, size.height), Image.Resampling.BILINEAR)
    out = BytesIO()
    editable.save(out, "PNG")
    return out.getvalue()
