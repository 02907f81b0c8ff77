"""A person deletes their own account: their password once more, then everything at once and for good."""

from __future__ import annotations

from chatelier.db.models import User
from chatelier.domain.sign_in import confirm_password
from chatelier.domain.users import delete_user
from chatelier.services import Services


async def delete_own_account(services: Services, user: User, password: str, *, address: str = "") -> None:
    """What goes and what stays is in domain/inventory.py. Raises Invalid for a wrong password, Forbidden for the only
    admin, who makes another one first."""
    await confirm_password(services, user, password, address=address)
    async with services.transaction() as db:
        await delete_user(db, user)
