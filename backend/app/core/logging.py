"""Structured logs: one JSON object per line, carrying the request's or job's correlation id.

Standard library loggers (uvicorn, celery, sqlalchemy) go through the same processors, so that
every line of every process has the same shape. Values that look like secrets never get through.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from logging.handlers import WatchedFileHandler
from typing import Any

import orjson
import structlog
from structlog.contextvars import bind_contextvars, get_contextvars, unbind_contextvars

from app.core.settings import Settings

__all__ = ["bind_correlation_id", "configure_logging", "correlation_id", "unbind_correlation_id"]

SAFE_ID = re.compile(r"^[A-Za-z0-9_-]{8,64}$")
SECRET_NAMES = re.compile(r"(authorization|password|secret|token|api_key|cookie|set-cookie)", re.I)
SECRET_IN_URL = re.compile(r"(://[^:/@\s]*:)[^@/\s]+@")
REDACTED = "[redacted]"


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
    # Access lines are JSON already: one per request, on the hot path, so they skip the processors.
    access = logging.getLogger("deal_scout.access")
    access.handlers, access.propagate = [_handler(settings)], False
    access.setLevel(settings.log_level)
    for noisy in ("httpx", "httpcore", "botocore", "boto3", "urllib3", "s3transfer", "kombu"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for own in ("uvicorn", "uvicorn.error", "uvicorn.access", "celery"):
        logger = logging.getLogger(own)
        logger.handlers = []
        logger.propagate = True
