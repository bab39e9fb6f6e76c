"""The store of comparable sales: filling it from marketplaces, forgetting what may no longer be kept,
and lending it out as markets that listings are valued in.

A market is one category's newest comparables of one kind, indexed in memory and kept per process as
long as the store has not changed. Comparable sets by title are shared between processes in the cache.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app.core.cache import Cache
from app.core.ids import new_id
from app.core.metrics import COMPS_STORED
from app.db.models import Comp, Job, Listing, ScanPlanEntry, Source
from app.db.session import Session
from app.domain import comparables
from app.domain.comparables import Market, Matches
from app.domain.source_policy import POLICIES, policy_of
from app.domain.titles import read_title
from app.domain.valuation import CANDIDATES
from app.ports import SearchQuery, SoldItem
from app.services import jobs

CACHE_SPACE = "comparables"
OVERLAP = timedelta(days=2)
PAGE = 200
MAX_SALES = 10_000
MAX_MARKET = 20_000
MAX_HELD = 120_000
MIN_MARKET = 30
TRUST = ("own_sale", "imported", "sold", "asking")
"""Kinds of comparables, the most trusted first; the first of which there are enough makes the market."""

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
    category_id, sold_at, observed_at, licence, expires_at)
select id, source, external_id, kind, title, price_cents, shipping_cents, currency, condition,
    category_id, sold_at, :now, licence, expires_at
from incoming_comps order by source, external_id
on conflict (source, external_id) do update
set title = excluded.title, price_cents = excluded.price_cents,
    shipping_cents = excluded.shipping_cents, currency = excluded.currency,
    condition = excluded.condition, category_id = excluded.category_id,
    sold_at = excluded.sold_at, observed_at = excluded.observed_at,
    licence = excluded.licence, expires_at = excluded.expires_at
where (c.title, c.price_cents, c.shipping_cents, c.currency, c.condition, c.category_id, c.sold_at)
    is distinct from (excluded.title, excluded.price_cents, excluded.shipping_cents,
        excluded.currency, excluded.condition, excluded.category_id, excluded.sold_at)
returning category_id
""")


# --- filling the store ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ask:
    """One question for past sales."""

    words: str
    category_id: str
    since: datetime | None

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
    COMPS_STORED.labels(kept[0].source).inc(len(changed))
    return set(changed)


def _row(sale: SoldItem) -> tuple[Any, ...]:
    policy = policy_of(sale.source)
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
        policy.source,
        sale.sold_at + policy.comps_max_age,
    )


def forget_expired(session: Session, *, now: datetime) -> set[str]:
    """Delete what may no longer be kept; gives the categories that lost something."""
    gone = session.scalars(
        sa.delete(Comp).where(Comp.expires_at <= now).returning(Comp.category_id)
    )
    return set(gone)


def forget_source(session: Session, source: str) -> set[str]:
    """Delete everything from a source whose content may not be used; gives the categories."""
    gone = session.scalars(sa.delete(Comp).where(Comp.source == source).returning(Comp.category_id))
    return set(gone)


def revalue(session: Session, *, now: datetime, categories: Iterable[str] | None = None) -> int:
    """Have all live listings (of some categories) valued again, and ring for it. Gives how many."""
    statement = sa.update(Listing).where(
        Listing.state == "live", Listing.needs_valuation.is_(False)
    )
    if categories is not None:
        statement = statement.where(Listing.category_id.in_(sorted(categories)))
    result = session.execute(
        statement.values(needs_valuation=True)
        .returning(sa.literal(1))
        .execution_options(synchronize_session=False)
    )
    count = len(result.all())
    if count:
        jobs.enqueue(session, "value", {}, now=now)
    return count


def note_refreshed(session: Session, source: str, *, now: datetime) -> None:
    """Remember when the source's sales were last read to the end."""
    session.execute(sa.update(Source).where(Source.id == source).values(comps_refreshed_at=now))


def request_refresh(session: Session, *, now: datetime) -> Job:
    """Queue a refresh of all comparables, after which every live listing is valued again."""
    return jobs.enqueue(session, "refresh_comps", {"revalue": "all"}, now=now)


# --- lending it out ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lent:
    """A market, or none with the reason; `version` names the state of the store it was built from."""

    market: Market | None
    version: str
    reason: str | None = None
    usual_shipping: float | None = None


class Markets:
    """This process's markets by category and currency, rebuilt when the store has changed.

    At most MAX_HELD comparables are held; the longest unused market goes first. Sources whose content
    may not feed pricing are not read.
    """

    def __init__(self, *, permitted: bool) -> None:
        self._blocked = sorted(
            source
            for source, policy in POLICIES.items()
            if not policy.may_feed_pricing(permitted=permitted)
        )
        self._held: OrderedDict[tuple[str, str], Lent] = OrderedDict()

    def lend(self, session: Session, *, category_id: str, currency: str, now: datetime) -> Lent:
        """The category's market as the store stands now."""
        key = (category_id, currency)
        kind, version = self._state(session, category_id, currency, now)
        held = self._held.get(key)
        if held is None or held.version != version:
            market = self._load(session, category_id, currency, kind, now) if kind else None
            reason = None if market else "not_permitted" if self._blocked else "too_few"
            held = self._held[key] = Lent(market, version, reason)
        if held.market is not None and held.usual_shipping is None:
            shipping = _usual_shipping(session, category_id, currency)
            if shipping is not None:
                held = self._held[key] = replace(held, usual_shipping=shipping)
        self._held.move_to_end(key)
        while len(self._held) > 1 and self._size() > MAX_HELD:
            self._held.popitem(last=False)
        return held

    def _size(self) -> int:
        return sum(len(lent.market) for lent in self._held.values() if lent.market)

    def _usable(self, category_id: str, now: datetime) -> list[sa.ColumnElement[bool]]:
        return [
            Comp.category_id == category_id,
            Comp.sold_at.is_not(None),
            sa.or_(Comp.expires_at.is_(None), Comp.expires_at > now),
            Comp.source.not_in(self._blocked),
        ]

    def _state(
        self, session: Session, category_id: str, currency: str, now: datetime
    ) -> tuple[str | None, str]:
        """The kind to compare with, and a name for the state of the category's comparables."""
        rows = session.execute(
            sa.select(
                Comp.kind,
                sa.func.count().filter(Comp.currency == currency),
                sa.func.count(),
                sa.func.max(Comp.observed_at),
            )
            .where(*self._usable(category_id, now))
            .group_by(Comp.kind)
        ).all()
        by_kind = {
            kind: (mine, f"{kind}-{count}-{at.timestamp()}") for kind, mine, count, at in rows
        }
        ranked = [kind for kind in TRUST if by_kind.get(kind, (0, ""))[0]]
        if not ranked:
            return None, "none"
        best = next((kind for kind in ranked if by_kind[kind][0] >= MIN_MARKET), None)
        kind = best or max(ranked, key=lambda kind: by_kind[kind][0])
        return kind, by_kind[kind][1]

    def _load(
        self, session: Session, category_id: str, currency: str, kind: str, now: datetime
    ) -> Market:
        newest = aliased(
            Comp,
            sa.select(Comp)
            .where(*self._usable(category_id, now), Comp.kind == kind)
            .order_by(Comp.sold_at.desc(), Comp.id)
            .limit(MAX_MARKET)
            .subquery(),
        )
        rows = session.execute(
            sa.select(
                newest.id,
                newest.kind,
                newest.title,
                newest.price_cents,
                newest.shipping_cents,
                newest.currency,
                newest.condition,
                newest.sold_at,
            )
        )
        return Market(
            [
                comparables.Comp(*row[:7], sold_at=row.sold_at)
                for row in rows
                if row.sold_at is not None
            ],
            currency=currency,
        )


def _usual_shipping(session: Session, category_id: str, currency: str) -> float | None:
    """The share of the price that shipping adds in a category, by the listings that state it.

    Past sales often come without it, though their buyers paid it. None while few listings are known.
    """
    uplift = sa.func.avg(
        sa.func.ln(1.0 + sa.cast(Listing.shipping_cents, sa.Double) / Listing.price_cents)
    )
    count, share = session.execute(
        sa.select(sa.func.count(), sa.func.exp(uplift) - 1.0).where(
            Listing.category_id == category_id,
            Listing.currency == currency,
            Listing.shipping_cents.is_not(None),
            Listing.shipping_cents < Listing.price_cents,
        )
    ).one()
    return round(float(share), 3) if count >= MIN_MARKET else None


def find_matches(
    cache: Cache, lent: Lent, titles: Iterable[str], *, category_id: str, ttl_s: int
) -> dict[str, Matches]:
    """The comparable sets of titles: from the cache, else searched and cached. Empty without a market."""
    market = lent.market
    if market is None:
        return {}
    prefix = f"{category_id}|{market.currency}|{lent.version}|"
    keys = {title: _key(prefix + read_title(title).text) for title in titles}
    wanted = sorted(set(keys.values()))
    sets = {
        key: Matches.from_bytes(packed)
        for key, packed in zip(wanted, cache.get_many(CACHE_SPACE, wanted), strict=True)
        if packed is not None
    }
    searched: dict[str, bytes] = {}
    for title, key in keys.items():
        known = sets.get(key)
        if known is None or (len(known.rows) and int(known.rows.max()) >= len(market)):
            sets[key] = market.search(read_title(title), limit=CANDIDATES)
            searched[key] = sets[key].to_bytes()
    cache.set_many(CACHE_SPACE, searched, ttl_s)
    return {title: sets[key] for title, key in keys.items()}


def _key(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
