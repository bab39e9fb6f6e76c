"""The hourly tidying of what the product keeps about its own work."""

from typing import Any

from app.core.clock import utc_now
from app.db.session import transaction
from app.ports import Ports
from app.services import (
    account_mail,
    account_tokens,
    idempotency,
    jobs,
    models,
    schedules,
    sessions,
    throttles,
)
from app.services.jobs import ClaimedJob


def tidy(claimed: ClaimedJob, ports: Ports) -> dict[str, Any]:
    """Forget finished jobs, old slots, attempts and answers, ended sessions and links, and models that nobody needs."""
    with transaction() as session:
        jobs.still_mine(session, claimed)
        forgotten = jobs.forget_finished(session, now=utc_now())
        schedules.forget_old_slots(session, now=utc_now())
        account_mail.forget_addresses_of_ended(session)
        throttles.forget_old(session, now=utc_now())
        idempotency.forget_expired(session, now=utc_now())
        sessions.forget_ended(session, now=utc_now())
        account_tokens.forget_expired(session, now=utc_now())
        unneeded = [
            (model.version, model.key) for model in models.forgettable(session, now=utc_now())
        ]
    gone = 0
    for version, key in unneeded:
        ports.storage.delete(key)
        with transaction() as session:
            gone += models.forget(session, version, now=utc_now())
    return {"jobs_forgotten": forgotten, "models_forgotten": gone}
