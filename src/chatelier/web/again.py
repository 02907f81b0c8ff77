"""The same request once more, by another engine: what is offered where a limit was reached is one click."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Form, Request

from chatelier.domain.decisions import Draft

Fields = tuple[tuple[str, str], ...]


class Again:
    """Remembers with the request what a form has to send for it to be made again, for the notice that refuses it.
    ``instead`` is the provider/model that such a notice offered."""

    def __init__(self, request: Request, instead: Annotated[str, Form(max_length=300)] = "") -> None:
        self._request = request
        self.instead = instead

    def offer(self, *fields: tuple[str, str]) -> str:
        self._request.state.again = fields
        return self.instead

    def draft(self, draft: Draft, **fields: str) -> Draft:
        return replace(draft, instead=self.offer(*fields.items()))

    def composed(self, draft: Draft) -> Draft:
        """The composer's own: with htmx it still holds what was typed, without it the error's page has to."""
        words = (("text", draft.text), ("intent", draft.intent))
        sources = (("source", str(one)) for one in draft.source_image_ids)
        style = (("leave_style", "1"),) if draft.leave_style else ()
        return replace(draft, instead=self.offer(*words, *sources, *style))


AskAgain = Annotated[Again, Depends()]


def fields_of(request: Request) -> Fields | None:
    """None: this request cannot be made by another engine."""
    found: Fields | None = getattr(request.state, "again", None)
    return found
