"""A gallery of very many images, made inside PostgreSQL: rows with words as the product writes them, and thumbnails."""

from __future__ import annotations

import hashlib
import itertools
import random
from io import BytesIO
from uuid import UUID

import numpy
import psycopg
from PIL import Image

from chatelier.domain.words import facets_of, vector, words_of

PALETTE = 5_000  # prompts
LARGE = 3_000  # newest images whose thumbnails are as large as real ones
ORIGINALS = 50
ORIGINAL_BYTES = 1_500_000
THINGS = "fox cat house lighthouse boat mountain forest castle robot garden owl river city train dragon flower".split()
PLACES = "snow sunset rain night fog desert harbour meadow valley market library orchard".split()
MANNERS = "quiet bright ancient tiny golden broken floating hidden painted distant".split()
STYLES = ("ink", "watercolor", "oil", "flat", "pixel")
MODELS = ("illustrator-1", "brush-2", "brush-3")
SECONDARY = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'images' AND indexname LIKE 'ix_%'"
IMAGES = """
INSERT INTO images (id, owner_id, thread_id, origin, handle, width, height, media_type, bytes, sha256, thumbhash,
  alt_text, instruction, prompt, seed, favourite, stored_bytes, words, created_at)
SELECT (%(mark)s || '-7000-8000-' || lpad(to_hex(one.n), 12, '0'))::uuid,
  %(owner)s, (%(mark)s || '-7001-8000-' || lpad(to_hex(one.n / 100), 12, '0'))::uuid,
  'generated', one.n %% 100 + 1, 1024, 1024, 'image/png', 1000000 + (one.n::bigint * 7919) %% 1000000, repeat('0', 64),
  decode('1fc80e2408867787887087787880877a0a87807807', 'hex'), p.prompt, p.prompt, p.prompt, one.n,
  one.n %% 50 = 0, 1500000, p.words, timestamptz '2026-01-01' + one.n * interval '20 seconds'
FROM generate_series(0, %(count)s - 1) AS one (n)
JOIN palette AS p ON p.n = (one.n * 7) %% %(palette)s AND p.owner = %(owner)s
ORDER BY one.n
"""
THREADS = """
INSERT INTO threads (id, owner_id, title)
SELECT (%(mark)s || '-7001-8000-' || lpad(to_hex(one.n), 12, '0'))::uuid,
  %(owner)s, 'Thread ' || one.n
FROM generate_series(0, %(count)s / 100) AS one (n)
"""
FILES = """
INSERT INTO image_files (image_id, variant, media_type, bytes, sha256, content)
SELECT i.id, 'thumbnail', 'image/webp', length(t.content), t.sha256, t.content
FROM images AS i JOIN thumbs AS t ON t.n = i.seed %% 16 AND t.large = (i.seed >= %(small)s) WHERE i.owner_id = %(owner)s
"""


def hang(url: str, owners: dict[UUID, int]) -> None:
    """So many images for each owner; statistics and visibility are as after a night's vacuum."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("SET session_replication_role = replica")  # without a check of a million foreign keys
        db.execute("SET maintenance_work_mem = '512MB'")
        _write_palette(db, list(owners))
        indexes = db.execute(SECONDARY).fetchall()
        for name, _ in indexes:
            db.execute(f"DROP INDEX {name}")
        for mark, (owner, count) in enumerate(owners.items(), start=1):
            values = {"mark": f"00000000-{mark:04}", "owner": owner, "count": count, "palette": PALETTE}
            db.execute(THREADS, values)
            db.execute(IMAGES, values)
            db.execute(FILES, {"owner": owner, "small": count - LARGE})
            db.execute("INSERT INTO storage_use VALUES (%s, %s, %s)", (owner, count * 1_500_000, count))
        for _, definition in indexes:
            db.execute(definition)
        _write_originals(db, next(iter(owners)))
        db.execute("VACUUM ANALYZE images")
        db.execute("VACUUM ANALYZE image_files")


def _write_palette(db: psycopg.Connection[tuple[object, ...]], owners: list[UUID]) -> None:
    db.execute("CREATE TEMP TABLE palette (n int, owner uuid, prompt text, words tsvector)")
    db.execute("CREATE TEMP TABLE thumbs (n int, large boolean, sha256 text, content bytea)")
    dice = random.Random(7)
    scenes = list(itertools.product(MANNERS, THINGS, PLACES))
    known: dict[UUID, set[str]] = {owner: set() for owner in owners}
    with db.cursor() as cursor:
        with cursor.copy("COPY palette FROM STDIN") as copy:
            for n in range(PALETTE):
                manner, thing, place = dice.choice(scenes)
                prompt = f"a {manner} {thing} in the {place}, study number{n}"
                style = "engraving" if n == 17 else dice.choice(STYLES)  # one that is rare
                values = {"aspect": "square", "model": dice.choice(MODELS), "provider": "bench", "style": style}
                facets, words = facets_of(values), words_of(prompt)
                for owner in owners:
                    known[owner].update(facets, words)
                    copy.write_row((n, owner, prompt, vector(owner, facets, words, words_of("Thread"))))
        with cursor.copy("COPY image_words (owner_id, word) FROM STDIN") as copy:
            for owner, some in known.items():
                for word in sorted(some):
                    copy.write_row((owner, word))
        for large in (False, True):
            for n in range(16):
                content = thumbnail(n, large)
                row = (n, large, hashlib.sha256(content).hexdigest(), content)
                cursor.execute("INSERT INTO thumbs VALUES (%s, %s, %s, %s)", row)
    db.execute("ANALYZE palette")


def _write_originals(db: psycopg.Connection[tuple[object, ...]], owner: UUID) -> None:
    """For the newest images of the owner."""
    newest = db.execute(
        "SELECT id FROM images WHERE owner_id = %s ORDER BY created_at DESC LIMIT %s", (owner, ORIGINALS)
    )
    for (image_id,) in newest.fetchall():
        content = random.Random(str(image_id)).randbytes(ORIGINAL_BYTES)
        row = (image_id, "original", "image/png", len(content), hashlib.sha256(content).hexdigest(), content)
        db.execute("INSERT INTO image_files VALUES (%s, %s, %s, %s, %s, %s)", row)


def thumbnail(number: int, large: bool) -> bytes:
    """A WebP of 256 pixels: a plain wash of a few hundred bytes, or one of about 10 kB."""
    random_numbers = numpy.random.default_rng(number)
    wash = numpy.linspace(number * 8, 255, 256)[None, :, None] * numpy.ones((256, 1, 3))
    if large:
        coarse = random_numbers.normal(0, 60, (64, 64, 3)).repeat(4, 0).repeat(4, 1)
        wash = wash * 0.5 + coarse + 64
    out = BytesIO()
    Image.fromarray(wash.clip(0, 255).astype(numpy.uint8)).save(out, "WEBP", quality=75)
    return out.getvalue()
