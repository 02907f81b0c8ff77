"""What has time: the trash is emptied of what has been there for long, images from before get their words, old
mails, addresses and sign-ins go, objects that no row names leave the store, what was spent is summed up and once a
night checked. Every worker process does it now and then; batches are taken under locks that others skip."""

from __future__ import annotations

from chatelier.domain.mailing import forget_old_mails
from chatelier.domain.retention import forget_expired
from chatelier.domain.search import write_missing
from chatelier.domain.spend.drift import check_books
from chatelier.domain.spend.sums import sum_up
from chatelier.domain.throttle.sign_ins import forget_old
from chatelier.domain.trash import purge_expired
from chatelier.services import Services
from chatelier.storage.outbox import sweep_objects

UPKEEP_SECONDS = 60.0


async def upkeep(services: Services) -> None:
    while await write_missing(services):
        pass
    await purge_expired(services)
    await forget_old_mails(services)
    await forget_old(services)
    await forget_expired(services)
    await sum_up(services)
    await check_books(services)
    await sweep_objects(services.sessions)
