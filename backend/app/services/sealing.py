"""Re-wrapping what is sealed under the current key, a few rows at a time.

A row that is under the current key already is not looked at, so an interrupted run goes on where it
stopped. Rows are locked while they are re-wrapped: what somebody writes meanwhile comes before or after.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from app.core.crypto import CryptoError, Sealer, sealed_under
from app.db.sealed import SealedColumn
from app.db.session import Session

BATCH: Final = 100


@dataclass(frozen=True, slots=True)
class Unopened:
    """A value that no key opens: where it is and why, never what."""

    table: str
    row: str
    column: str
    why: str


@dataclass(slots=True)
class Batch:
    """What one step has done; `last` is where the next begins, None when nothing is left."""

    rewrapped: int = 0
    unopened: list[Unopened] = field(default_factory=list)
    last: Any = None


def rewrap_next(
    session: Session, sealer: Sealer, where: SealedColumn, *, after: Any = None, limit: int = BATCH
) -> Batch:
    """Re-wrap the next rows past the id `after` that are under another key than the current one."""
    table, key, value = _columns(where)
    rows = (
        sa.select(key, value)
        .where(value.is_not(None), ~_begins_with(value, sealed_under(sealer.current)))
        .order_by(key)
        .limit(limit)
        .with_for_update()
    )
    if after is not None:
        rows = rows.where(key > after)
    found = [(row[0], bytes(row[1])) for row in session.execute(rows)]
    batch = Batch(last=found[-1][0] if len(found) == limit else None)
    for row_id, sealed in found:
        place = {"table": where.table, "row_id": row_id, "column": where.column}
        try:
            renewed = sealer.rewrap(sealed, **place)
        except CryptoError as error:
            batch.unopened.append(Unopened(where.table, str(row_id), where.column, str(error)))
            continue
        session.execute(sa.update(table).where(key == row_id).values({value: renewed}))
        batch.rewrapped += 1
    return batch


def count_current(session: Session, sealer: Sealer, where: SealedColumn) -> int:
    """How many values are under the current key."""
    table, _, value = _columns(where)
    under = _begins_with(value, sealed_under(sealer.current))
    return session.scalar(sa.select(sa.func.count()).select_from(table).where(under)) or 0


def _columns(
    where: SealedColumn,
) -> tuple[sa.TableClause, sa.ColumnClause[Any], sa.ColumnClause[bytes]]:
    key: sa.ColumnClause[Any] = sa.column(where.id_column)
    value = sa.column(where.column, sa.LargeBinary())
    return sa.table(where.table, key, value), key, value


def _begins_with(value: sa.ColumnClause[bytes], head: bytes) -> sa.ColumnElement[bool]:
    return sa.func.substring(value, 1, len(head)) == head
