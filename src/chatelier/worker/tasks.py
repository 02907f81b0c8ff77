"""Every background task; each body is one call into the domain, its arguments are ids."""

from __future__ import annotations

from uuid import UUID

from chatelier.db import queue
from chatelier.domain import attempts, exports, mails
from chatelier.domain.generations import run_generation
from chatelier.domain.mailing import run_mail
from chatelier.domain.replies import run_reply
from chatelier.services import Services


def register(workers: queue.Workers, services: Services) -> None:
    async def paint(attempt_id: str) -> None:
        await run_generation(services, UUID(attempt_id))

    async def reply(attempt_id: str) -> None:
        await run_reply(services, UUID(attempt_id))

    async def export(export_id: str) -> None:
        await exports.run_export(services, UUID(export_id))

    async def mail(mail_id: str) -> None:
        await run_mail(services, UUID(mail_id))

    workers.register(queue.PICTURES, attempts.PAINT, paint)
    workers.register(queue.REPLIES, attempts.REPLY, reply)
    workers.register(queue.REPLIES, exports.EXPORT, export)
    workers.register(queue.MAILS, mails.MAIL, mail)
