"""Valuing listings that wait for it: what each is worth, how good a deal it is, and the evidence.

Works in chunks of one category, locked against other workers; a chunk's valuations, deals and the
listings' marks change in one transaction, so a killed worker leaves whole chunks or nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from app.core.cache import Cache
from app.core.metrics import LISTINGS_VALUED
from app.db.models import Listing, Model
from app.db.session import Session
from app.domain import auctions, explain, risk, scoring
from app.domain.comparables import Matches
from app.domain.explain_flip import flip_evidence
from app.domain.flips import flip_of
from app.domain.offers import Offer, Surroundings
from app.domain.valuation import FORMULA_VERSION, Estimate, Item, estimate, no_estimate
from app.services import markets, surroundings
from app.services.markets import Lent, Markets

CHUNK = 200

__all__ = ["CHUNK", "Valuer", "waiting", "worth_of"]


def waiting(session: Session) -> Mapping[str, int]:
    """How many live listings wait for a valuation, by category; the fullest first."""
    rows = session.execute(
        sa.select(Listing.category_id, sa.func.count().label("listings"))
        .where(Listing.needs_valuation, Listing.state == "live")
        .group_by(Listing.category_id)
        .order_by(sa.desc("listings"), Listing.category_id)
    )
    return dict(rows.all())


@dataclass(frozen=True, slots=True)
class Valuer:
    """What valuing needs besides a session. `simulated` marks deals of the demo's marketplace."""

    markets: Markets
    cache: Cache
    cache_ttl_s: int
    simulated: bool

    def models_to_load(self, session: Session, category_id: str) -> list[Model]:
        """The models that the category's waiting listings need and that are not in memory yet."""
        currencies = session.scalars(
            sa.select(Listing.currency)
            .where(
                Listing.needs_valuation,
                Listing.state == "live",
                Listing.category_id == category_id,
            )
            .distinct()
        )
        return self.markets.not_held(session, category_id, sorted(currencies))

    def value_chunk(
        self, session: Session, category_id: str, *, now: datetime, limit: int = CHUNK
    ) -> int:
        """Value up to `limit` waiting listings of a category; gives how many. 0: nothing is left.

        Listings that another worker is busy with are passed over.
        """
        listings = session.scalars(
            sa.select(Listing)
            .where(
                Listing.needs_valuation,
                Listing.state == "live",
                Listing.category_id == category_id,
            )
            .order_by(Listing.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        if not listings:
            return 0
        around = surroundings.look_around(session, listings)
        rows = []
        for currency in sorted({listing.currency for listing in listings}):
            lent = self.markets.lend(session, category_id=category_id, currency=currency, now=now)
            of_currency = [listing for listing in listings if listing.currency == currency]
            matches = markets.find_matches(
                self.cache,
                lent,
                [listing.title for listing in of_currency if not _unfit(listing)],
                category_id=category_id,
                ttl_s=self.cache_ttl_s,
            )
            rows += [
                self._value(listing, lent, matches, around.known[listing.id], now)
                for listing in of_currency
            ]
        _store(session, rows)
        surroundings.wake_twins(session, listings, around)
        session.execute(
            sa.update(Listing)
            .where(Listing.id.in_([listing.id for listing in listings]))
            .values(needs_valuation=False)
            .execution_options(synchronize_session=False)
        )
        for listing in listings:
            session.expire(listing, ["needs_valuation"])
        return len(listings)

    def _value(
        self,
        listing: Listing,
        lent: Lent,
        matches: Mapping[str, Matches],
        around: Surroundings,
        now: datetime,
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The deal row and the valuation row of one listing."""
        offer = Offer(
            title=listing.title,
            condition=listing.condition,
            price_cents=listing.price_cents,
            shipping_cents=listing.shipping_cents,
            buying_option=listing.buying_option,
            seller_feedback_percent=listing.seller_feedback_percent,
            seller_feedback_score=listing.seller_feedback_score,
            listed_at=listing.listed_at,
            ends_at=listing.ends_at,
        )
        worth = worth_of(
            Item(listing.title, listing.condition, listing.currency),
            lent,
            now=now,
            matches=matches.get(listing.title),
        )
        score = scoring.score_deal(offer, worth, now=now, around=around)
        LISTINGS_VALUED.labels(score.reason or "scored").inc()
        flip = flip_of(
            resale_cents=worth.point_cents,
            cost_cents=offer.cost_cents,
            own_shipping_cents=listing.shipping_cents,
            usual_shipping=lent.usual_shipping,
            currency=listing.currency,
            category_id=listing.category_id,
            marketplace=listing.source,
            on=now.date(),
            is_open_auction=auctions.is_open(offer, worth.point_cents, now=now),
        )
        evidence = {
            **explain.evidence(offer, listing.currency, worth, score, kinds=lent.kinds),
            "flip": flip_evidence(flip, offer),
        }
        deal = {
            "listing_id": listing.id,
            "active": True,
            **{name: getattr(listing, name) for name in _COPIED},
            "fair_value_cents": worth.point_cents,
            "interval_low_cents": worth.low_cents,
            "interval_high_cents": worth.high_cents,
            "discount": score.discount,
            "profit_cents": evidence["flip"]["profit_cents"],
            "roi": evidence["flip"]["roi"],
            "bid_limit_cents": score.bid_limit_cents,
            "score": score.total,
            "no_score_reason": score.reason,
            "risk_code": risk.top_code(score.risks),
            "confidence": worth.confidence,
            "evidence_count": worth.used,
            "evidence_age_days": worth.median_age_days,
            "distribution": evidence["distribution"],
            "formula_version": FORMULA_VERSION,
            "simulated": self.simulated,
            "valued_at": now,
        }
        valuation = {
            "listing_id": listing.id,
            "formula_version": FORMULA_VERSION,
            "evidence": evidence,
            "valued_at": now,
        }
        return deal, valuation


def _unfit(listing: Listing) -> str | None:
    flag = scoring.unfit(listing.title, listing.condition)
    return None if flag is None else flag.code


def worth_of(
    item: Item,
    lent: Lent,
    *,
    now: datetime,
    matches: Matches | None = None,
    called: str | None = None,
) -> Estimate:
    """What an item is worth in a market on loan: the one way from a title to an estimate.

    `matches`: the market's answer for the title where it is known already. `called`: the title that says
    whether this is the thing itself, where `item.title` holds more words than that.
    """
    unfit = scoring.unfit(called or item.title, item.condition)
    if unfit is not None:
        return no_estimate(unfit.code)
    if lent.market is None:
        return no_estimate(lent.reason or "too_few")
    return estimate(
        item, lent.market, now=now, matches=matches, usual_shipping=lent.usual_shipping or 0.0
    )


def _store(session: Session, rows: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """Write deals and valuations: one COPY into a temporary table each, one merge each."""
    session.flush()
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    for table, values in (
        ("deals", [deal for deal, _ in rows]),
        ("valuations", [valuation for _, valuation in rows]),
    ):
        names = list(values[0])
        columns = ", ".join(names)
        connection.execute(
            sa.text(
                f"create temporary table if not exists valued_{table} on commit delete rows"
                f" as select {columns} from {table} with no data"
            )
        )
        connection.execute(sa.text(f"truncate valued_{table}"))
        with (
            driver.cursor() as cursor,
            cursor.copy(f"copy valued_{table} ({columns}) from stdin") as copy,
        ):
            for row in values:
                copy.write_row([_packed(value) for value in row.values()])
        changes = ", ".join(f"{name} = excluded.{name}" for name in names if name != "listing_id")
        connection.execute(
            sa.text(
                f"insert into {table} ({columns}) select {columns} from valued_{table}"
                f" order by listing_id on conflict (listing_id) do update set {changes}"
            )
        )


def _packed(value: Any) -> Any:
    """JSON as text with sorted keys, so that equal evidence is equal bytes; the rest as it is."""
    return (
        orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
        if isinstance(value, dict)
        else value
    )


_COPIED = (
    "source",
    "external_id",
    "title",
    "url",
    "image_url",
    "category_id",
    "condition",
    "price_cents",
    "shipping_cents",
    "currency",
    "buying_option",
    "bid_count",
    "listed_at",
    "ends_at",
)
"""What a deal repeats of its listing."""
