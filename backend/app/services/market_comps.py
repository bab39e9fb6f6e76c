"""Which comparables make a category's market: what may be read, of which kind, and the store's state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app.db.models import Comp
from app.db.session import Session
from app.domain import comparables
from app.domain.source_policy import Licence

MAX_MARKET = 20_000
MIN_MARKET = 30
TRUST = ("own_sale", "imported", "sold", "asking")
"""Kinds of comparables, the most trusted first; the first of which there are enough makes the market."""

_time_of_comp = sa.func.coalesce(Comp.sold_at, Comp.observed_at)
"""The time of a comparable: of the sale where it is known, else when it was seen."""


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


@dataclass(frozen=True, slots=True)
class StoreState:
    """A category's comparables as the store holds them: the `kind` to compare with, None where there is
    none; a `version` naming the state of that kind; how many in the currency there are of each kind.
    """

    kind: str | None
    version: str
    kinds: Mapping[str, int]

    @property
    def comps(self) -> int:
        """How many there are of the kind, in the currency."""
        return self.kinds[self.kind] if self.kind else 0


def state_of(
    session: Session,
    *,
    category_id: str,
    currency: str,
    licences: Sequence[Licence],
    now: datetime,
) -> StoreState:
    """How the store stands now, counting what these licences permit."""
    rows = session.execute(
        sa.select(
            Comp.kind,
            sa.func.count().filter(Comp.currency == currency),
            sa.func.count(),
            sa.func.max(Comp.changed_at),
        )
        .where(Comp.category_id == category_id, *usable_comps(licences, now))
        .group_by(Comp.kind)
    ).all()
    by_kind = {kind: (mine, f"{kind}-{count}-{at.timestamp()}") for kind, mine, count, at in rows}
    kinds = {kind: by_kind[kind][0] for kind in TRUST if by_kind.get(kind, (0, ""))[0]}
    if not kinds:
        return StoreState(None, "none", kinds)
    best = next((kind for kind, count in kinds.items() if count >= MIN_MARKET), None)
    kind = best or max(kinds, key=lambda kind: kinds[kind])
    return StoreState(kind, by_kind[kind][1], kinds)


def read_comps(
    session: Session, *, category_id: str, kind: str, licences: Sequence[Licence], now: datetime
) -> tuple[list[comparables.Comp], list[str]]:
    """The newest comparables of the kind, at most MAX_MARKET, and the licences they are had on, sorted."""
    newest = aliased(
        Comp,
        sa.select(Comp)
        .where(Comp.category_id == category_id, *usable_comps(licences, now), Comp.kind == kind)
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
            newest.licence,
        )
    ).all()
    comps = [
        comparables.Comp(
            *row[:7], sold_at=row.sold_at or row.observed_at, dated=row.sold_at is not None
        )
        for row in rows
    ]
    return comps, sorted({row.licence for row in rows})
