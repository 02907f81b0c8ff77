"""The same request once more, by another engine: what is offered where a limit was reached is one click."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Form, Request

from chatelier.domain.decisions import Draft


@dataclass(frozen=True, kw_only=True)
class SentForm:
    """``id`` is that of a form which still stands on the page with htmx, '' for none; ``fields`` are what it sent."""

    id: str = ""
    fields: tuple[tuple[str, str], ...] = ()


class Again:
    """Remembers with the request what a form has to send for it to be made again, for the notice that refuses it.
    ``instead`` is the provider/model that such a notice offered."""

    def __init__(self, request: Request, instead: Annotated[str, Form(max_length=300)] = "") -> None:
        self._request = request
        self.instead = instead

    def offer(self, *fields: tuple[str, str], form: str = "") -> str:
        self._request.state.sent_form = SentForm(id=form, fields=fields)
        return self.instead

    def draft(self, draft: Draft, *, form: str = "", **fields: str) -> Draft:
        return replace(draft, instead=self.offer(*fields.items(), form=form))

    def composed(self, draft: Draft) -> Draft:
        """The composer's own."""
        words = (("text", draft.text), ("intent", draft.intent))
        sources = (("source", str(one)) for one in draft.source_image_ids)
        marks = ((name, "1") for name in ("leave_style", "raw") if getattr(draft, name))
        return replace(draft, instead=self.offer(*words, *sources, *marks, form="composer"))


AskAgain = Annotated[Again, Depends()]


def sent_form(request: Request) -> SentForm | None:
    """None: this request cannot be made by another engine."""
    found: SentForm | None = getattr(request.state, "sent_form", None)
    return found
