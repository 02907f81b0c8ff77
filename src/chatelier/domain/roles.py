"""Who may do what belongs to the instance: admins, and nobody else."""

from __future__ import annotations

from chatelier.db.models import Role, User
from chatelier.errors import Forbidden


def check_admin(user: User) -> None:
    """Raises Forbidden."""
    if user.role != Role.ADMIN:
        raise Forbidden
