"""Small images to try the store with: honest, hostile and damaged ones."""

from __future__ import annotations

import random
import struct
import zlib
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms

CAPS: dict[str, Any] = {"max_bytes": 20_000_000, "max_pixels": 40_000_000}
FORMATS = ("PNG", "JPEG", "WEBP")
TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


def picture(width: int = 96, height: int = 64, mode: str = "RGB") -> Image.Image:
    """Four corners of different colours, with a little texture."""
    image = Image.new("RGB", (2, 2))
    for at, colour in enumerate(("red", "lime", "blue", "white")):
        image.paste(colour, (at % 2, at // 2, at % 2 + 1, at // 2 + 1))
    return image.resize((width, height), Image.Resampling.BILINEAR).convert(mode)


def encoded(image: Image.Image | None = None, kind: str = "PNG", **options: Any) -> bytes:
    out = BytesIO()
    (image or picture()).save(out, kind, **options)
    return out.getvalue()


@cache
def photo(side: int = 1024) -> bytes:
    """A PNG that compresses as badly as a photograph: about 1.2 MB at 1024 pixels."""
    grain = random.Random(7).randbytes(side * side * 3)
    noise = Image.frombytes("RGB", (side, side), grain).point([value & 7 for value in range(256)] * 3)
    return encoded(Image.blend(picture(side, side), noise, 0.4), compress_level=1)


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content), formats=FORMATS)
    image.load()
    return image


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def with_png_chunk(content: bytes, chunk: bytes) -> bytes:
    """``chunk`` put right behind the header."""
    return content[:33] + chunk + content[33:]


def pixels_of_png(content: bytes) -> bytes:
    """The coded pixels, chunk by chunk, as they stand in the file."""
    at, found = 8, b""
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        if content[at + 4 : at + 8] == b"IDAT":
            found += content[at : at + 12 + length]
        at += 12 + length
    return found


def bomb(width: int = 12_000, height: int = 12_000) -> bytes:
    """A few kilobytes that unfold to width x height pixels."""
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(bytes(1 + (width + 7) // 8)) for _ in range(height)) + rows.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def impostors() -> dict[str, bytes]:
    """What is not a PNG, JPEG or WebP, whatever its name says."""
    found = {
        "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "svg with byte order mark": b"\xef\xbb\xbf<svg/>",
        "html": b"<!doctype html><script>alert(1)</script>",
        "pdf": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj",
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        "fits": b"SIMPLE  =                    T".ljust(2880),
        "xbm": b"#define im_width 8\n#define im_height 1\nstatic char im_bits[] = {0};",
        "wmf": b"\xd7\xcd\xc6\x9a" + bytes(40),
        "heic": b"\0\0\0\x18ftypheic" + bytes(40),
        "avif": b"\0\0\0\x18ftypavif" + bytes(40),
        "photoshop": b"8BPS\0\1" + bytes(40),
        "nothing": b"",
        "one byte": b"\x89",
    }
    for kind in ("TIFF", "GIF", "BMP", "ICNS", "PPM", "TGA"):
        found[kind.lower()] = encoded(picture(32, 32), kind)
    return found
