"""Query parameters that all lists share."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

Cursor = Annotated[
    str | None, Query(max_length=500, description="`next_cursor` of the page before, for the same query.")
]
Limit = Annotated[int, Query(ge=1, le=50, description="Items on a page.")]
Words = Annotated[str, Query(max_length=500, description="Words to look for, without regard to case.")]
