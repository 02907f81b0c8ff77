"""Labels on files as they may lie in the store, ours and others'."""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import cast
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatelier.storage import chunks, jpeg
from chatelier.storage.database import StoredFile
from chatelier.storage.labels import LabelledFile, label_file
from chatelier.storage.stored import digest
from chatelier.storage.xmp import MAX_TEXT, Label, bare_packet, full_packet, source_type_of, writable
from tests.storage.pictures import TYPES, encoded, picture, png_chunk, with_png_chunk

pytestmark = pytest.mark.anyio
LABEL = Label(title="Image #1", prompt="p" * 40_000, engine="e", parameters="&" * 40_000)


@dataclass(frozen=True)
class OnTable:
    content: builtins.bytes
    media_type: str

    @property
    def bytes(self) -> int:
        return len(self.content)

    @property
    def sha256(self) -> str:
        return digest(self.content)

    async def chunks(self, start: int = 0, end: int | None = None) -> AsyncIterator[builtins.bytes]:
        yield self.content[start:end]


async def labelled(content: bytes, media_type: str, label: Label = LABEL) -> StoredFile | LabelledFile:
    return await label_file(cast(StoredFile, OnTable(content, media_type)), label)


@pytest.mark.parametrize("kind", TYPES)
async def test_a_label_leaves_one_valid_file_whatever_its_length(kind: str) -> None:
    marked = chunks.mark(encoded(picture(), kind), TYPES[kind], "trainedAlgorithmicMedia")
    file = await labelled(marked, TYPES[kind])
    content = b"".join([piece async for piece in file.chunks()])
    assert len(content) == file.bytes > len(marked)
    pieces = chunks.pieces_of(content, TYPES[kind])
    assert chunks.is_marked(content, TYPES[kind], pieces)
    bare = chunks.rewrite(content, TYPES[kind], pieces, source_type="trainedAlgorithmicMedia")
    assert bare == marked


@pytest.mark.parametrize("kind", TYPES)
async def test_a_file_without_our_mark_stays_as_it_is(kind: str) -> None:
    assert not isinstance(await labelled(encoded(picture(), kind), TYPES[kind]), LabelledFile)


async def test_a_signed_file_stays_as_it_is() -> None:
    marked = chunks.mark(encoded(picture()), "image/png", "algorithmicMedia")
    signed = with_png_chunk(marked, png_chunk(b"caBX", b"\0\0\0\x20jumb....c2pa"))
    assert not isinstance(await labelled(signed, "image/png"), LabelledFile)
    ours = len(marked) - len(encoded(picture()))
    behind = marked[: 33 + ours] + png_chunk(b"caBX", b"\0\0\0\x20jumb....c2pa") + marked[33 + ours :]
    assert not isinstance(await labelled(behind, "image/png"), LabelledFile)


async def test_a_packet_that_another_wrote_is_not_replaced() -> None:
    other = full_packet(Label(title="theirs"), "trainedAlgorithmicMedia")
    content = encoded(picture(), "JPEG")
    theirs = content[:2] + jpeg.xmp_segment(other) + content[2:]
    assert not isinstance(await labelled(theirs, "image/jpeg"), LabelledFile)
    assert source_type_of(other) == ""
    assert source_type_of(bare_packet("algorithmicMedia")) == "algorithmicMedia"


@given(st.text(alphabet=st.characters(codec=None), max_size=200), st.integers(0, 300))
def test_any_text_becomes_xml_of_bounded_length(text: str, most: int) -> None:
    kept = writable(text, most)
    assert len(escape(kept).encode()) <= most
    full_packet(Label(title="t", prompt=text), "algorithmicMedia").decode()


def test_the_longest_label_fits_into_a_jpeg() -> None:
    longest = Label(title="t", prompt="&" * 90_000, engine="e" * 200, parameters="é" * 90_000)
    assert len(jpeg.xmp_segment(full_packet(longest, "compositeWithTrainedAlgorithmicMedia"))) < 65_000
    assert MAX_TEXT * 3 < 65_000
