"""Where the images lie, for admins, and when it is time to move them."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from chatelier.domain import stores
from chatelier.storage.outbox import objects_of
from chatelier.web.admin import show
from chatelier.web.deps import AdminUser, Db, ServicesDep


async def show_storage(request: Request, admin: AdminUser, db: Db, services: ServicesDep) -> Response:
    """Where the images lie, and whether it is time to move them."""
    objects = objects_of(services.sessions)
    standing = await stores.measure(db, has_objects=objects is not None)
    values = {"standing": standing, "objects": objects, "smaller": services.settings.smaller_originals}
    return await show(request, admin, db, "storage", **values)
