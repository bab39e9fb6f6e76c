"""The job that sends a letter about an account: written in one transaction, sent outside any."""

from dataclasses import replace
from email.utils import parseaddr
from typing import Any, Final

import structlog

from app.core.clock import utc_now
from app.core.crypto import Sealer
from app.core.settings import get_settings
from app.db.session import transaction
from app.ports import Mail, OutcomeUnknown, PortError, Ports, Unavailable
from app.services import account_mail, jobs
from app.services.jobs import ClaimedJob

log = structlog.get_logger(__name__)

MOST_UNKNOWN: Final = 3
"""Attempts after which a letter that may have arrived is left at that: a doubled one is less bad than none, eight are not."""


def send_account_mail(claimed: ClaimedJob, ports: Ports) -> dict[str, Any]:
    """Write the letter and send it. Not sent when it is not needed any more.

    Each attempt makes a fresh token, which ends the one before, so a letter with a token is another
    message each time; a notice is the same one, which mail programs show once.
    """
    purpose = str(claimed.payload["purpose"])
    settings = get_settings()
    with transaction() as session:
        jobs.still_mine(session, claimed)
        letter = account_mail.write(
            session,
            claimed.payload,
            Sealer.from_settings(settings),
            origin=settings.public_origin,
            now=utc_now(),
        )
    if letter is None:
        return {"sent": False}
    message_id = _message_id(claimed, letter, sender=settings.mail_from)
    try:
        ports.mailer.send(replace(letter, headers={**letter.headers, "Message-ID": message_id}))
    except OutcomeUnknown:
        if claimed.attempt < min(MOST_UNKNOWN, claimed.max_attempts):
            raise
        _forget_address(claimed)
        log.warning("account_mail.outcome_unknown", purpose=purpose)
        return {"sent": None}
    except PortError as error:
        if not isinstance(error, Unavailable) or claimed.attempt >= claimed.max_attempts:
            _forget_address(claimed)
        raise
    _forget_address(claimed)
    log.info("account_mail.sent", purpose=purpose)
    return {"sent": True}


def _message_id(claimed: ClaimedJob, letter: Mail, *, sender: str) -> str:
    domain = parseaddr(sender)[1].rpartition("@")[2] or "deal-scout.invalid"
    attempt = f".{claimed.attempt}" if "#token=" in letter.text else ""
    return f"<{claimed.id}{attempt}@{domain}>"


def _forget_address(claimed: ClaimedJob) -> None:
    if account_mail.holds_address(claimed.payload):
        with transaction() as session:
            jobs.still_mine(session, claimed)
            account_mail.forget_address(session, claimed.id)
