"""Ask for a larger plan, with a note; an admin approves or declines. One wish at a time."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from chatelier.db.models import Plan, UpgradeRequest, User, now
from chatelier.domain import audit, letters, mails, plans, texts
from chatelier.domain.roles import check_admin
from chatelier.errors import Invalid, NotFound
from chatelier.ids import new_id

LONGEST_NOTE = 1000


async def plans_to_ask_for(db: AsyncSession, user: User) -> Sequence[Plan]:
    """Offered, and larger than the user's own."""
    own = select(Plan.position).join(User, User.plan == Plan.name).where(User.id == user.id).scalar_subquery()
    return (await db.scalars(select(Plan).where(Plan.offered, Plan.position > own).order_by(Plan.position))).all()


async def ask(db: AsyncSession, user: User, plan: str, note: str) -> None:
    """Asking again while nobody has answered replaces the wish. Raises Invalid."""
    if plan not in [offered.name for offered in await plans_to_ask_for(db, user)]:
        raise Invalid("This plan cannot be asked for. Choose one of those shown.", fields={"plan": "not offered"})
    note = texts.clean(note).strip()
    if len(note) > LONGEST_NOTE:
        raise Invalid(f"A note has at most {LONGEST_NOTE} characters.", fields={"note": "too long"})
    wish = insert(UpgradeRequest).values(id=new_id(), user_id=user.id, plan=plan, note=note)
    wish_id = await db.scalar(
        wish.on_conflict_do_update(
            index_elements=[UpgradeRequest.user_id],
            index_where=UpgradeRequest.state == "open",
            set_={"plan": plan, "note": note, "created_at": now()},
        ).returning(UpgradeRequest.id)
    )
    await audit.record(db, "upgrade.ask", actor=user.id, target=user.id, plan=plan)
    label = (await plans.find_plan(db, plan)).label
    letter = letters.upgrade_asked(user.email, label, note)
    await mails.write_to_admins(db, letter, key=f"upgrade.asked:{wish_id}", about=user.id)


async def newest(db: AsyncSession, user: User) -> UpgradeRequest | None:
    """The user's last wish, open or answered."""
    mine = select(UpgradeRequest).where(UpgradeRequest.user_id == user.id)
    return await db.scalar(mine.order_by(UpgradeRequest.created_at.desc(), UpgradeRequest.id.desc()).limit(1))


async def list_open(db: AsyncSession) -> Sequence[UpgradeRequest]:
    """For admins, the oldest first, with who asks."""
    waiting = select(UpgradeRequest).where(UpgradeRequest.state == "open").options(selectinload(UpgradeRequest.user))
    return (await db.scalars(waiting.order_by(UpgradeRequest.created_at, UpgradeRequest.id))).all()


async def decide_upgrade(db: AsyncSession, admin: User, request_id: UUID | None, *, approve: bool) -> None:
    """Raises Forbidden, NotFound; NotFound also when somebody else has answered first."""
    check_admin(admin)
    state = "approved" if approve else "declined"
    decided = await db.execute(
        update(UpgradeRequest)
        .where(UpgradeRequest.id == request_id, UpgradeRequest.state == "open")
        .values(state=state, decided_at=now(), decided_by=admin.id)
        .returning(UpgradeRequest.user_id, UpgradeRequest.plan)
    )
    row = decided.one_or_none()
    if row is None:
        raise NotFound("This request is no longer open. Somebody has answered it already.")
    if approve:
        await plans.move_user(db, await plans.find_account(db, admin, row.user_id), row.plan, actor=admin.id)
    await audit.record(db, f"upgrade.{state}", actor=admin.id, target=row.user_id, plan=row.plan)
    letter = letters.upgrade_answered((await plans.find_plan(db, row.plan)).label, approved=approve)
    await mails.write(db, letter, to=row.user_id, key=f"upgrade.answered:{request_id}")
