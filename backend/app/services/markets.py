"""Markets on loan: a category's comparables of one kind, indexed in memory for valuing in.

A market is kept per process as long as the store has not changed. Comparable sets by title are
shared between processes in the cache.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app.core.cache import Cache
from app.db.models import Comp, Listing
from app.db.session import Session
from app.domain import comparables, valuation
from app.domain.comparables import Market, Matches
from app.domain.source_policy import POLICIES, Licence, pricing_licences, pricing_sources
from app.domain.titles import read_title
from app.domain.valuation import CANDIDATES

CACHE_SPACE = "comparables"
MAX_MARKET = 20_000
MAX_HELD = 120_000
MIN_MARKET = 30
TRUST = ("own_sale", "imported", "sold", "asking")
"""Kinds of comparables, the most trusted first; the first of which there are enough makes the market."""

_time_of_comp = sa.func.coalesce(Comp.sold_at, Comp.observed_at)
"""The time of a comparable: of the sale where it is known, else when it was seen."""


@dataclass(frozen=True, slots=True)
class Lent:
    """A market, or none with the reason; `version` names the state of the store it was built from.

    `kinds`: how many comparables of each kind the store has for it, of which only one kind is used.
    """

    market: Market | None
    version: str
    reason: str | None = None
    usual_shipping: float | None = None
    kinds: Mapping[str, int] = field(default_factory=dict)


class Markets:
    """This process's markets by category and currency, rebuilt when the store has changed.

    At most MAX_HELD comparables are held; the longest unused market goes first. Only comparables and
    listings that may feed pricing are read: what is not known to be allowed is left out.
    """

    def __init__(self, *, permitted: bool) -> None:
        self._licences = pricing_licences(permitted=permitted)
        self._sources = pricing_sources(permitted=permitted)
        self._is_blocked = len(self._sources) < len(POLICIES)
        self._held: OrderedDict[tuple[str, str], Lent] = OrderedDict()

    def lend(self, session: Session, *, category_id: str, currency: str, now: datetime) -> Lent:
        """The category's market as the store stands now."""
        key = (category_id, currency)
        kind, version, kinds = self._state(session, category_id, currency, now)
        held = self._held.get(key)
        if held is None or held.version != version:
            market = self._load(session, category_id, currency, kind, now) if kind else None
            reason = None if market else "not_permitted" if self._is_blocked else "too_few"
            held = self._held[key] = Lent(market, version, reason, kinds=kinds)
        elif held.kinds != kinds:
            held = self._held[key] = replace(held, kinds=kinds)
        if held.market is not None and held.usual_shipping is None:
            shipping = _usual_shipping(session, self._sources, category_id, currency)
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
            *usable_comps(self._licences, now),
        ]

    def _state(
        self, session: Session, category_id: str, currency: str, now: datetime
    ) -> tuple[str | None, str, dict[str, int]]:
        """The kind to compare with, a name for the state of the category's comparables of that kind,
        and how many in this currency there are of each.
        """
        rows = session.execute(
            sa.select(
                Comp.kind,
                sa.func.count().filter(Comp.currency == currency),
                sa.func.count(),
                sa.func.max(Comp.changed_at),
            )
            .where(*self._usable(category_id, now))
            .group_by(Comp.kind)
        ).all()
        by_kind = {
            kind: (mine, f"{kind}-{count}-{at.timestamp()}") for kind, mine, count, at in rows
        }
        kinds = {kind: by_kind[kind][0] for kind in TRUST if by_kind.get(kind, (0, ""))[0]}
        if not kinds:
            return None, "none", kinds
        best = next((kind for kind, count in kinds.items() if count >= MIN_MARKET), None)
        kind = best or max(kinds, key=lambda kind: kinds[kind])
        return kind, by_kind[kind][1], kinds

    def _load(
        self, session: Session, category_id: str, currency: str, kind: str, now: datetime
    ) -> Market:
        newest = aliased(
            Comp,
            sa.select(Comp)
            .where(*self._usable(category_id, now), Comp.kind == kind)
            .order_by(_time_of_comp.desc(), Comp.id)
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
                newest.observed_at,
            )
        )
        return valuation.fitted(
            [
                comparables.Comp(
                    *row[:7],
                    sold_at=row.sold_at or row.observed_at,
                    dated=row.sold_at is not None,
                )
                for row in rows
            ],
            currency=currency,
        )


def usable_comps(licences: Sequence[Licence], now: datetime) -> list[sa.ColumnElement[bool]]:
    """What a comparable must be to be read at all: of one of these licences, neither expired nor too old."""
    return [
        sa.or_(Comp.expires_at.is_(None), Comp.expires_at > now),
        sa.or_(
            *(
                sa.and_(Comp.licence == licence.id, _time_of_comp > now - licence.use_for)
                for licence in licences
            )
        ),
    ]


def _usual_shipping(
    session: Session, sources: Sequence[str], category_id: str, currency: str
) -> float | None:
    """The share of the price that shipping adds in a category, by the listings that state it.

    Past sales often come without it, though their buyers paid it. None while few listings are known,
    and where no source of listings may feed pricing.
    """
    if not sources:
        return None
    uplift = sa.func.avg(
        sa.func.ln(1.0 + sa.cast(Listing.shipping_cents, sa.Double) / Listing.price_cents)
    )
    count, share = session.execute(
        sa.select(sa.func.count(), sa.func.exp(uplift) - 1.0).where(
            Listing.source.in_(sources),
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
