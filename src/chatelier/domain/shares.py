"""Share links: one image for everybody who has the link, until it expires or is revoked. Read only, and counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from chatelier.db.models import Image, ShareLink, User, now
from chatelier.domain import audit
from chatelier.domain.credentials import digest, new_token
from chatelier.errors import Invalid, NotFound

DAYS = (1, 7, 30, 365)
MOST = 20  # links of one image at a time


async def create_link(
    db: AsyncSession, user: User, image: Image, *, days: int, with_prompt: bool
) -> tuple[ShareLink, str]:
    """The link and its token, which nobody can read again. The prompt stays private unless it is chosen."""
    if days not in DAYS:
        choices = ", ".join(map(str, DAYS))
        raise Invalid(f"A link lasts {choices} days.", fields={"days": f"one of {choices}"})
    await db.execute(select(Image.id).where(Image.id == image.id).with_for_update(key_share=True))  # one after another
    if len(await list_links(db, user, image)) >= MOST:
        raise Invalid(f"{MOST} links to one picture are the most. Revoke one that is no longer needed.")
    token = new_token()
    expires_at = now() + timedelta(days=days)
    link = ShareLink(
        owner_id=user.id, image_id=image.id, token_hash=digest(token), with_prompt=with_prompt, expires_at=expires_at
    )
    db.add(link)
    await db.flush()
    await db.refresh(link)
    await audit.record(db, "share.create", actor=user.id, target=image.id, link=str(link.id), days=days)
    return link, token


async def list_links(db: AsyncSession, user: User, image: Image) -> Sequence[ShareLink]:
    """Those of the image that work, newest first."""
    query = select(ShareLink).where(ShareLink.image_id == image.id, ShareLink.owner_id == user.id, _works())
    return (await db.scalars(query.order_by(ShareLink.created_at.desc(), ShareLink.id.desc()))).all()


async def revoke_link(db: AsyncSession, user: User, link_id: UUID | None) -> UUID:
    """End one of the user's links at once, for the page and for every file; the id of its image. Raises NotFound."""
    image_id: UUID | None = await db.scalar(
        update(ShareLink)
        .where(ShareLink.id == link_id, ShareLink.owner_id == user.id, ShareLink.revoked_at.is_(None))
        .values(revoked_at=now())
        .returning(ShareLink.image_id)
    )
    if image_id is None:
        raise NotFound
    await audit.record(db, "share.revoke", actor=user.id, target=image_id, link=str(link_id))
    return image_id


async def find_link(db: AsyncSession, token: str) -> ShareLink:
    """The link with its image loaded. NotFound when it is unknown, expired or revoked, its image is in the trash, or
    its owner is disabled: to who opens it these are all the same."""
    query = (
        select(ShareLink)
        .join(ShareLink.image)
        .join(User, User.id == ShareLink.owner_id)
        .where(ShareLink.token_hash == digest(token), _works(), Image.deleted_at.is_(None), User.disabled_at.is_(None))
        .options(contains_eager(ShareLink.image))
    )
    link = await db.scalar(query)
    if link is None:
        raise NotFound("This link does not work, or not any more. Ask who sent it for a new one.")
    return link


async def count_view(db: AsyncSession, link: ShareLink) -> None:
    views = {"views": ShareLink.views + 1, "viewed_at": now()}
    statement = update(ShareLink).where(ShareLink.id == link.id).values(views)
    await db.execute(statement.execution_options(synchronize_session=False))


def _works() -> ColumnElement[bool]:
    return ShareLink.revoked_at.is_(None) & or_(ShareLink.expires_at.is_(None), ShareLink.expires_at > now())
