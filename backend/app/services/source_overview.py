"""Each source at a glance for who runs this: how it is read, what its calls cost today, what it brought."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.core.settings import Settings
from app.db.models import Listing, Source
from app.db.session import Session
from app.services import marketplaces, quotas
from app.services.marketplaces import MarketplaceState


@dataclass(frozen=True, slots=True)
class Budget:
    """Calls of a service: made today, allowed today, and when the count begins anew."""

    service: str
    used: int
    allowed: int
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class SourceOverview:
    """A source. `cycles`: what its last scans asked and got, the newest first; see `sources.record_cycle`."""

    marketplace: MarketplaceState
    state_since: datetime | None
    last_success_at: datetime | None
    comps_refreshed_at: datetime | None
    listings: int
    budgets: Sequence[Budget]
    cycles: Sequence[Mapping[str, Any]]


def list_overviews(
    session: Session, settings: Settings, *, now: datetime
) -> Sequence[SourceOverview]:
    """Every source that has a policy; one that was never scanned has empty facts."""
    known = {source.id: source for source in session.scalars(sa.select(Source))}
    counts = sa.select(Listing.source, sa.func.count()).group_by(Listing.source)
    held: dict[str, int] = {name: rows for name, rows in session.execute(counts)}  # noqa: C416 - dict() takes a Result for a mapping
    found = []
    for marketplace in marketplaces.list_marketplaces(session):
        name = marketplace.policy.source
        source = known.get(name)
        found.append(
            SourceOverview(
                marketplace=marketplace,
                state_since=source.state_since if source else None,
                last_success_at=source.last_success_at if source else None,
                comps_refreshed_at=source.comps_refreshed_at if source else None,
                listings=held.get(name, 0),
                budgets=_budgets(session, settings, name, now=now),
                cycles=source.recent_cycles[::-1] if source else [],
            )
        )
    return found


def _budgets(session: Session, settings: Settings, source: str, *, now: datetime) -> list[Budget]:
    allowed = quotas.budgets(settings)
    return [
        Budget(
            service,
            quotas.spent(session, service, now=now),
            allowed[service],
            quotas.day_ends_at(now),
        )
        for service in quotas.SOURCE_SERVICES.get(source, ())
    ]
