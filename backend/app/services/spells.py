"""Watching how long listings stay at their price: spells begin with a valuation, end with a sale or unsold.

Only sources whose content may feed pricing are watched. Nothing is asked of a marketplace for it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from app.db.models import Listing, ListingSighting, ListingSpell, Source
from app.db.session import Session
from app.domain.source_policy import policy_of
from app.domain.spells import Spells, columns
from app.ports import SoldItem

DAY: Final = timedelta(days=1)
KEEP: Final = timedelta(days=60)
MAX_KEPT: Final = 200_000
MAX_READ: Final = 40_000
NOTICED_AFTER: Final = timedelta(hours=1)
"""So long after a source has given a listing up, its spell is surely closed."""

_BEGIN: Final = sa.text("""
insert into listing_spells (listing_id, source, external_id, category_id, currency, total_cents,
    log_ratio, listed_at, first_seen_at, outcome, licence, expires_at)
select d.listing_id, d.source, d.external_id, d.category_id, d.currency,
    d.price_cents + d.shipping_cents,
    ln((d.price_cents + d.shipping_cents)::double precision / d.fair_value_cents),
    least(d.listed_at, s.seen_at), s.seen_at, 'live', d.source,
    s.seen_at + cast(:keep as interval)
from deals d join listing_sightings s on s.listing_id = d.listing_id
where d.active and d.source = :source and d.buying_option = 'fixed_price'
    and d.fair_value_cents > 0 and d.shipping_cents is not null
    and d.no_score_reason is distinct from 'far_below_interval'
    and d.no_score_reason is distinct from 'too_risky'
    and not exists (select from listing_spells p where p.listing_id = d.listing_id)
on conflict do nothing
""")

_SOLD: Final = sa.text("""
update listing_spells p
set outcome = 'sold', ended_at = i.sold_at, expires_at = i.sold_at + cast(:keep as interval)
from unnest(cast(:ids as text[]), cast(:times as timestamptz[])) i (external_id, sold_at)
where p.source = :source and p.external_id = i.external_id and p.ended_at is distinct from i.sold_at
""")

_HALF_GAP: Final = sa.text("""
select percentile_cont(0.5) within group (order by extract(epoch from newest - seen_at))
from (
    select s.seen_at, max(s.seen_at) over () as newest
    from listing_spells p join listing_sightings s on s.listing_id = p.listing_id
    where p.source = :source and p.outcome = 'live'
) looks
where seen_at > newest - interval '6 hours'
""")

_READ: Final = sa.text("""
select p.category_id, p.log_ratio, p.listed_at, p.first_seen_at, p.ended_at, p.outcome, s.seen_at
from listing_spells p left join listing_sightings s on s.listing_id = p.listing_id
where p.source = :source and p.first_seen_at < :until
order by p.first_seen_at desc, p.listing_id
limit :limit
""")


def begin(session: Session, sources: Sequence[str]) -> int:
    """Begin a spell for each valued fixed-price listing that has none; gives how many."""
    begun = 0
    for source in sources:
        result = session.execute(_BEGIN, {"source": source, "keep": _keep(source)})
        begun += result.rowcount if isinstance(result, sa.CursorResult) else 0
    return begun


def note_sold(session: Session, sales: Sequence[SoldItem]) -> None:
    """End the spells of listings that turn out to have been sold."""
    for source in sorted({sale.source for sale in sales}):
        mine = [sale for sale in sales if sale.source == source]
        session.execute(
            _SOLD,
            {
                "source": source,
                "keep": _keep(source),
                "ids": [sale.external_id for sale in mine],
                "times": [sale.sold_at for sale in mine],
            },
        )


def note_gone(session: Session, source: str, chosen: sa.ColumnElement[bool]) -> None:
    """End the spells of the chosen listings, which are about to be taken away, at their last sighting."""
    session.execute(
        sa.update(ListingSpell)
        .where(
            ListingSpell.listing_id == Listing.id,
            ListingSpell.outcome == "live",
            ListingSighting.listing_id == Listing.id,
            chosen,
        )
        .values(
            outcome="withdrawn",
            ended_at=ListingSighting.seen_at,
            expires_at=ListingSighting.seen_at + sa.literal(_keep(source), sa.Interval()),
        )
        .execution_options(synchronize_session=False)
    )


def forget_expired(session: Session, *, now: datetime, most: int = MAX_KEPT) -> None:
    """Delete what may no longer be kept, and the oldest beyond `most`."""
    oldest = (
        sa.select(ListingSpell.first_seen_at)
        .order_by(ListingSpell.first_seen_at.desc())
        .offset(most)
        .limit(1)
        .scalar_subquery()
    )
    session.execute(
        sa.delete(ListingSpell)
        .where(sa.or_(ListingSpell.expires_at <= now, ListingSpell.first_seen_at <= oldest))
        .execution_options(synchronize_session=False)
    )


def forget_source(session: Session, source: str) -> None:
    """Delete all spells of a source whose content may not be used."""
    session.execute(
        sa.delete(ListingSpell)
        .where(ListingSpell.source == source)
        .execution_options(synchronize_session=False)
    )


def _keep(source: str) -> timedelta:
    return min(KEEP, policy_of(source).comps_max_age)


def told_until(session: Session, source: str, *, now: datetime) -> datetime | None:
    """Up to when it is known how spells ended: sales have been read, and lost listings given up."""
    refreshed = session.scalar(sa.select(Source.comps_refreshed_at).where(Source.id == source))
    if refreshed is None:
        return None
    return min(refreshed, now - policy_of(source).forget_unseen_after - NOTICED_AFTER)


def read(session: Session, source: str, *, until: datetime) -> Spells:
    """The newest MAX_READ spells as they stood at `until`; what came later is not known in full.

    A listing lost from sight left somewhere between two looks: half a usual gap is added to its last.
    """
    half_gap = timedelta(seconds=session.scalar(_HALF_GAP, {"source": source}) or 0.0)
    rows = session.execute(_READ, {"source": source, "until": until, "limit": MAX_READ})
    found = []
    for category_id, ratio, listed_at, first_seen_at, ended_at, outcome, seen_at in rows:
        last = ended_at or seen_at or first_seen_at
        if outcome == "withdrawn":
            last += half_gap
        has_ended = outcome != "live" and last <= until
        entry, exit_ = first_seen_at - listed_at, min(last, until) - listed_at
        if exit_ > entry >= timedelta(0):
            found.append(
                (
                    category_id,
                    ratio,
                    entry / DAY,
                    exit_ / DAY,
                    has_ended and outcome == "sold",
                    has_ended and outcome == "withdrawn",
                )
            )
    return columns(found)
