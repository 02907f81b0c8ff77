"""Probes for whoever watches over the server, and counts for Prometheus."""

from __future__ import annotations

import asyncio
import ipaddress

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from chatelier.db.models import Role
from chatelier.domain.health import check_database, measure_load
from chatelier.errors import Forbidden
from chatelier.services import Services
from chatelier.web import metrics
from chatelier.web.cookies import client_address
from chatelier.web.deps import ServicesDep, find_caller

DATABASE_SECONDS = 3.0
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def live() -> Response:
    """The process answers."""
    return PlainTextResponse("ok")


@router.get("/readyz")
async def ready(request: Request, services: ServicesDep) -> Response:
    """Database, listener and worker are there; else 503 and what is missing."""
    missing = [name for name, is_well in (await _look(request, services)).items() if not is_well]
    return PlainTextResponse(f"not ready: {', '.join(missing)}" if missing else "ok", 503 if missing else 200)


@router.get("/metrics")
async def show_metrics(request: Request, services: ServicesDep) -> Response:
    """On loopback, or with an admin's API key."""
    if not _is_local(request):
        user = await find_caller(request)
        if user is None or user.role != Role.ADMIN:
            raise Forbidden("Metrics are for this machine itself, or for an admin's API key.")
    async with services.transaction() as db:
        load = await measure_load(db)
    gauges = {
        "chatelier_generations_queued": ("Generations waiting.", load.queued),
        "chatelier_generations_running": ("Generations being painted.", load.running),
        "chatelier_attempts_unknown": ("Attempts whose outcome nobody knows.", load.unknown),
        "chatelier_subscriptions": ("Topics that open pages of this process follow.", services.hub.size),
    }
    return Response(metrics.exposition(gauges), media_type="text/plain; version=0.0.4; charset=utf-8")


async def _look(request: Request, services: Services) -> dict[str, bool]:
    has_worker = not services.settings.worker or services.workers_alive.is_set()
    stopping = request.app.state.stopping.is_set()
    return {
        "database": await _database_answers(services),
        "listener": services.hub.alive,
        "worker": has_worker,
        "shutting down": not stopping,
    }


async def _database_answers(services: Services) -> bool:
    try:
        async with asyncio.timeout(DATABASE_SECONDS), services.transaction() as db:
            await check_database(db)
    except Exception:
        return False
    return True


def _is_local(request: Request) -> bool:
    """Asked from this machine, and not through a proxy on it."""
    try:
        peer = ipaddress.ip_address(client_address(request))
    except ValueError:
        return False
    return peer.is_loopback and not any(name in request.headers for name in FORWARDED)
