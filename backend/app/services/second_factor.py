"""The second factor: time-based codes (RFC 6238) by pyotp, each good once, and recovery codes for a lost phone."""

import secrets
from datetime import datetime
from typing import Final

import pyotp
import sqlalchemy as sa

from app.core.crypto import Sealer
from app.core.ids import new_id
from app.core.tokens import digest
from app.db.models import RecoveryCode, User
from app.db.session import Session
from app.errors import Conflict, InvalidInput

STEP_S: Final = 30
ISSUER: Final = "Deal Scout"
RECOVERY_CODES: Final = 10


class WrongCode(InvalidInput):
    """The code is not the one of this moment, or has been used."""

    code, status, title = "wrong_code", 422, "Wrong code"


def begin(session: Session, user: User, sealer: Sealer, *, now: datetime) -> tuple[str, str]:
    """A new secret, and the address that an authenticator reads as a QR code. It holds once a code confirms it."""
    if user.totp_confirmed_at is not None:
        raise Conflict("There is a second factor already. Remove it first.")
    secret = pyotp.random_base32()
    user.totp_secret_sealed = sealer.seal(
        secret.encode(), table="users", row_id=user.id, column="totp_secret_sealed"
    )
    user.totp_last_step = None
    user.updated_at = now
    session.flush()
    return secret, pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)


def confirm(session: Session, user: User, code: str, sealer: Sealer, *, now: datetime) -> list[str]:
    """Switch the second factor on by a first right code; gives the recovery codes, which are not kept."""
    if user.totp_confirmed_at is not None:
        raise Conflict("There is a second factor already.")
    if not _is_code(user, code, sealer, now=now):
        raise wrong_code()
    user.totp_confirmed_at = now
    user.updated_at = now
    return _new_recovery_codes(session, user)


def passes(session: Session, user: User, code: str, sealer: Sealer, *, now: datetime) -> str | None:
    """What `code` is of the account's, used up by that: `code`, `recovery_code`, or None for neither.

    The account must be locked, so that a code that comes twice at once passes once.
    """
    if _is_code(user, code, sealer, now=now):
        session.flush()
        return "code"
    used = session.execute(
        sa.delete(RecoveryCode)
        .where(RecoveryCode.user_id == user.id, RecoveryCode.code_hash == digest(_plain(code)))
        .returning(RecoveryCode.id)
    ).all()
    return "recovery_code" if used else None


def remove(session: Session, user: User, *, now: datetime) -> None:
    """Switch the second factor off and forget its secret and codes."""
    user.totp_secret_sealed = None
    user.totp_confirmed_at = None
    user.totp_last_step = None
    user.updated_at = now
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    session.flush()


def recovery_codes_left(session: Session, user: User) -> int:
    """How many recovery codes have not been used."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(RecoveryCode)
            .where(RecoveryCode.user_id == user.id)
        )
        or 0
    )


def wrong_code() -> WrongCode:
    """The error that says so."""
    return WrongCode(
        "This code is not right. Codes change every 30 seconds; each works once.",
        errors=[{"loc": ["body", "code"], "msg": "wrong code", "type": "wrong_code"}],
    )


def _is_code(user: User, code: str, sealer: Sealer, *, now: datetime) -> bool:
    """Whether `code` is that of this step or a neighbour (clocks differ) and newer than the last one used."""
    if user.totp_secret_sealed is None:
        return False
    secret = sealer.open(
        user.totp_secret_sealed, table="users", row_id=user.id, column="totp_secret_sealed"
    ).decode()
    totp = pyotp.TOTP(secret)
    present = int(now.timestamp()) // STEP_S
    given = code.replace(" ", "")
    for step in (present - 1, present, present + 1):
        if secrets.compare_digest(totp.generate_otp(step).encode(), given.encode()):
            if user.totp_last_step is not None and step <= user.totp_last_step:
                return False
            user.totp_last_step = step
            return True
    return False


def _new_recovery_codes(session: Session, user: User) -> list[str]:
    codes = [f"{secrets.token_hex(5)}-{secrets.token_hex(5)}" for _ in range(RECOVERY_CODES)]
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    session.execute(
        sa.insert(RecoveryCode),
        [{"id": new_id(), "user_id": user.id, "code_hash": digest(_plain(code))} for code in codes],
    )
    session.flush()
    return codes


def _plain(code: str) -> str:
    return code.replace(" ", "").replace("-", "").lower()
