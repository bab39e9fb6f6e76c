"""Which function does which kind of job.

A handler receives the claimed job and the ports, works in short transactions around its outside
calls, and returns what is stored as the job's result.
"""

from collections.abc import Callable, Mapping
from typing import Any

from app.jobs import comps, housekeeping, mail, models, scan, value
from app.ports import Ports
from app.services.jobs import ClaimedJob

Handler = Callable[[ClaimedJob, Ports], dict[str, Any]]

HANDLERS: Mapping[str, Handler] = {
    "housekeeping": housekeeping.tidy,
    "fit_model": models.fit_model,
    "follow_choice": comps.follow_choice,
    "forget_import": comps.forget_import,
    "refresh_comps": comps.refresh,
    "revalue": comps.revalue,
    "value": value.value,
    "scan": scan.scan,
    "send_account_mail": mail.send_account_mail,
    "sweep_stale": scan.sweep_stale,
}
