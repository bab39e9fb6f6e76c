"""Structured logs: one JSON object per line, carrying the request's or job's correlation id.

Standard library loggers (uvicorn, celery, sqlalchemy) go through the same processors, so that
every line of every process has the same shape. Values that look like secrets never get through.
"""

import logging
import os
import re
import sys
from collections.abc import MutableMapping
from logging.handlers import WatchedFileHandler
from pathlib import Path
from time import monotonic
from typing import Any

import orjson
import structlog
from structlog.contextvars import bind_contextvars, get_contextvars, unbind_contextvars

from app.core.settings import Settings

__all__ = [
    "access_log",
    "bind_correlation_id",
    "configure_logging",
    "correlation_id",
    "unbind_correlation_id",
]

SAFE_ID = re.compile(r"^[A-Za-z0-9_-]{8,64}$")
SECRET_NAMES = re.compile(r"(authorization|password|secret|token|api_key|cookie|set-cookie)", re.I)
SECRET_IN_URL = re.compile(r"(://[^:/@\s]*:)[^@/\s]+@")
REDACTED = "[redacted]"
STDERR = 2


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
    """Blank the values of secret-looking keys and passwords inside addresses."""
    for key, value in event.items():
        if SECRET_NAMES.search(key):
            event[key] = REDACTED
        elif isinstance(value, str) and "://" in value:
            event[key] = SECRET_IN_URL.sub(rf"\1{REDACTED}@", value)
    return event


def _to_json(value: Any, **_: Any) -> str:
    return orjson.dumps(value, default=str).decode()


class AccessLog:
    """One finished JSON line per request, straight to the log: the hot path skips the processors.

    A log file that was moved away or removed is opened anew, within a second.
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._descriptor = STDERR
        self._enabled = False
        self._looked_at = 0.0

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
        os.write(self._descriptor, line)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


access_log = AccessLog()
"""The process's access log."""


def _handler(settings: Settings) -> logging.Handler:
    if settings.log_file:
        return WatchedFileHandler(settings.log_file)
    return logging.StreamHandler(sys.stderr)


def configure_logging(settings: Settings) -> None:
    """Send every log line of this process to LOG_FILE, else to stderr."""
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
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
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
