"""Engines without a server or a database: one picture into a file, and decisions line by line."""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from chatelier.errors import CannotStart, Invalid

SEEDS = 2**32


def paint(
    prompt: Annotated[str, typer.Argument(metavar="PROMPT")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where the PNG goes.")],
    size: Annotated[str, typer.Option(metavar="WxH", help="In pixels.")] = "1024x1024",
    seed: Annotated[int | None, typer.Option(min=0, max=SEEDS - 1, help="The same seed paints the same.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was drawn and what was not understood.")] = False,
) -> None:
    """Paint one picture with the built-in illustrator, which costs nothing."""
    if not prompt.strip():
        raise Invalid("Say what to paint, as in: chatelier paint 'a lighthouse at sunset' -o lighthouse.png")
    if output.suffix.lower() not in ("", ".png"):
        raise Invalid(f"It paints PNG files. Name it {output.with_suffix('.png').name}.")
    from chatelier.domain.options import Options, resolve_size
    from chatelier.providers.illustrator import Illustrator, paint_once
    from chatelier.storage.chunks import PNG, mark

    wanted = resolve_size(Options.from_json({"size": size}), Illustrator.capabilities)
    content, details = paint_once(prompt, wanted, secrets.randbelow(SEEDS) if seed is None else seed)
    try:
        output.write_bytes(mark(content, PNG, Illustrator.capabilities.digital_source_type))
    except OSError as error:
        raise CannotStart(f"{output} cannot be written: {error.strerror}.") from error
    if as_json:
        _write_line(json.dumps(details, ensure_ascii=False) + "\n")
    else:
        typer.echo(f"{output}: {details['alt_text']} Size {details['size']}, seed {details['seed']}.")


def intent(
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line, in and out.")] = False,
) -> None:
    """Decide for each line on standard input: chat, generate or edit, and with which prompt."""
    if not jsonl:
        raise Invalid("Say `chatelier intent --jsonl` and give lines of JSON on standard input.")
    from chatelier.domain.intent.stream import run_jsonl

    with open(sys.stdin.fileno(), encoding="utf-8", errors="replace", closefd=False) as lines:
        run_jsonl(lines, _write_line)


def _write_line(line: str) -> None:
    sys.stdout.buffer.write(line.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()
