"""Structured logs: one JSON object per line, carrying the request's or job's correlation id.

Standard library loggers (uvicorn, celery, sqlalchemy) go through the same processors, so that
every line of every process has the same shape. Secrets never get through (`core/redaction.py`).
"""

import logging
import os
import re
import sys
from collections.abc import MutableMapping
from logging.handlers import WatchedFileHandler
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any

import orjson
import structlog
from structlog.contextvars import bind_contextvars, get_contextvars, unbind_contextvars

from app.core.redaction import Blanker, clean_named
from app.core.settings import Settings

__all__ = [
    "access_log",
    "bind_correlation_id",
    "configure_logging",
    "correlation_id",
    "unbind_correlation_id",
]

SAFE_ID = re.compile(r"^[A-Za-z0-9_-]{8,64}$")
STDERR = 2
OWN_NAMES = frozenset({"timestamp", "level", "logger", "request_id", "_record", "_from_structlog"})
"""Written by ourselves; the last two are the library's, and gone before the line is made."""


def bind_correlation_id(value: str) -> None:
    """Carry `value` in every further log line of this context as `request_id`."""
    bind_contextvars(request_id=value)


def unbind_correlation_id() -> None:
    """Forget the correlation id of this context."""
    unbind_contextvars("request_id")


def correlation_id() -> str | None:
    """The correlation id of this context, for job rows and outgoing calls."""
    value: str | None = get_contextvars().get("request_id")
    return value


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank what stands under secret-looking names, and what looks like a secret in any text."""
    for key, value in event.items():
        if key not in OWN_NAMES:
            event[key] = clean_named(key, value)
    return event


def _to_json(value: Any, **_: Any) -> str:
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _without_known_secrets(_: Any, __: str, line: Any) -> Any:
    """The last step: the settings' own secrets are gone from the finished line."""
    return _blanker.text(line)


class AccessLog:
    """One finished JSON line per request, straight to the log: the hot path skips the processors.

    A log file that was moved away or removed is opened anew, within a second.
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._descriptor = STDERR
        self._enabled = False
        self._looked_at = 0.0
        self.blank = Blanker().line

    def open(self, path: Path | None, *, enabled: bool) -> None:
        """Write to `path` from now on, to standard error without one; nothing unless enabled."""
        if self._descriptor != STDERR:
            os.close(self._descriptor)
        self._path, self._enabled, self._descriptor = path, enabled, STDERR
        if path is not None:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)

    def write(self, line: bytes) -> None:
        """Append `line`, which ends in a newline, by one system call."""
        if not self._enabled:
            return
        if self._path is not None and monotonic() - self._looked_at > 1.0:
            self._looked_at = monotonic()
            if not _is_at(self._descriptor, self._path):
                self.open(self._path, enabled=True)
        os.write(self._descriptor, self.blank(line))


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


access_log = AccessLog()
"""The process's access log."""
_blanker = Blanker()


def _handler(settings: Settings) -> logging.Handler:
    if settings.log_file:
        return WatchedFileHandler(settings.log_file)
    return logging.StreamHandler(sys.stderr)


def configure_logging(settings: Settings) -> None:
    """Send every log line of this process to LOG_FILE, else to stderr; also of what ends it unforeseen."""
    global _blanker
    _blanker = Blanker(settings.secrets.values())
    access_log.blank = _blanker.line
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(serializer=_to_json)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = _handler(settings)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                renderer,
                _without_known_secrets,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level)
    access_log.open(settings.log_file, enabled=settings.log_level in ("DEBUG", "INFO"))
    for noisy in ("httpx", "httpcore", "botocore", "boto3", "urllib3", "s3transfer", "kombu"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for own in ("uvicorn", "uvicorn.error", "uvicorn.access", "celery"):
        logger = logging.getLogger(own)
        logger.handlers = []
        logger.propagate = True
        logger.setLevel(logging.NOTSET)  # LOG_LEVEL decides, whatever the library set
    sys.excepthook = _log_unforeseen


def _log_unforeseen(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """What ends the process goes through the log as well: Python's own traceback blanks nothing."""
    if issubclass(kind, Exception):
        logging.getLogger("deal_scout").critical("process.failed", exc_info=(kind, error, trace))
    else:
        sys.__excepthook__(kind, error, trace)
