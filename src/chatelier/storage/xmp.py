"""XMP packets (ISO 16684-1): what an image file says of itself, in the terms of IPTC and Dublin Core."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from html import escape as escape_html

SOFTWARE = "Chatelier"
MAX_TEXT = 20_000  # bytes of one text in a packet; three of them still fit into the one segment a JPEG has for it
_NAMES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
}
escape = partial(escape_html, quote=False)  # as xml.sax.saxutils does it, which brings urllib with it
_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 has no such characters


@dataclass(frozen=True, kw_only=True)
class Label:
    """What goes into a file that is handed out. ``title`` says nothing private. The rest is there only when its owner
    allows: ``prompt`` as sent, ``engine`` that made it, and ``parameters``, the prompt and all options in the notation
    that A1111 began and other tools read."""

    title: str
    prompt: str = ""
    engine: str = ""
    parameters: str = ""


def bare_packet(source_type: str) -> bytes:
    """The packet of a stored file: its digital source type and nothing else. '' gives none."""
    if not source_type:
        return b""
    if not re.fullmatch(r"[A-Za-z]{1,64}", source_type):
        raise ValueError(f"not an IPTC digital source type: {source_type!r}")
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f'Iptc4xmpExt:DigitalSourceType="{_TYPES}{source_type}"/>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()


def source_type_of(packet: bytes) -> str:
    """The digital source type of a packet that ``bare_packet`` wrote, '' for any other."""
    found = re.search(rb'digitalsourcetype/([A-Za-z]{1,64})"/>', packet)
    name = found[1].decode() if found else ""
    return name if name and packet == bare_packet(name) else ""


def full_packet(label: Label, source_type: str) -> bytes:
    spaces = " ".join(f'xmlns:{prefix}="{address}"' for prefix, address in _NAMES.items() if prefix != "rdf")
    inside = [
        f"<Iptc4xmpExt:DigitalSourceType>{_TYPES}{escape(source_type)}</Iptc4xmpExt:DigitalSourceType>",
        f"<xmp:CreatorTool>{SOFTWARE}</xmp:CreatorTool>",
        _in_a_language("dc:title", label.title),
    ]
    if label.parameters:
        inside.append(_in_a_language("dc:description", label.parameters))
    if label.prompt:
        inside.append(_element("Iptc4xmpExt:AIPromptInformation", label.prompt))
    if label.engine:
        inside.append(_element("Iptc4xmpExt:AISystemUsed", label.engine))
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_NAMES["rdf"]}"><rdf:Description rdf:about="" '
        f"{spaces}>{''.join(inside)}</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def writable(text: str, most: int = MAX_TEXT) -> str:
    """Without what XML cannot hold, and not longer than ``most`` bytes once it is escaped."""
    kept = _UNWRITABLE.sub(" ", text)
    while len(escape(kept).encode()) > most:
        kept = kept[: max(0, min(len(kept) - 1, len(kept) * most // len(escape(kept).encode())))]
    return kept


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(writable(text))}</{name}>"


def _in_a_language(name: str, text: str) -> str:
    return f'<{name}><rdf:Alt><rdf:li xml:lang="x-default">{escape(writable(text))}</rdf:li></rdf:Alt></{name}>'
