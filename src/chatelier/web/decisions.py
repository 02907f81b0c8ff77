"""The chip by the composer: what a draft would do, while it is being written."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from chatelier.db.models import Thread, User
from chatelier.domain.decisions import Draft, Judged, judge, left_open
from chatelier.domain.intent import Answer, Intent
from chatelier.errors import Invalid, NoSourceImage
from chatelier.services import Services
from chatelier.web.deps import CurrentUser, Db, OwnThread, ServicesDep
from chatelier.web.drafts import PostedDraft
from chatelier.web.render import fragment

ICONS = {"chat": "talk", "generate": "brush", "edit": "rename", "again": "again"}


async def show_decision(
    user: CurrentUser, db: Db, services: ServicesDep, thread: OwnThread, draft: PostedDraft
) -> Response:
    """What a draft would do in this thread, for the chip beside it."""
    return await chip(db, services, user, thread, draft)


async def show_first_decision(user: CurrentUser, db: Db, services: ServicesDep, draft: PostedDraft) -> Response:
    """The same for a draft that will begin its own thread."""
    return await chip(db, services, user, None, draft)


async def chip(db: AsyncSession, services: Services, user: User, thread: Thread | None, draft: Draft) -> Response:
    """Its words; what cannot be understood yet is said in its place, and refused only when it is sent."""
    chosen = draft.intent != "auto"
    if not draft.text.strip():
        return fragment("threads/_decision.html", words="", kind="chat", chosen=chosen)
    try:
        judged = left_open(await judge(db, user, thread, draft), services.providers)
    except (Invalid, NoSourceImage) as error:
        return fragment("threads/_decision.html", words=error.sentence, problem=True, kind=draft.intent, chosen=chosen)
    kind = "again" if judged.decision.variation else judged.decision.kind.value
    return fragment(
        "threads/_decision.html",
        words=chip_words(judged, thread),
        style=judged.carried,
        kind=kind,
        icon_name=ICONS[kind],
        chosen=chosen,
        reason=judged.decision.reason,
        image=judged.sources[0] if judged.sources else None,
    )


def chip_words(judged: Judged, thread: Thread | None) -> str:
    decision = judged.decision
    names = _names(judged, thread)
    match decision.answer:
        case Answer.RESTORE:
            return f"Back to {names}"
        case Answer():
            return decision.answer.value.capitalize()
    if decision.kind is Intent.CHAT:
        return "Chat or picture" if judged.is_open else "Chat"
    if decision.kind is Intent.GENERATE:
        return f"{judged.options.n} new images" if (judged.options.n or 1) > 1 else "New image"
    return f"Again {names}" if decision.variation else f"Edit {names}"


def _names(judged: Judged, thread: Thread | None) -> str:
    """Images of other threads have no handle here."""
    if not judged.sources:
        return "the picture being painted"
    here = [f"#{image.handle}" for image in judged.sources if thread and image.thread_id == thread.id]
    others = len(judged.sources) - len(here)
    return " and ".join([*here, *([f"{others} from the gallery" if here or others > 1 else "it"] if others else [])])
