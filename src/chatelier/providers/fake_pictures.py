"""The pictures of the scripted fake: the same request, the same bytes. Needs Pillow; call it in a thread."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw, ImageOps
from PIL.PngImagePlugin import PngInfo

from chatelier.providers.base import ImageRequest
from chatelier.providers.fake_script import Faults, without_marks

Picture = Image.Image
_TRAILER = b"<html><script>alert('polyglot')</script></html>"
_WRONG = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><rect width="9" height="9"/></svg>',
    "html": b"<!doctype html><title>502</title><h1>Bad gateway</h1><script>alert(1)</script>",
}


def produce(request: ImageRequest, seed: int, faults: Faults) -> bytes:
    """The encoded image, or what ``faults`` makes of it."""
    if "wrong-type" in faults:
        return _WRONG.get(faults.word("wrong-type"), _WRONG["svg"])
    if "too-large" in faults and not faults.word("too-large"):
        return _bomb(12_000)
    content = _encoded(draw(request, seed, detailed="photo" in faults), faults, request.prompt)
    if "truncated" in faults:
        content = content[: len(content) // 2]
    if "polyglot" in faults:
        content += _TRAILER
    return content + bytes(int(faults.number("too-large", 0) * 1_000_000))


def draw(request: ImageRequest, seed: int, *, detailed: bool = False) -> Picture:
    size = (request.size.width, request.size.height)
    text = without_marks(request.instruction or request.prompt)
    dice = random.Random(f"{text}|{seed}")  # noqa: S311  # the same request, the same picture
    if not request.sources:
        return _scene(size, dice, text, detailed)
    source = _opened(request.sources[0].content).convert("RGB").resize(size)
    changed = Image.blend(source, Image.new("RGB", size, _colour(dice)), 0.35)
    _caption(changed, text or "variation")
    return Image.composite(changed, source, _editable(request.mask, size)) if request.mask else changed


def rough(request: ImageRequest, seed: int, step: int) -> bytes:
    """A partial image that gets sharper with each step."""
    side = 16 * step
    small = draw(request, seed).resize((side, side)).resize((256, 256))
    return _saved(small, "JPEG")


def _scene(size: tuple[int, int], dice: random.Random, text: str, detailed: bool) -> Picture:
    image = ImageOps.colorize(Image.linear_gradient("L").resize(size), _colour(dice), _colour(dice))
    canvas = ImageDraw.Draw(image)
    for _ in range(6):
        x, y, r = dice.random() * size[0], dice.random() * size[1], dice.uniform(0.05, 0.2) * min(size)
        canvas.ellipse((x - r, y - r, x + r, y + r), fill=_colour(dice))
    _caption(image, text)
    if detailed:
        grain = Image.frombytes("RGB", size, dice.randbytes(3 * size[0] * size[1]))
        image = ImageChops.add(image, grain.point([value & 15 for value in range(256)] * 3))
    return image


def _caption(image: Picture, text: str) -> None:
    plain = text[:60].encode("ascii", "replace").decode()
    ImageDraw.Draw(image).text((8, image.height - 20), plain, fill="white", stroke_width=1, stroke_fill="black")


def _colour(dice: random.Random) -> tuple[int, int, int]:
    return dice.randrange(256), dice.randrange(256), dice.randrange(256)


def _editable(mask: bytes, size: tuple[int, int]) -> Picture:
    """White where the mask is transparent: there an edit may paint."""
    return ImageOps.invert(_opened(mask).convert("RGBA").getchannel("A").resize(size))


def _opened(content: bytes) -> Picture:
    return Image.open(BytesIO(content), formats=("PNG", "JPEG", "WEBP"))


def _encoded(image: Picture, faults: Faults, prompt: str) -> bytes:
    kind = faults.word("format", "png").upper()
    if "metadata" not in faults:
        return _saved(image, kind if kind in ("JPEG", "WEBP") else "PNG")
    exif = Image.Exif()
    exif[0x010E] = prompt
    text = PngInfo()
    text.add_text("parameters", f"{prompt}\nSteps: 20, Sampler: Euler, Seed: 7")
    out = BytesIO()
    image.save(out, "PNG", pnginfo=text, exif=exif, compress_level=1)
    return out.getvalue()


def _saved(image: Picture, kind: str) -> bytes:
    out = BytesIO()
    image.save(out, kind, **({"compress_level": 1} if kind == "PNG" else {"quality": 90}))
    return out.getvalue()


def _bomb(side: int) -> bytes:
    """About 18 kB that unfold to side x side pixels."""
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(bytes(1 + side // 8)) for _ in range(side)) + rows.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body
