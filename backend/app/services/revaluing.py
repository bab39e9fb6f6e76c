"""Having listings valued again: what they are compared with has changed, or an auction nears its end.

Marks them chunk by chunk, each in a transaction of its own, so that no lock is held for long and a
killed worker goes on where it stopped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from app.db.models import Deal, Job, Listing
from app.db.session import Session
from app.domain.auctions import LAST_HOUR
from app.services import jobs

CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Marked:
    """What a chunk did: `last` is the id to go on behind, None when there was nothing left."""

    last: UUID | None
    listings: int


def request(session: Session, categories: Iterable[str] | None, *, now: datetime) -> Job | None:
    """Queue a job that marks the live listings of some categories, of all when None.

    None when there is no category to look at. Asked for again before it has begun, it stays one job.
    """
    wanted = None if categories is None else sorted(set(categories))
    if wanted == []:
        return None
    return jobs.enqueue_once(session, "revalue", {"categories": wanted}, now=now)


def count_live(session: Session, categories: Iterable[str]) -> int:
    """How many live listings some categories have."""
    counted = session.scalar(
        sa.select(sa.func.count()).where(
            Listing.state == "live", Listing.category_id.in_(sorted(categories))
        )
    )
    return counted or 0


def mark_chunk(
    session: Session,
    categories: Sequence[str] | None,
    *,
    after: UUID | None,
    now: datetime,
    limit: int = CHUNK,
) -> Marked:
    """Mark the next live listings in the order of their ids, and ring for them.

    Waits for a worker that is valuing them: what it computes rests on the old comparables.
    """
    statement = sa.select(Listing.id, Listing.needs_valuation).where(Listing.state == "live")
    if categories is not None:
        statement = statement.where(Listing.category_id.in_(categories))
    if after is not None:
        statement = statement.where(Listing.id > after)
    rows = session.execute(
        statement.order_by(Listing.id).limit(limit).with_for_update(key_share=True)
    ).all()
    settled = [row.id for row in rows if not row.needs_valuation]
    if settled:
        session.execute(
            sa.update(Listing)
            .where(Listing.id.in_(settled))
            .values(needs_valuation=True)
            .execution_options(synchronize_session=False)
        )
    if rows:
        jobs.enqueue_once(session, "value", {}, now=now)
    return Marked(rows[-1].id if rows else None, len(rows))


def mark_ending(session: Session, source: str, *, now: datetime) -> int:
    """Mark the source's auctions that have come into their last hour since they were valued; gives how many.

    From then on their bid counts (domain/auctions).
    """
    withheld = sa.select(Deal.listing_id).where(
        Deal.listing_id == Listing.id,
        Deal.no_score_reason == "running_auction",
        Deal.valued_at < Listing.ends_at - sa.literal(LAST_HOUR, sa.Interval()),
    )
    marked = session.scalars(
        sa.update(Listing)
        .where(
            Listing.source == source,
            Listing.state == "live",
            Listing.ends_at > now,
            Listing.ends_at <= now + LAST_HOUR,
            ~Listing.needs_valuation,
            withheld.exists(),
        )
        .values(needs_valuation=True)
        .returning(Listing.id)
        .execution_options(synchronize_session=False)
    ).all()
    if marked:
        jobs.enqueue_once(session, "value", {}, now=now)
    return len(marked)
