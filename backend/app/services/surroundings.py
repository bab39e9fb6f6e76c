"""What is known around listings that are about to be judged: their prices over time, and their twins.

A few statements for a whole chunk of listings. Twins are live listings with the same photo or the same
words; domain/risk.py says what they mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.db.models import Listing, PriceObservation
from app.db.session import Session
from app.domain.offers import Asked, Surroundings

__all__ = ["Around", "look_around", "wake_twins"]

MAX_TWINS: Final = 20
"""Twins looked at for one listing and key. More would say nothing new."""
MAX_PRICES: Final = 50
COPIED_WITHIN: Final = timedelta(days=7)
"""The same words twice within a week are a copy; after that a thing may have come back."""

_SAME_PHOTO: Final = sa.text("""
select m.id, count(distinct o.seller_key) as sellers, min(o.title) as title,
    min(o.listed_at) > m.listed_at as is_first, array_agg(o.id order by o.id) as twins
from unnest(cast(:ids as uuid[])) as chosen (id)
join listings m on m.id = chosen.id
cross join lateral (
    select o.id, o.seller_key, o.title, o.listed_at from listings o
    where o.photo_key = m.photo_key and o.state = 'live' and o.seller_key <> m.seller_key
    order by o.id limit :most
) o
group by m.id, m.listed_at
""")

_SAME_WORDS: Final = sa.text("""
select m.id, count(distinct o.seller_key) filter (where o.seller_key <> m.seller_key) as sellers,
    array_agg(distinct o.place order by o.place) as places,
    min(o.listed_at) > m.listed_at as is_first, array_agg(o.id order by o.id) as twins
from unnest(cast(:ids as uuid[])) as chosen (id)
join listings m on m.id = chosen.id
cross join lateral (
    select o.id, o.seller_key, o.listed_at, concat_ws(', ', o.city, coalesce(o.region, o.postal_code)) as place
    from listings o
    where o.words_key = m.words_key and o.id <> m.id and o.state = 'live'
        and o.listed_at between m.listed_at - :within and m.listed_at + :within
        and o.postal_code is not null and m.postal_code is not null
        and (o.postal_code, o.region) is distinct from (m.postal_code, m.region)
    order by o.id limit :most
) o
group by m.id, m.listed_at
""")

_WAKE: Final = sa.text("""
with asleep as (
    select l.id
    from unnest(cast(:ids as uuid[]), cast(:since as timestamptz[])) as twin (id, since)
    join valuations v on v.listing_id = twin.id and v.valued_at < twin.since
    join listings l on l.id = twin.id and not l.needs_valuation and l.state = 'live'
    order by l.id for update of l skip locked
)
update listings l set needs_valuation = true from asleep where l.id = asleep.id
""")


@dataclass(frozen=True, slots=True)
class Around:
    """The surroundings by listing, and which listings are whose twins."""

    known: Mapping[UUID, Surroundings]
    twins: Mapping[UUID, Sequence[UUID]]


def look_around(session: Session, listings: Sequence[Listing]) -> Around:
    """The surroundings of these listings. Sellers without a key are nobody's twins by photo."""
    ids = [listing.id for listing in listings]
    asked = _asked(session, ids)
    limits: dict[str, Any] = {"ids": ids, "most": MAX_TWINS}
    photos = {row.id: row for row in session.execute(_SAME_PHOTO, limits)}
    words = {
        row.id: row for row in session.execute(_SAME_WORDS, limits | {"within": COPIED_WITHIN})
    }
    known, twins = {}, {}
    for listing in listings:
        photo, text = photos.get(listing.id), words.get(listing.id)
        known[listing.id] = Surroundings(
            description=listing.description or "",
            asked=tuple(asked.get(listing.id, ())),
            photo_sellers=photo.sellers if photo else 0,
            photo_title=photo.title if photo else None,
            text_sellers=text.sellers if text else 0,
            text_places=tuple(place for place in text.places if place) if text else (),
            is_first=all(found.is_first for found in (photo, text) if found),
        )
        twins[listing.id] = [*(photo.twins if photo else ()), *(text.twins if text else ())]
    return Around(known, twins)


def wake_twins(session: Session, listings: Sequence[Listing], around: Around) -> None:
    """Have those twins valued again that were valued before these listings came or changed.

    A twin that another worker values at this moment is passed over; it is judged anew at the next
    refresh of its category's sales.
    """
    since: dict[UUID, Any] = {}
    for listing in listings:
        for twin in around.twins[listing.id]:
            since[twin] = max(since.get(twin, listing.changed_at), listing.changed_at)
    for listing in listings:
        since.pop(listing.id, None)
    if since:
        ids = sorted(since)
        session.execute(_WAKE, {"ids": ids, "since": [since[twin] for twin in ids]})


def _asked(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[Asked]]:
    """The newest prices of each, oldest first."""
    table = PriceObservation
    rows = session.execute(
        sa.select(
            table.listing_id,
            table.observed_at,
            table.price_cents,
            table.shipping_cents,
            table.currency,
        )
        .where(table.listing_id == sa.any_(sa.cast(ids, sa.ARRAY(sa.Uuid))))
        .order_by(table.listing_id, table.observed_at)
    )
    found: dict[UUID, list[Asked]] = {}
    for listing_id, at, price, shipping, currency in rows:
        found.setdefault(listing_id, []).append(Asked(at, price, shipping, currency))
    return {listing_id: history[-MAX_PRICES:] for listing_id, history in found.items()}
