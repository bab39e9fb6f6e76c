"""Letters about an account: asked for in the transaction of what they tell, written when they are sent.

The job holds no token and no address: both are read when the letter is written, so a token exists in
the mail and as a digest only. Only the farewell to who has just deleted the account carries its
address, sealed and only until the letter is sent, since there is no other place for it any more.
"""

import base64
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.dialects.postgresql import JSONB

from app.core.crypto import KeyMissing, Sealer
from app.db.models import AccountToken, Job, User
from app.db.session import Session
from app.domain.account_letters import ACCOUNT_LETTERS, AccountLetter, greeting, lasting
from app.ports import Mail
from app.services import account_tokens, jobs

log = structlog.get_logger(__name__)

KIND: Final = "send_account_mail"
_SEALED: Final = "sealed_address"
_WITHOUT_ADDRESS: Final = Job.payload.op("-", return_type=JSONB())(sa.cast(_SEALED, sa.Text))


def request(session: Session, purpose: str, user_id: UUID, *, now: datetime) -> None:
    """Have a letter of this purpose sent; one that waits already will do."""
    jobs.enqueue_once(session, KIND, {"purpose": purpose, "user_id": str(user_id)}, now=now)


def request_farewell(session: Session, user: User, sealer: Sealer, *, now: datetime) -> None:
    """Have who deletes the account told so. Without a key to seal the address with there is no letter."""
    try:
        sealed = sealer.seal(user.email.encode(), table="jobs", row_id=user.id, column=_SEALED)
    except KeyMissing as fault:
        log.warning("account_mail.no_farewell", reason=str(fault))
        return
    payload = {
        "purpose": "account_deleted",
        "user_id": str(user.id),
        _SEALED: base64.b64encode(sealed).decode(),
    }
    jobs.enqueue(session, KIND, payload, now=now)


def write(
    session: Session, payload: dict[str, Any], sealer: Sealer, *, origin: str, now: datetime
) -> Mail | None:
    """The letter of a job, with a fresh token where it needs one; None when there is nobody to write to any more."""
    purpose, user_id = str(payload["purpose"]), UUID(str(payload["user_id"]))
    letter = ACCOUNT_LETTERS[purpose]
    if purpose == "account_deleted":
        if _SEALED not in payload:
            return None
        sealed = base64.b64decode(payload[_SEALED])
        opened = sealer.open(sealed, table="jobs", row_id=user_id, column=_SEALED)
        return _written(letter, opened.decode(), "", origin)
    user = session.get(User, user_id)
    if user is None:
        return None
    if not letter.has_token:
        return _written(letter, user.email, user.display_name, origin)
    token = account_tokens.mail_token(session, user_id, purpose, now=now)
    if token is None:
        return None
    asked_for = session.scalars(
        sa.select(AccountToken.new_email).where(
            AccountToken.user_id == user_id, AccountToken.purpose == purpose
        )
    ).one()
    address = (
        asked_for or user.email
    )  # a new address is proved by a letter to it, not to the old one
    lasts = lasting(account_tokens.LIFETIME[purpose])
    return _written(letter, address, user.display_name, origin, token=token, lasts=lasts)


def holds_address(payload: dict[str, Any]) -> bool:
    """Whether this job carries an address that has to go when it ends."""
    return _SEALED in payload


def forget_address(session: Session, job_id: UUID) -> None:
    """Take the address out of a job that will not need it any more."""
    session.execute(
        sa.update(Job)
        .where(Job.id == job_id, Job.kind == KIND)
        .values(payload=_WITHOUT_ADDRESS)
        .execution_options(synchronize_session=False)
    )


def forget_addresses_of_ended(session: Session) -> None:
    """Take addresses out of jobs that ended in another way than by their own doing: a killed worker's last attempt."""
    session.execute(
        sa.update(Job)
        .where(
            Job.kind == KIND,
            Job.state.in_(("done", "failed", "dead")),
            Job.payload.has_key(_SEALED),
        )
        .values(payload=_WITHOUT_ADDRESS)
        .execution_options(synchronize_session=False)
    )


def _written(
    letter: AccountLetter,
    address: str,
    name: str,
    origin: str,
    *,
    token: str | None = None,
    lasts: str = "",
) -> Mail:
    origin = origin.rstrip("/")
    # behind the # it is sent to no server, so it stands in no log and no Referer
    link = f"{origin}{letter.path}" + (f"#token={token}" if token else "")
    words = {
        "subject": letter.subject,
        "greeting": greeting(letter, name),
        "paragraphs": letter.paragraphs,
        "action": letter.action,
        "link": link,
        "lasts": lasts,
        "not_you": letter.not_you,
        "origin": origin,
    }
    return Mail(
        to=address,
        subject=letter.subject,
        text=_templates().get_template("account.txt").render(words),
        html=_templates().get_template("account.html").render(words),
        headers={"Auto-Submitted": "auto-generated"},  # RFC 3834: no out-of-office replies
    )


@lru_cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "letters"),
        autoescape=lambda name: name is None or not name.endswith(".txt"),  # noqa: S701 - plain text alone is not escaped
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
