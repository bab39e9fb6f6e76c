"""The job that fits a category's model: read, fit, store, activate; a killed attempt is done again."""

from typing import Any

import structlog

from app.core.clock import utc_now
from app.core.metrics import MODEL_FIT_DURATION, MODEL_FITS
from app.core.settings import get_settings
from app.db.session import transaction
from app.ports import Ports, Unavailable
from app.services import jobs, models, revaluing
from app.services.jobs import ClaimedJob, LeaseLost

log = structlog.get_logger(__name__)


def fit_model(claimed: ClaimedJob, ports: Ports) -> dict[str, Any]:
    """Fit a model as `_fit` says, and count what came of it."""
    outcome = "failed"
    try:
        result = _fit(claimed, ports)
        outcome = (
            "nothing" if not result["comps"] else "active" if result["active"] else "overtaken"
        )
    except (Unavailable, LeaseLost):
        outcome = "put_off"
        raise
    finally:
        MODEL_FITS.labels(outcome).inc()
    return result


def _fit(claimed: ClaimedJob, ports: Ports) -> dict[str, Any]:
    """Fit the model of a category and currency from the store as it stands, and value by it from then on.

    Unavailable while another worker is at it, and when the object store does not answer: until then
    listings are valued by the model that is active.
    """
    category_id = str(claimed.payload["category_id"])
    currency = str(claimed.payload["currency"])
    permitted = bool(get_settings().ebay_content_pricing_permitted)
    with transaction() as session:
        jobs.still_mine(session, claimed)
        if models.other_fit(session, claimed):
            raise Unavailable("another worker is fitting this category")
        reading = models.read(
            session,
            category_id=category_id,
            currency=currency,
            permitted=permitted,
            now=utc_now(),
        )
        if not reading.comps:
            models.withdraw(session, category_id=category_id, currency=currency, now=utc_now())
            revaluing.request(session, {category_id}, now=utc_now())
            return {"comps": 0}
    fitted = models.fit(reading)
    MODEL_FIT_DURATION.observe(fitted.fit_s)
    jobs.extend(claimed, progress={"comps": len(reading.comps), "fit_s": fitted.fit_s})
    with transaction() as session:
        models.announce(session, reading, fitted, now=utc_now())
    ports.storage.put(fitted.key, fitted.packed)
    with transaction() as session:
        jobs.still_mine(session, claimed)
        active = models.activate(session, reading, fitted, permitted=permitted, now=utc_now())
    log.info(
        "model.fitted",
        category=category_id,
        version=fitted.version,
        active=active,
        comps=len(reading.comps),
        fit_s=fitted.fit_s,
    )
    return {
        "version": fitted.version,
        "active": active,
        "comps": len(reading.comps),
        "bytes": len(fitted.packed),
        "fit_s": fitted.fit_s,
    }
