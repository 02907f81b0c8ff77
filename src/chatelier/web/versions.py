"""Versions: two of them compared, and a prompt used again with other words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Form, Query, Request
from starlette.responses import Response

from chatelier.db.models import Message
from chatelier.domain.images import find_image
from chatelier.domain.messages import post_message, rewritten
from chatelier.domain.threads import find_thread
from chatelier.domain.versions import describe_version, differences
from chatelier.ids import parse_id
from chatelier.web.again import AskAgain
from chatelier.web.deps import CurrentUser, Db, OwnGeneration, OwnImage, ServicesDep
from chatelier.web.drafts import AskPrice
from chatelier.web.messages import OnceOnly, answer, both
from chatelier.web.render import page
from chatelier.web.threads import shell


async def show_comparison(
    request: Request, user: CurrentUser, db: Db, image: OwnImage, other: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """Two images of the person side by side, or one over the other where there are scripts."""
    second = await find_image(db, user, parse_id(other))
    pair = [await describe_version(db, user, one) for one in (image, second)]
    values: dict[str, Any] = {"pair": pair, "differences": differences(*pair), "here": "image"}
    return page(request, "images/comparison.html", **await shell(db, user), **values)


async def create_from_prompt(
    request: Request,
    user: CurrentUser,
    db: Db,
    services: ServicesDep,
    generation: OwnGeneration,
    once: OnceOnly,
    price: AskPrice,
    again: AskAgain,
    prompt: Annotated[str, Form()] = "",
) -> Response:
    """Paint the prompt (of a change the instruction) as the person rewrote it, with the same options."""

    thread = await find_thread(db, user, generation.thread_id)
    draft = again.draft(rewritten(generation, prompt), prompt=prompt)

    async def make() -> Sequence[Message]:
        return both(await post_message(db, services.providers, user, thread, draft))

    question = await price.question(thread, draft, prompt=prompt)
    return question or await answer(request, user, db, await once.messages(prompt, make), reworded=generation)
