"""Measures of an engine's work: connections in use, and how long statements take by their verb."""

from time import perf_counter
from typing import Any, Final

from sqlalchemy import Engine, event

from app.core.metrics import DB_POOL_IN_USE, DB_QUERY_DURATION

VERBS: Final = frozenset({"select", "insert", "update", "delete", "copy", "with"})


def observe(engine: Engine, *, pool: str) -> None:
    """Count the engine's connections as `pool`, and time its statements."""
    in_use = DB_POOL_IN_USE.labels(pool)

    @event.listens_for(engine, "checkout")
    def _taken(*_: Any) -> None:
        in_use.inc()

    @event.listens_for(engine, "checkin")
    def _given_back(*_: Any) -> None:
        in_use.dec()

    @event.listens_for(engine, "before_cursor_execute")
    def _begun(_: Any, __: Any, ___: str, ____: Any, context: Any, _____: bool) -> None:
        if context is not None:
            context.deal_scout_began = perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def _done(_: Any, __: Any, statement: str, ____: Any, context: Any, _____: bool) -> None:
        began = getattr(context, "deal_scout_began", None)
        if began is not None:
            DB_QUERY_DURATION.labels(_verb(statement)).observe(perf_counter() - began)


def _verb(statement: str) -> str:
    """The statement's first word when it is one of a few; a label must stay bounded."""
    word = statement.lstrip()[:8].split(None, 1)[0].lower() if statement.strip() else ""
    return word if word in VERBS else "other"
