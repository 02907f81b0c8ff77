"""The options of a picture beside the composer: what the chosen engine can do, and what it would cost."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from chatelier.domain.choices import EXTRA, Choices, list_choices, read_choices
from chatelier.domain.options import Options
from chatelier.errors import Invalid
from chatelier.web.deps import CurrentUser, ServicesDep
from chatelier.web.render import fragment
from chatelier.web.words import money

NAMES = ("engine", "shape", "n", "quality", "style", "background", "seed", "negative_prompt", "raw")


async def show_options(request: Request, user: CurrentUser, services: ServicesDep) -> Response:
    """The options beside the text with these values; what the newly chosen engine cannot do falls away."""
    given = {name: value[:2000] for name, value in request.query_params.items() if _is_field(name)}
    try:
        options, problem = read_choices(given), ""
    except Invalid as error:
        options, problem = read_choices({"engine": given.get("engine", "")}), error.sentence
    choices = list_choices(services.providers, user, options)
    return fragment(
        "threads/_options.html",
        given=given,
        choices=choices,
        price=price_words(choices),
        problem=problem or choices.problem,
    )


def price_words(choices: Choices) -> str:
    if choices.micros is None:
        return "Its price is not known."
    if not choices.micros:
        return "Costs nothing."
    each = " together" if choices.images > 1 else ""
    return f"Up to {money(choices.micros, 'USD')}{each}."


async def chosen_options(request: Request) -> Options:
    """What was chosen in the form that was sent; nothing where it has no such fields. Raises Invalid."""
    form = await request.form()
    return read_choices({name: value for name, value in form.items() if _is_field(name) and isinstance(value, str)})


def _is_field(name: str) -> bool:
    return name in NAMES or name.startswith(EXTRA)


ChosenOptions = Annotated[Options, Depends(chosen_options)]
