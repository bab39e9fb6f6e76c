"""Sales, listings and a valuer for tests of the store of comparables and of valuing."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app.core.cache import Cache
from app.core.settings import Settings
from app.db.models import Comp, Deal, Listing, Valuation
from app.db.session import Session
from app.ports import (
    Gone,
    ListingPage,
    RawListing,
    SearchQuery,
    SoldItem,
    SoldPage,
    Storage,
)
from app.services import comps, ingest, models, valuations
from app.services.markets import Markets
from app.services.valuations import Valuer
from tests.domain.making import NOW, make_sales

CATEGORY = "15230"


def make_sale(number: int = 1, **changes: Any) -> SoldItem:
    """A sale in Film Cameras, ten days ago."""
    sale = SoldItem(
        source="ebay",
        external_id=f"v1|{number}|0",
        title="Canon AE-1 Program 35mm film camera",
        price_cents=15_000,
        shipping_cents=None,
        currency="USD",
        condition="used",
        category_id=CATEGORY,
        sold_at=NOW - timedelta(days=10),
    )
    return replace(sale, **changes)


def many_sales(per_model: int = 20, *, first: int = 1000) -> list[SoldItem]:
    """The hand-made market of the domain's tests, as a marketplace would report it."""
    return [
        make_sale(
            first + i,
            title=comp.title,
            price_cents=comp.price_cents,
            condition=comp.condition,
            sold_at=comp.sold_at,
        )
        for i, comp in enumerate(make_sales(per_model=per_model))
    ]


def make_raw(number: int = 1, **changes: Any) -> RawListing:
    """A used Canon AE-1 Program for $99.49 in all."""
    raw = RawListing(
        source="ebay",
        external_id=f"v1|9{number}|0",
        title="Canon AE-1 Program camera body",
        url=f"https://www.ebay.com/itm/9{number}",
        image_url=None,
        category_id=CATEGORY,
        category_name="Film Cameras",
        condition="used",
        price_cents=8_999,
        shipping_cents=950,
        currency="USD",
        buying_option="fixed_price",
        bid_count=None,
        seller_feedback_percent=99.4,
        seller_feedback_score=900,
        country="US",
        listed_at=NOW - timedelta(hours=5),
        ends_at=None,
    )
    return replace(raw, **changes)


class MemoryStorage:
    """Objects in memory, for tests that are not about the store; it can be made to fail."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.failure: Exception | None = None

    def check(self) -> None:
        """Reach it."""
        if self.failure is not None:
            raise self.failure

    def put(self, key: str, content: bytes) -> None:
        """Keep an object."""
        self.check()
        self.objects[key] = content

    def get(self, key: str) -> bytes:
        """Give an object."""
        self.check()
        try:
            return self.objects[key]
        except KeyError as error:
            raise Gone(key) from error

    def delete(self, key: str) -> None:
        """Forget an object."""
        self.check()
        self.objects.pop(key, None)


OBJECTS = MemoryStorage()
"""Shared by tests that only need one: keys are named by their content."""


def fit_all(session: Session, *, permitted: bool = True, storage: Storage = OBJECTS) -> None:
    """Have an active model for whatever is in the store, as workers would."""
    for category_id, currency in session.execute(
        sa.select(Comp.category_id, Comp.currency).distinct()
    ).all():
        fit_one(session, category_id, currency, permitted=permitted, storage=storage)


def fit_one(
    session: Session,
    category_id: str = CATEGORY,
    currency: str = "USD",
    *,
    permitted: bool = True,
    storage: Storage = OBJECTS,
) -> None:
    """Fit and activate a category's model, if there is anything to fit from."""
    reading = models.read(
        session, category_id=category_id, currency=currency, permitted=permitted, now=NOW
    )
    if reading.comps:
        fitted = models.fit(reading)
        models.announce(session, reading, fitted, now=NOW)
        storage.put(fitted.key, fitted.packed)
        models.activate(session, reading, fitted, permitted=permitted, now=NOW)


def make_valuer(
    settings: Settings, *, permitted: bool = True, storage: Storage = OBJECTS
) -> Valuer:
    """A valuer of this test's own, with nothing remembered."""
    return Valuer(
        markets=Markets(permitted=permitted, storage=storage),
        cache=Cache.from_settings(settings),
        cache_ttl_s=60,
        simulated=True,
    )


def value_all(
    session: Session,
    valuer: Valuer,
    *,
    limit: int = valuations.CHUNK,
    permitted: bool = True,
    storage: Storage = OBJECTS,
) -> int:
    """Value whatever waits by newly fitted models; gives how many."""
    fit_all(session, permitted=permitted, storage=storage)
    valued = 0
    for category_id in valuations.waiting(session):
        while count := valuer.value_chunk(session, category_id, now=NOW, limit=limit):
            valued += count
    return valued


def listed(session: Session, rows: Sequence[RawListing], sales: Sequence[SoldItem] = ()) -> None:
    """Have these listings and sales in the store."""
    ingest.store(session, rows, [], now=NOW, source="ebay")
    comps.store_sales(session, sales, now=NOW)


def deal_of(session: Session, external_id: str) -> Deal:
    """The deal row of a listing, read anew."""
    session.expire_all()
    return session.scalars(sa.select(Deal).where(Deal.external_id == external_id)).one()


def evidence_of(session: Session, external_id: str) -> dict[str, Any]:
    """The stored evidence of a listing."""
    return session.scalars(
        sa.select(Valuation.evidence)
        .join(Listing, Listing.id == Valuation.listing_id)
        .where(Listing.external_id == external_id)
    ).one()


@dataclass
class Past:
    """A marketplace that knows past sales only, and notes what it is asked."""

    sales: Sequence[SoldItem]
    source: str = "ebay"
    asked: list[SearchQuery] = field(default_factory=list)
    failure: Exception | None = None

    def sold(self, query: SearchQuery) -> SoldPage:
        """The sales of the category since the given time, newest first."""
        self.asked.append(query)
        if self.failure is not None:
            raise self.failure
        found = sorted(
            (
                sale
                for sale in self.sales
                if sale.category_id == query.category_id
                and (query.listed_since is None or sale.sold_at >= query.listed_since)
            ),
            key=lambda sale: sale.sold_at,
            reverse=True,
        )
        end = query.offset + query.limit
        return SoldPage(found[query.offset : end], total=len(found), has_more=end < len(found))

    def search(self, query: SearchQuery) -> ListingPage:
        """Nothing is for sale here."""
        return ListingPage([])

    def get(self, external_id: str) -> RawListing:
        """Nothing is for sale here."""
        raise LookupError(external_id)
