"""The hourly tidying of what the product keeps about its own work."""

from typing import Any

from app.core.clock import utc_now
from app.db.session import transaction
from app.ports import Ports
from app.services import jobs, schedules
from app.services.jobs import ClaimedJob


def tidy(claimed: ClaimedJob, ports: Ports) -> dict[str, Any]:
    """Forget finished jobs and old schedule slots."""
    with transaction() as session:
        jobs.still_mine(session, claimed)
        forgotten = jobs.forget_finished(session, now=utc_now())
        schedules.forget_old_slots(session, now=utc_now())
    return {"jobs_forgotten": forgotten}
