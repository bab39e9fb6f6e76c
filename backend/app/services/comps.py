"""The store of comparable sales: filling it from marketplaces, and forgetting what may no longer be kept.

`services/markets` lends it out as markets that listings are valued in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.core.ids import new_id
from app.core.metrics import COMPS_STORED
from app.db.models import Category, Comp, Job, ScanPlanEntry, Source
from app.db.session import Session
from app.domain.source_policy import licence_of, policy_of
from app.ports import SearchQuery, SoldItem
from app.services import jobs, models, revaluing, spells

OVERLAP = timedelta(days=2)
PAGE = 200
MAX_SALES = 10_000
FORGOTTEN_AT_ONCE = 5_000

_STAGE = sa.text("""
create temporary table if not exists incoming_comps (
    id uuid, source text, external_id text, kind text, title text, price_cents bigint,
    shipping_cents bigint, currency text, condition text, category_id text, sold_at timestamptz,
    licence text, expires_at timestamptz
) on commit delete rows
""")

_COPY = """
copy incoming_comps (
    id, source, external_id, kind, title, price_cents, shipping_cents, currency, condition,
    category_id, sold_at, licence, expires_at
) from stdin
"""

_MERGE = sa.text("""
insert into comps as c (
    id, source, external_id, kind, title, price_cents, shipping_cents, currency, condition,
    category_id, sold_at, observed_at, changed_at, licence, expires_at)
select id, source, external_id, kind, title, price_cents, shipping_cents, currency, condition,
    category_id, sold_at, :now, :now, licence, expires_at
from incoming_comps order by source, external_id
on conflict (source, external_id) do update
set title = excluded.title, price_cents = excluded.price_cents,
    shipping_cents = excluded.shipping_cents, currency = excluded.currency,
    condition = excluded.condition, category_id = excluded.category_id,
    sold_at = excluded.sold_at, changed_at = excluded.changed_at,
    licence = excluded.licence, expires_at = excluded.expires_at
where (c.title, c.price_cents, c.shipping_cents, c.currency, c.condition, c.category_id, c.sold_at)
    is distinct from (excluded.title, excluded.price_cents, excluded.shipping_cents,
        excluded.currency, excluded.condition, excluded.category_id, excluded.sold_at)
returning category_id
""")


@dataclass(frozen=True, slots=True)
class Ask:
    """One question for past sales."""

    words: str
    category_id: str
    since: datetime | None

    @property
    def key(self) -> str:
        """The question's name, whatever it asks since."""
        return f"category {self.category_id}" if self.category_id else f"words {self.words}"

    def page(self, offset: int) -> SearchQuery:
        """The question's page at `offset`."""
        return SearchQuery(
            words=self.words,
            category_id=self.category_id,
            listed_since=self.since,
            offset=offset,
            limit=PAGE,
        )


def refresh_plan(session: Session, source: str) -> list[Ask]:
    """What to ask a source for: each category of the scan plan since its newest known sale, less an overlap.

    Entries of words without a category are asked as words. Categories with listings waiting come first.
    """
    newest = dict(
        session.execute(
            sa.select(Comp.category_id, sa.func.max(Comp.sold_at))
            .where(Comp.source == source, Comp.kind == "sold")
            .group_by(Comp.category_id)
        ).all()
    )
    entries = session.execute(
        sa.select(ScanPlanEntry.query, ScanPlanEntry.category_id, ScanPlanEntry.priority)
        .where(ScanPlanEntry.source == source, ScanPlanEntry.enabled)
        .order_by(ScanPlanEntry.priority, ScanPlanEntry.category_id, ScanPlanEntry.query)
    )
    asks: dict[tuple[str, str], Ask] = {}
    for words, category_id, _ in entries:
        key = ("", category_id) if category_id else (words, "")
        since = newest.get(category_id)
        asks.setdefault(key, Ask(*key, None if since is None else since - OVERLAP))
    return sorted(asks.values(), key=lambda ask: ask.since is not None)


def store_sales(session: Session, sales: Sequence[SoldItem], *, now: datetime) -> set[str]:
    """Store sales once each, by (source, id); gives the categories in which anything is new or changed.

    Sales older than the source's policy lets us keep are left out.
    """
    rows = {(sale.source, sale.external_id): sale for sale in sales}
    kept = [s for s in rows.values() if s.sold_at + policy_of(s.source).comps_max_age > now]
    if not kept:
        return set()
    session.flush()
    connection = session.connection()
    connection.execute(_STAGE)
    connection.execute(sa.text("truncate incoming_comps"))
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        for sale in kept:
            copy.write_row(_row(sale))
    changed = [row.category_id for row in connection.execute(_MERGE, {"now": now})]
    spells.note_sold(session, kept)
    COMPS_STORED.labels(kept[0].source).inc(len(changed))
    return set(changed)


def _row(sale: SoldItem) -> tuple[Any, ...]:
    licence = licence_of(sale.source, "sold")
    return (
        new_id(),
        sale.source,
        sale.external_id,
        "sold",
        sale.title,
        sale.price_cents,
        sale.shipping_cents,
        sale.currency,
        sale.condition,
        sale.category_id,
        sale.sold_at,
        licence.id,
        None if licence.keep_for is None else sale.sold_at + licence.keep_for,
    )


def forget_expired(session: Session, *, now: datetime, limit: int = FORGOTTEN_AT_ONCE) -> int:
    """Delete some of what may no longer be kept; gives how many, 0 when nothing is left."""
    return _forget(session, Comp.expires_at <= now, now=now, limit=limit)


def forget_source(
    session: Session, source: str, *, now: datetime, limit: int = FORGOTTEN_AT_ONCE
) -> int:
    """Delete some comparables of a source, of one category at a time; gives how many, 0 at the end.

    Models that were fitted from them are withdrawn at once.
    """
    chosen = Comp.source == source
    category = session.scalar(sa.select(sa.func.min(Comp.category_id)).where(chosen))
    if category is not None:
        models.withdraw(session, category_id=category, now=now)
    return _forget(session, chosen, now=now, limit=limit)


def _forget(session: Session, chosen: sa.ColumnElement[bool], *, now: datetime, limit: int) -> int:
    """A chunk of a category; with its last one the category's listings are to be valued again.

    So a category that has anything left to delete is one whose listings have not been asked for.
    """
    category = session.scalar(sa.select(sa.func.min(Comp.category_id)).where(chosen))
    if category is None:
        return 0
    ids = sa.select(Comp.id).where(chosen, Comp.category_id == category).limit(limit + 1)
    found = session.scalars(ids).all()
    session.execute(
        sa.delete(Comp)
        .where(Comp.id.in_(found[:limit]))
        .execution_options(synchronize_session=False)
    )
    if len(found) <= limit:
        revaluing.request(session, {category}, now=now)
    return min(len(found), limit)


def note_refreshed(session: Session, source: str, *, now: datetime) -> None:
    """Remember when the source's sales were last read to the end, and that they may be read."""
    session.execute(sa.update(Source).where(Source.id == source).values(comps_refreshed_at=now))
    note_sales_state(session, source, "granted", None, now=now)


def note_sales_state(
    session: Session, source: str, state: str, reason: str | None, *, now: datetime
) -> None:
    """Remember whether the source lets us read past sales: granted, or not_granted with the reason."""
    row = session.get_one(Source, source, with_for_update=True)
    if row.sales_state != state:
        row.sales_state_since = now
    row.sales_state, row.sales_reason = state, reason
    session.flush()


def note_choice(session: Session, source: str, *, permitted: bool) -> None:
    """Remember the choice that the stored comparables of a source now follow."""
    session.execute(
        sa.update(Source).where(Source.id == source).values(pricing_permitted=permitted)
    )


def follow_choice(session: Session, *, permitted: bool, now: datetime) -> Job | None:
    """Queue a refresh when the owner's choice is another than the stored comparables follow.

    Where permission has ended, the refresh deletes them; either way everything is valued again.
    """
    changed = session.scalars(
        sa.update(Source)
        .where(Source.pricing_permitted.is_not(None), Source.pricing_permitted != permitted)
        .values(pricing_permitted=permitted)
        .returning(Source.id)
    ).all()
    return request_refresh(session, now=now) if changed else None


def request_refresh(session: Session, *, now: datetime) -> Job:
    """Queue a refresh of all comparables, after which every live listing is valued again."""
    return jobs.enqueue_once(session, "refresh_comps", {"revalue": "all"}, now=now)


@dataclass(frozen=True, slots=True)
class Holding:
    """How many comparables there are of one source, kind and category; `newest_at`: the last of them."""

    source: str
    kind: str
    category_id: str
    category_name: str | None
    licence: str
    comps: int
    newest_at: datetime


def list_holdings(session: Session) -> Sequence[Holding]:
    """The whole store, counted by source, kind and category, in that order."""
    names = (
        sa.select(Category.id, sa.func.min(Category.name).label("name"))
        .group_by(Category.id)
        .subquery()
    )
    counted = (
        sa.select(
            Comp.source,
            Comp.kind,
            Comp.category_id,
            Comp.licence,
            sa.func.count().label("comps"),
            sa.func.max(sa.func.coalesce(Comp.sold_at, Comp.observed_at)).label("newest_at"),
        )
        .group_by(Comp.source, Comp.kind, Comp.category_id, Comp.licence)
        .subquery()
    )
    rows = session.execute(
        sa.select(counted, names.c.name)
        .outerjoin(names, names.c.id == counted.c.category_id)
        .order_by(counted.c.source, counted.c.kind, counted.c.category_id, counted.c.licence)
    )
    return [
        Holding(
            source=row.source,
            kind=row.kind,
            category_id=row.category_id,
            category_name=row.name,
            licence=row.licence,
            comps=row.comps,
            newest_at=row.newest_at,
        )
        for row in rows
    ]
