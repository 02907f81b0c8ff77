"""Plans and who is on which: list, change, move people, set limits for one of them or for all together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Instance, Plan, User
from chatelier.domain import audit, marks, texts
from chatelier.domain.events import publish, user_topic
from chatelier.domain.quotas import limits
from chatelier.domain.roles import check_admin
from chatelier.errors import Invalid, NotFound

NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
LONGEST_LABEL = 40


async def list_plans(db: AsyncSession) -> Sequence[Plan]:
    """The smallest first."""
    return (await db.scalars(select(Plan).order_by(Plan.position, Plan.name))).all()


async def find_plan(db: AsyncSession, name: str) -> Plan:
    plan = await db.get(Plan, name) if NAME.fullmatch(name) else None
    if plan is None:
        known = ", ".join(plan.name for plan in await list_plans(db))
        raise Invalid(f"There is no plan {name[:40]!r}. There are: {known}.", fields={"plan": "not a plan"})
    return plan


async def add_plan(db: AsyncSession, name: str, *, actor: UUID | None = None) -> Plan:
    """A plan without limits, after the others."""
    if not NAME.fullmatch(name):
        raise Invalid("A plan's name is lower-case letters, digits, - and _.", fields={"name": "not a name"})
    last = int(await db.scalar(select(func.max(Plan.position))) or 0)
    added = insert(Plan).values(name=name, label=name.capitalize(), position=last + 10).on_conflict_do_nothing()
    if (await db.execute(added.returning(Plan.name))).first() is None:
        raise Invalid(f"There is a plan {name} already.", fields={"name": "taken"})
    await audit.record(db, "plan.add", actor=actor, target=name)
    return await find_plan(db, name)


async def change_plan(
    db: AsyncSession,
    plan: Plan,
    *,
    label: str | None = None,
    offered: bool | None = None,
    changes: Mapping[str, Any],
    actor: UUID | None = None,
) -> None:
    """``changes`` as limits.check takes them; null takes a limit away. What runs already is finished whatever they
    say."""
    if label is not None:
        plan.label = texts.line(label, name="label", longest=LONGEST_LABEL) or plan.name.capitalize()
    if offered is not None:
        plan.offered = offered
    plan.limits = _without_null({**plan.limits, **limits.check(changes)})
    await db.flush()
    await marks.mark_plan(db, plan.name)
    await audit.record(db, "plan.change", actor=actor, target=plan.name, limits=plan.limits)


async def move_user(db: AsyncSession, user: User, plan: str, *, actor: UUID | None = None) -> None:
    await find_plan(db, plan)
    await db.execute(update(User).where(User.id == user.id).values(plan=plan))
    await marks.mark_user(db, user.id)
    publish(db, user_topic(user.id))
    await audit.record(db, "user.plan", actor=actor, target=user.id, plan=plan)


async def limit_user(db: AsyncSession, user: User, own: Mapping[str, Any], *, actor: UUID | None = None) -> None:
    """The whole set of what holds for this user instead of the plan's; null there is no limit at all."""
    own = limits.check(own)
    await db.execute(update(User).where(User.id == user.id).values(limits=own))
    await marks.mark_user(db, user.id)
    publish(db, user_topic(user.id))
    await audit.record(db, "user.limits", actor=actor, target=user.id, limits=own)


async def limit_instance(db: AsyncSession, shared: Mapping[str, Any], *, actor: UUID | None = None) -> None:
    """The whole set of limits of all people together."""
    shared = _without_null(limits.check(shared))
    kept = insert(Instance).values(id=1, limits=shared)
    await db.execute(kept.on_conflict_do_update(index_elements=[Instance.id], set_={"limits": shared}))
    await audit.record(db, "instance.limits", actor=actor, limits=shared)


async def instance_limits(db: AsyncSession) -> dict[str, Any]:
    return dict(await db.scalar(select(Instance.limits)) or {})


async def find_account(db: AsyncSession, admin: User, user_id: UUID | None) -> User:
    """Anybody's account, for an admin. Raises Forbidden, NotFound."""
    check_admin(admin)
    user = await db.get(User, user_id, populate_existing=True) if user_id else None
    if user is None:
        raise NotFound
    return user


def _without_null(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
