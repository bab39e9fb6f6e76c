"""How this Deal Scout is set up, as far as everybody may know: choices and counts, no secret."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.core.settings import Settings
from app.db.models import Comp, Source
from app.db.session import Session


@dataclass(frozen=True, slots=True)
class SalesAccess:
    """Whether a source lets us read past sales: off, not_asked, granted or not_granted."""

    state: str
    reason: str | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many comparables of a kind there are, and when the newest is from."""

    kind: str
    comps: int
    newest_at: datetime


def sales_access(source: Source | None, settings: Settings) -> SalesAccess:
    """What the settings and the last answer together mean."""
    if not settings.ebay_marketplace_insights_enabled:
        return SalesAccess("off", None, None)
    if source is None or source.sales_state is None:
        return SalesAccess("not_asked", None, None)
    return SalesAccess(source.sales_state, source.sales_reason, source.sales_state_since)


def count_kinds(session: Session) -> list[KindCount]:
    """The comparables by kind, the most first."""
    rows = session.execute(
        sa.select(
            Comp.kind,
            sa.func.count().label("comps"),
            sa.func.max(sa.func.coalesce(Comp.sold_at, Comp.observed_at)),
        )
        .group_by(Comp.kind)
        .order_by(sa.desc("comps"), Comp.kind)
    )
    return [KindCount(kind, count, newest) for kind, count, newest in rows]
