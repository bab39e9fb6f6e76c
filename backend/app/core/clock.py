"""The one place that reads the wall clock; pure code takes `now` as an argument."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present as an aware UTC time."""
    return datetime.now(UTC)
