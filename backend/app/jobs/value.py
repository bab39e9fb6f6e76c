"""The job that values whatever waits for it. Any number of bells may ring: workers share the work."""

from functools import lru_cache
from typing import Any

import structlog

from app.core.cache import Cache
from app.core.clock import utc_now
from app.core.settings import get_settings
from app.db.session import transaction
from app.domain.source_policy import pricing_sources
from app.ports import Ports, Storage
from app.services import jobs, spells, valuations
from app.services.jobs import ClaimedJob
from app.services.markets import Markets
from app.services.valuations import Valuer

log = structlog.get_logger(__name__)

EXTEND_EVERY = 10


@lru_cache
def process_valuer(storage: Storage) -> Valuer:
    """This process's valuer; it holds the markets between jobs."""
    settings = get_settings()
    return Valuer(
        markets=Markets(permitted=bool(settings.ebay_content_pricing_permitted), storage=storage),
        cache=Cache.from_settings(settings),
        cache_ttl_s=settings.comparables_cache_ttl_s,
        simulated=settings.demo_mode,
    )


def _watch() -> None:
    """Begin to watch how long the valued listings stay, where their content may feed pricing."""
    permitted = bool(get_settings().ebay_content_pricing_permitted)
    with transaction() as session:
        spells.begin(session, pricing_sources(permitted=permitted))


def value(claimed: ClaimedJob, ports: Ports) -> dict[str, Any]:
    """Value all waiting listings in chunks, each its own transaction, until none is free."""
    valuer = process_valuer(ports.storage)
    valued = chunks = 0
    with transaction() as session:
        queue = valuations.waiting(session)
    for category_id in queue:
        with transaction() as session:
            models = valuer.models_to_load(session, category_id)
        for model in models:
            valuer.markets.fetch(model)
        while True:
            with transaction() as session:
                count = valuer.value_chunk(session, category_id, now=utc_now())
            if count == 0:
                break
            valued += count
            chunks += 1
            if chunks % EXTEND_EVERY == 1:
                jobs.extend(claimed, progress={"valued": valued, "waiting": sum(queue.values())})
    if valued:
        _watch()
        log.info("listings.valued", listings=valued)
    return {"valued": valued}
