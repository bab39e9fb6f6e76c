"""Comparables from CSV files: merged in batches, each a short transaction of its own.

Importing the same file again changes nothing: a row is known by its `external_id`, else by what it
says. Equal rows are therefore one comparable; sales that only look alike need an `external_id` or
different `sold_at`. A batch is stored whole or not at all, so an import that was cut off is finished by
importing again.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.core.ids import new_id
from app.core.metrics import COMPS_STORED
from app.db.models import Comp
from app.db.session import Session, transaction
from app.domain.comp_csv import CompRow, RowError, UnusableHeader, read_rows
from app.domain.source_policy import IMPORT_PREFIX, licence_of
from app.errors import InvalidInput, NotFound
from app.services import audit, jobs
from app.services.audit import Actor

BATCH: Final = 5_000
MAX_ERRORS: Final = 1_000
CUT_OFF_AFTER_S: Final = 120.0
"""So long after its last batch an import counts as cut off, and what it brought is put to use."""

CLOCK_SLACK: Final = timedelta(days=1)
"""Dates without a time or a zone may lie ahead of ours by a day."""

_COLUMNS: Final = (
    "kind",
    "title",
    "price_cents",
    "shipping_cents",
    "currency",
    "condition",
    "category_id",
    "sold_at",
    "licence",
)
_STAGED: Final = ("id", "external_id", *_COLUMNS, "stated_at")

_STAGE = sa.text("""
create temporary table if not exists incoming_rows (
    id uuid, external_id text, kind text, title text, price_cents bigint, shipping_cents bigint,
    currency text, condition text, category_id text, sold_at timestamptz, licence text,
    stated_at timestamptz
) on commit delete rows
""")
_COPY: Final = f"copy incoming_rows ({', '.join(_STAGED)}) from stdin"


def _list(prefix: str) -> str:
    return ", ".join(f"{prefix}.{name}" for name in _COLUMNS)


_LOOK_UP_EACH = sa.text(
    "set local enable_hashjoin = off; set local enable_mergejoin = off;"
    " set local enable_seqscan = off; set local enable_bitmapscan = off;"
    " set local enable_material = off"
)
"""Every row is looked up by its key. The planner knows nothing of a temporary table and little of a young
import; left alone it reads the whole import for every batch."""

_MERGE = sa.text(f"""
with known as materialized (
    select i.*, c.id as comp_id, c.category_id as old_category_id,
        ({_list("c")}, c.observed_at)
            is distinct from ({_list("i")}, coalesce(i.stated_at, c.observed_at)) as differs
    from incoming_rows i
    left join comps c on c.source = :source and c.external_id = i.external_id
), changed as (
    update comps c
    set ({", ".join(_COLUMNS)}) = row({_list("k")}),
        observed_at = coalesce(k.stated_at, c.observed_at), changed_at = clock_timestamp()
    from known k
    where c.id = k.comp_id and k.differs
    returning c.category_id, k.old_category_id
), added as (
    insert into comps (id, source, external_id, {", ".join(_COLUMNS)}, observed_at, changed_at)
    select id, :source, external_id, {", ".join(_COLUMNS)}, coalesce(stated_at, :now),
        clock_timestamp()
    from known where comp_id is null
    order by external_id
    returning category_id
)
select
    (select count(*) from added) as stored,
    (select count(*) from changed) as updated,
    array(
        select category_id from added union select category_id from changed
        union select old_category_id from changed
    ) as categories
""")


@dataclass(slots=True)
class ImportReport:
    """What became of a file's rows; `read` is the sum of the other counts.

    `errors`: the first MAX_ERRORS refusals. `job_id`: the job that has listings valued again, None
    when nothing was new or different.
    """

    read: int = 0
    stored: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    errors: list[RowError] = field(default_factory=list)
    job_id: UUID | None = None


def import_rows(
    lines: Iterable[str],
    *,
    name: str,
    currency: str,
    category: str = "",
    actor: Actor | None = None,
    now: datetime,
) -> ImportReport:
    """Store a file's comparables as the import `name`; opens transactions of its own.

    With an `actor` the audit log has it: with the first batch that it has begun, with the last what it
    brought in all; one note for a file of one batch. Rows without a currency or category get those given here. InvalidInput when the header cannot be
    used; whatever `lines` raises passes through, and whole batches before it stay.
    """
    run = _Run(name, category, actor, now)
    try:
        for row in read_rows(lines, default_currency=currency, not_after=now + CLOCK_SLACK):
            run.take(row)
    except UnusableHeader as why:
        fault = {"loc": ["body", 1], "msg": str(why), "type": "unusable_header"}
        raise InvalidInput(str(why), errors=[fault]) from why
    run.finish()
    return run.report


class _Run:
    """One import on its way: at most a batch of rows is held."""

    def __init__(self, name: str, category: str, actor: Actor | None, now: datetime) -> None:
        self.report = ImportReport()
        self._name = name
        self._source = f"{IMPORT_PREFIX}{name}"
        self._actor = actor
        self._begun = False
        self._category = category
        self._now = now
        self._batch: dict[str, tuple[Any, ...]] = {}
        self._touched: set[str] = set()

    def take(self, row: CompRow | RowError) -> None:
        """Count a row; keep it for the batch, which is stored when full."""
        self.report.read += 1
        if isinstance(row, RowError):
            self.report.rejected += 1
            if len(self.report.errors) < MAX_ERRORS:
                self.report.errors.append(row)
            return
        key, values = _staged(self._source, row, self._category)
        before = self._batch.get(key)
        if before is not None:
            self.report.unchanged += before == values
            self.report.updated += before != values
        self._batch[key] = values
        if len(self._batch) >= BATCH:
            self._store()

    def finish(self) -> None:
        """Store what is left, and have the listings valued now."""
        if self._batch:
            self._store(is_last=True)
        elif self._begun:
            with transaction() as session:
                self._note(session, is_last=True)
        if self._touched:
            with transaction() as session:
                self._have_revalued(session, delay_s=0)

    def _store(self, *, is_last: bool = False) -> None:
        report = self.report
        with transaction() as session:
            stored, updated, categories = _merge(session, self._source, self._batch, now=self._now)
            if categories:
                self._touched.update(categories)
                self._have_revalued(session, delay_s=CUT_OFF_AFTER_S)
            report.stored += stored
            report.updated += updated
            report.unchanged += len(self._batch) - stored - updated
            if is_last or not self._begun:
                self._note(session, is_last=is_last)
        self._begun = True
        self._batch.clear()
        COMPS_STORED.labels("import").inc(stored + updated)

    def _note(self, session: Session, *, is_last: bool) -> None:
        if self._actor is None:
            return
        report = self.report
        audit.note(
            session,
            "admin.comps_imported",
            self._actor,
            subject=self._name,
            details={
                "finished": is_last,
                "stored": report.stored,
                "updated": report.updated,
                "unchanged": report.unchanged,
                "rejected": report.rejected,
            },
            now=self._now,
        )

    def _have_revalued(self, session: Session, *, delay_s: float) -> None:
        """One job for the whole import, from its first batch on, put off until the import is through."""
        payload = {"categories": sorted(self._touched)}
        job_id = self.report.job_id
        if job_id is None or not jobs.amend(session, job_id, payload, delay_s=delay_s):
            job = jobs.enqueue(session, "revalue", payload, now=self._now, delay_s=delay_s)
            self.report.job_id = job.id


def store_rows(
    session: Session, rows: Iterable[CompRow], *, name: str, category: str = "", now: datetime
) -> int:
    """Store rows as the import `name` in the caller's transaction; gives how many comparables are new.

    Has nothing valued again: for who looks at the store within this transaction.
    """
    source = f"{IMPORT_PREFIX}{name}"
    stored, batch = 0, dict[str, tuple[Any, ...]]()
    for row in rows:
        key, values = _staged(source, row, category)
        batch[key] = values
        if len(batch) >= BATCH:
            stored += _merge(session, source, batch, now=now)[0]
            batch.clear()
    return stored + (_merge(session, source, batch, now=now)[0] if batch else 0)


def _staged(source: str, row: CompRow, category: str) -> tuple[str, tuple[Any, ...]]:
    """A row's key, and its values as they are copied; rows without a category get `category`."""
    values = (
        row.kind,
        row.title,
        row.price_cents,
        row.shipping_cents,
        row.currency,
        row.condition,
        row.category or category,
        row.sold_at,
        licence_of(source, row.kind).id,
        None if row.sold_at else row.listed_at,
    )
    return row.external_id or _fingerprint(values[:8]), values


def _merge(
    session: Session, source: str, batch: dict[str, tuple[Any, ...]], *, now: datetime
) -> tuple[int, int, list[str]]:
    connection = session.connection()
    connection.execute(
        sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(source, 0)))
    )
    connection.execute(_LOOK_UP_EACH)
    connection.execute(_STAGE)
    connection.execute(sa.text("truncate incoming_rows"))
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        for key, values in batch.items():
            copy.write_row((new_id(), key, *values))
    stored, updated, categories = connection.execute(_MERGE, {"source": source, "now": now}).one()
    return stored, updated, categories


def _fingerprint(values: tuple[Any, ...]) -> str:
    """The name of a row that has none: what it says."""
    told = "\x1f".join("" if value is None else str(value) for value in values)
    return "row:" + hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


def request_removal(session: Session, name: str, *, now: datetime) -> UUID:
    """Queue the deletion of an import. NotFound when there is none of that name."""
    source = f"{IMPORT_PREFIX}{name}"
    known = session.scalar(sa.select(Comp.id).where(Comp.source == source).limit(1))
    if known is None:
        raise NotFound("No import has this name.")
    return jobs.enqueue_once(session, "forget_import", {"name": name}, now=now).id
