"""Logging: one line an event, for people or as JSON, with the request's or job's id; secrets never get in."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog

# API keys of ours and of providers, bearer headers, passwords inside addresses, one-time codes in queries.
_SECRET = re.compile(
    r"""(?:chk_|sk-)[\w-]{8,} | (?<=[Bb]earer\ )[^\s"']{8,} | (?<=://)[^/\s:@]*:[^/\s@]+(?=@)"""
    r""" | (?<=[?&]code=)[^&\s"']+ | (?<=[?&]token=)[^&\s"']+""",
    re.VERBOSE,
)
_QUIET = ("procrastinate", "uvicorn", "alembic", "httpx", "httpx2", "httpcore", "httpcore2", "openai")

log = structlog.get_logger()


def configure(level: str = "info", *, as_json: bool = False) -> None:
    """Send everything, the libraries' own lines included, to standard error. Called once per process."""
    threshold = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.processors.format_exc_info] if as_json else []),
            structlog.processors.JSONRenderer() if as_json else _for_people(),
            _hide_secrets,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Forward()], level=max(threshold, logging.INFO), force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))


def _for_people() -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
    )


def _hide_secrets(_logger: Any, _method: str, line: Any) -> str:
    """The last step: ``line`` is what the renderer made, tracebacks included."""
    return _SECRET.sub("…", str(line))


class _Forward(logging.Handler):
    """Hands what libraries log through the standard module to the same renderer."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            log.log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info or None)
        except Exception:
            self.handleError(record)
