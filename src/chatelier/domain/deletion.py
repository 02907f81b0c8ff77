"""What people delete of their own: a thread, with or without its images; and their account: their password once more,
then everything at once and for good."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier.db.models import Image, Thread, User, now
from chatelier.domain import search
from chatelier.domain.generations.cancel import cancel_all
from chatelier.domain.sign_in import confirm_password
from chatelier.domain.threads import touch
from chatelier.domain.users import delete_user
from chatelier.errors import Invalid
from chatelier.services import Services


async def delete_thread(db: AsyncSession, thread: Thread, *, images: str = "keep") -> None:
    """Hide the thread at once. ``images`` says what becomes of its pictures: keep (in the gallery, those that are still
    painted as well) or trash. What is still painted is stopped then: it would come into the gallery, and be paid."""
    if images not in ("keep", "trash"):
        raise Invalid("images must be keep or trash.", fields={"images": "keep or trash"})
    await touch(db, thread, activity=False)
    if images == "trash":
        await cancel_all(db, thread)
        await db.execute(
            update(Image).where(Image.thread_id == thread.id, Image.deleted_at.is_(None)).values(deleted_at=now())
        )
    thread.deleted_at = now()
    await search.write_title(db, thread, "")
    await db.flush()


async def delete_own_account(services: Services, user: User, password: str, *, address: str = "") -> None:
    """What goes and what stays is in domain/inventory.py. Raises Invalid for a wrong password, Forbidden for the only
    admin, who makes another one first."""
    await confirm_password(services, user, password, address=address)
    async with services.transaction() as db:
        await delete_user(db, user)
