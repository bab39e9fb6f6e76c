"""The plan of scans: what to ask each source for, as rows that an admin can see and change.

An entry is words, a category, or both. Equal questions are one entry, however many people ask.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.core.ids import new_id
from app.db.models import Category, ScanPlanEntry, Source
from app.db.session import Session
from app.domain.ebay_categories import DEFAULT_CATEGORIES
from app.domain.source_policy import POLICIES
from app.errors import Conflict, InvalidInput, NotFound

MAX_QUERY_LENGTH: Final = 100

_NEVER: Final = sa.func.coalesce(ScanPlanEntry.last_run_at, sa.func.to_timestamp(0))


def list_entries(session: Session, *, source: str | None = None) -> Sequence[ScanPlanEntry]:
    """Every entry in the order in which a cycle spends its calls: by priority, longest unscanned first."""
    statement = sa.select(ScanPlanEntry).order_by(ScanPlanEntry.priority, _NEVER, ScanPlanEntry.id)
    if source is not None:
        statement = statement.where(ScanPlanEntry.source == source)
    return session.scalars(statement).all()


def enabled_entries(session: Session, source: str) -> Sequence[ScanPlanEntry]:
    """The entries that a scan of this source works through."""
    return [entry for entry in list_entries(session, source=source) if entry.enabled]


def create_entry(
    session: Session,
    *,
    source: str,
    query: str = "",
    category_id: str = "",
    priority: int = 100,
    enabled: bool = True,
    now: datetime,
) -> ScanPlanEntry:
    """Ask for something more. Conflict when the plan asks for just that already."""
    if source not in POLICIES:
        raise InvalidInput(
            f"Unknown source {source!r}.",
            errors=[{"loc": ["body", "source"], "msg": "unknown source", "type": "value_error"}],
        )
    words = normal_query(query)
    category = category_id.strip()
    if not words and not category:
        raise InvalidInput(
            "Give words or a category to scan for.",
            errors=[{"loc": ["body", "query"], "msg": "words or category", "type": "value_error"}],
        )
    entry: ScanPlanEntry | None = session.scalar(
        insert(ScanPlanEntry)
        .values(
            id=new_id(),
            source=source,
            query=words,
            category_id=category,
            priority=priority,
            enabled=enabled,
            sweep_offset=0,
            created_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing(index_elements=["source", "query", "category_id"])
        .returning(ScanPlanEntry)
    )
    if entry is None:
        raise Conflict("The plan has this entry already.")
    return entry


def update_entry(
    session: Session,
    entry_id: UUID,
    *,
    priority: int | None = None,
    enabled: bool | None = None,
    now: datetime,
) -> ScanPlanEntry:
    """Change what is given. NotFound when there is no such entry."""
    entry = _get(session, entry_id)
    if priority is not None:
        entry.priority = priority
    if enabled is not None:
        entry.enabled = enabled
    entry.updated_at = now
    session.flush()
    return entry


def delete_entry(session: Session, entry_id: UUID) -> ScanPlanEntry:
    """Ask for it no longer; gives what it was. NotFound when there is no such entry."""
    entry = _get(session, entry_id)
    session.delete(entry)
    session.flush()
    return entry


def seed(session: Session, source: str, *, now: datetime) -> bool:
    """Register the source with its default plan, the first time it is scanned. True when this did it.

    Done once per source: a plan that an admin has emptied stays empty.
    """
    registered = session.scalar(
        insert(Source)
        .values(id=source, state="starting", state_since=now, recent_cycles=[])
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(Source.id)
    )
    if registered is None or source != "ebay":
        return registered is not None
    entries = [
        {
            "id": new_id(),
            "source": source,
            "query": "",
            "category_id": category_id,
            "priority": 100,
            "enabled": True,
            "sweep_offset": 0,
            "created_at": now,
            "updated_at": now,
        }
        for category_id in DEFAULT_CATEGORIES
    ]
    session.execute(insert(ScanPlanEntry).values(entries).on_conflict_do_nothing())
    names = [
        {"source": source, "id": category_id, "name": name}
        for category_id, name in sorted(DEFAULT_CATEGORIES.items())
    ]
    session.execute(insert(Category).values(names).on_conflict_do_nothing())
    return True


def normal_query(words: str) -> str:
    """Words as the plan keeps them, so that equal questions are equal: lower case, single spaces."""
    return " ".join(words.casefold().split())[:MAX_QUERY_LENGTH].strip()


def _get(session: Session, entry_id: UUID) -> ScanPlanEntry:
    entry = session.get(ScanPlanEntry, entry_id)
    if entry is None:
        raise NotFound("No such entry in the scan plan.")
    return entry
