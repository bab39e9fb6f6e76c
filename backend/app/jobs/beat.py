"""The scheduler that Celery Beat runs: slots go straight into Postgres, only bells go through Valkey.

Any number of beats may run: the slot's primary key lets one of them queue each slot. A beat that
cannot reach Postgres or Valkey says so and tries again at its next tick.
"""

from datetime import datetime
from typing import Any

import structlog
from celery.beat import ScheduleEntry, Scheduler, SchedulingError

from app.core.clock import utc_now
from app.core.queue import SWEEP_TASK
from app.core.settings import get_settings
from app.db.session import DatabaseError, transaction
from app.domain.schedules import Schedule
from app.services import schedules

log = structlog.get_logger(__name__)

TICK = "deal_scout.tick"

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "slots": {"task": TICK, "schedule": 1.0},
    "sweep": {"task": SWEEP_TASK, "schedule": 5.0, "options": {"expires": 10}},
}


class SlotScheduler(Scheduler):
    """Celery's in-memory scheduler, which takes slots itself instead of sending a message for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plan = schedules.plan(get_settings())
        self._settled: dict[str, datetime] = {}

    def apply_async(
        self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **kwargs: Any
    ) -> Any:
        """Take due slots for the tick entry; send a message for any other."""
        if entry.task != TICK:
            try:
                return super().apply_async(entry, producer=producer, advance=advance, **kwargs)
            except SchedulingError as error:
                log.warning("beat.broker_unavailable", task=entry.task, error=str(error))
                return None
        if advance:
            self.reserve(entry)
        self.take_due(utc_now())
        return None

    def take_due(self, now: datetime) -> None:
        """Take every slot that `now` lies in and that nobody has, as far as this beat knows."""
        for kind, schedule in self._plan.items():
            self._take(kind, schedule, now)

    def _take(self, kind: str, schedule: Schedule, now: datetime) -> None:
        slot = schedule.slot(now)
        if self._settled.get(kind) == slot:
            return
        try:
            with transaction() as session:
                taken = schedules.take_slot(session, kind, schedule, now=now)
        except DatabaseError as error:
            log.warning("beat.database_unavailable", kind=kind, error=str(error).splitlines()[0])
            return
        self._settled[kind] = slot
        if taken:
            log.info("schedule.slot_taken", kind=kind, slot=slot.isoformat())
