"""What is not let through, for admins: the word lists, the service that is asked, and how much was refused."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from chatelier.domain import moderation, refusals
from chatelier.domain.moderation import Rules
from chatelier.errors import Invalid
from chatelier.web.admin import show
from chatelier.web.deps import AdminUser, Db, ServicesDep

Text = Annotated[str, Form()]
Checked = Annotated[bool, Form()]
PLACE = "/admin/moderation"


async def show_moderation(request: Request, admin: AdminUser, db: Db, services: ServicesDep) -> Response:
    """The word lists, the moderation service, and what was refused."""
    values = {
        "rules": await moderation.read_rules(db),
        "counted": await refusals.count_refusals(db),
        "refused": await refusals.list_refused(db),
        "service": services.providers.moderator,
        "settings": services.settings,
        "longest": moderation.LONGEST_LIST,
    }
    return await show(request, admin, db, "moderation", **values)


async def change_moderation(
    admin: AdminUser, db: Db, words: Text = "", per_hour: Text = "", child_safe: Checked = False
) -> Response:
    """Change the word lists and how many refusals an hour may have."""
    rules = Rules(words=words, child_safe=child_safe, per_hour=_whole(per_hour))
    await moderation.save_rules(db, rules, actor=admin.id)
    return RedirectResponse(PLACE, 303)


def _whole(text: str) -> int:
    if not text.strip().isascii() or not text.strip().isdigit() or len(text) > 9:
        raise Invalid("Refused requests in an hour are written as a whole number.", fields={"per_hour": "not a number"})
    return int(text)
