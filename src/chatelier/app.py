"""The whole wiring on one page: what is opened, what every request passes, which doors there are."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from chatelier import __version__
from chatelier.api.compatible.routes import router as compatible
from chatelier.api.routes import router as api
from chatelier.config import Settings
from chatelier.db.tasks import end_task
from chatelier.domain import stored_providers
from chatelier.domain.setup import setup_code
from chatelier.domain.stores import served_written_down
from chatelier.domain.throttle.rates import counting
from chatelier.domain.trash import MOST
from chatelier.providers.refresh import kept_fresh
from chatelier.services import Services, open_services
from chatelier.web import health, reference
from chatelier.web.errors import on_http_exception, on_validation_error
from chatelier.web.middleware import BodyLimit, CrossSiteGuard, Errors, RequestLog, SecurityHeaders
from chatelier.web.routes import router as pages
from chatelier.web.short_way import ShortWay
from chatelier.worker import run_worker

DOORS = (health.router, reference.router, api, compatible, pages)
FORM_FIELDS = 4 * MOST  # a picture selected in the gallery is one, and too many of them deserve a sentence
FORM_FILES = 16
COMPRESSION = 5  # of 9: pages are made anew each time

Say = Callable[[str], None]


def create_app(settings: Settings, *, say: Say = lambda _: None) -> FastAPI:
    """The application. Its lifespan opens the services and, with ``settings.worker``, runs the worker.
    ``app.state``: settings, services, setup_code (None when setup is done) and stopping, which ends open streams."""
    app = FastAPI(
        title="Chatelier",
        version=__version__,
        lifespan=lambda app: _open(app, settings, say),
        middleware=[
            Middleware(RequestLog),
            Middleware(SecurityHeaders),
            Middleware(GZipMiddleware, compresslevel=COMPRESSION),  # leaves images and event streams alone
            Middleware(Errors),
            Middleware(ShortWay),
            Middleware(CrossSiteGuard),
            Middleware(BodyLimit, upload_bytes=settings.upload_bytes),
        ],
        exception_handlers={HTTPException: on_http_exception, RequestValidationError: on_validation_error},
        form_limits={"max_fields": FORM_FIELDS, "max_files": FORM_FILES},
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.stopping = asyncio.Event()
    for door in DOORS:
        app.router.routes.extend(door.routes)  # include_router would build all of them a second time: 60 ms of a start
    return app


@contextlib.asynccontextmanager
async def _open(app: FastAPI, settings: Settings, say: Say) -> AsyncIterator[None]:
    async with open_services(settings, serves=True, say=say) as services:
        app.state.services = services
        async with services.transaction() as db:
            app.state.setup_code = await setup_code(db)
        await stored_providers.refresh(services)
        worker = _worker(services, app.state.stopping) if settings.worker else contextlib.nullcontext()
        rates = counting(services, say=say)
        async with kept_fresh() as keep, served_written_down(services), rates, worker:
            keep(services.providers.images.values())
            follow = stored_providers.follow(services, changed=lambda: keep(services.providers.images.values()))
            following = asyncio.create_task(follow, name="providers")
            try:
                yield
            finally:
                app.state.stopping.set()
                await end_task(following)


@contextlib.asynccontextmanager
async def _worker(services: Services, stopping: asyncio.Event) -> AsyncIterator[None]:
    """The worker beside the web server. It begins to stop when the streams do, not after the last one has gone."""
    worker = asyncio.create_task(run_worker(services), name="worker")
    ending = asyncio.create_task(_end_when(stopping, worker), name="end of the worker")
    try:
        yield
    finally:
        await ending  # the lifespan has set ``stopping`` by now


async def _end_when(stopping: asyncio.Event, worker: asyncio.Task[None]) -> None:
    await stopping.wait()
    await end_task(worker)
