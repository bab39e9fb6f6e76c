"""How often what can be guessed may be tried: by account, by address, and over all.

Counted in Postgres by sliding windows, in a transaction of its own that is committed before anything
is looked at: whatever becomes of the request, its attempt has been counted. Without the database
nobody is admitted.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

import sqlalchemy as sa
import structlog

from app.core.addresses import address_group
from app.core.metrics import THROTTLED
from app.core.settings import get_settings
from app.db.models import ThrottleHit
from app.db.session import DATABASE_AWAY, Session, transaction
from app.errors import ServiceUnavailable, TooManyRequests

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `attempts` in any `window`."""

    attempts: int
    window: timedelta


QUARTER: Final = timedelta(minutes=15)
HOUR: Final = timedelta(hours=1)
EVERYBODY: Final = "everybody"

_GUESSING: Final = {
    # who knows a password needs few attempts; at this rate the commonest 1,000 take a day
    "account": Limit(10, QUARTER),
    # an office behind one address may have dozens of people signing in at nine
    "ip": Limit(50, QUARTER),
    # many addresses that try one password each: hashing them all would be all that we do
    EVERYBODY: Limit(1000, QUARTER),
}
LIMITS: Final[Mapping[str, Mapping[str, Limit]]] = {
    "sign_in": _GUESSING,
    "password": _GUESSING,
    # 6 digits of which 3 are right at a time: 40 attempts an hour find one in a year
    "code": _GUESSING,
    # each sends a mail: somebody else's inbox is not ours to fill
    "register": {"ip": Limit(20, HOUR), EVERYBODY: Limit(1000, HOUR)},
    "reset": {
        "account": Limit(5, HOUR),
        "ip": Limit(20, HOUR),
        EVERYBODY: Limit(1000, HOUR),
    },
}
"""What each kind of attempt is counted by. An account's limit holds for names without an account too."""

_PATIENCE_MS: Final = 2000


def admit(kind: str, keys: Mapping[str, str], *, now: datetime) -> None:
    """Count an attempt, or raise TooManyRequests when a limit is reached; exact under any concurrency.

    `keys`: what the attempt is for, by scope: `account`, `ip` or both; the limit over all is looked at
    besides. A refused attempt is not counted again, so a window opens when its oldest attempt has
    aged, however much is knocked meanwhile. ServiceUnavailable when it cannot be counted.
    """
    limits = {scope: LIMITS[kind][scope] for scope in (*keys, EVERYBODY)}
    hashed = {scope: _hashed(scope, keys.get(scope, "")) for scope in limits}
    try:
        with transaction() as session:
            _wait_for_turn(session, kind)
            full_until = _full_until(session, kind, limits, hashed, now)
            if not full_until:
                session.add_all(
                    ThrottleHit(kind=kind, scope=scope, key=key, at=now)
                    for scope, key in hashed.items()
                )
    except DATABASE_AWAY as error:
        raise ServiceUnavailable(
            "This cannot be done just now. Try again.", retry_after_s=5
        ) from error
    if full_until:
        for scope in full_until:
            THROTTLED.labels(kind, scope).inc()
        log.warning("throttle.refused", kind=kind, scopes=sorted(full_until))
        wait = max(full_until.values()) - now
        raise TooManyRequests(
            "There have been too many attempts. Wait a while before the next.",
            retry_after_s=max(1, ceil(wait.total_seconds())),
        )


def forgive(kind: str, scope: str, key: str) -> None:
    """Forget the attempts of one key, such as an account whose password was right in the end."""
    with transaction() as session:
        session.execute(
            sa.delete(ThrottleHit).where(
                ThrottleHit.kind == kind,
                ThrottleHit.scope == scope,
                ThrottleHit.key == _hashed(scope, key),
            )
        )


def forget_old(session: Session, *, now: datetime) -> None:
    """Delete the attempts that no window looks at any more."""
    longest = max(limit.window for limits in LIMITS.values() for limit in limits.values())
    session.execute(sa.delete(ThrottleHit).where(ThrottleHit.at < now - longest))


def _wait_for_turn(session: Session, kind: str) -> None:
    """One attempt of a kind is looked at at a time: they all share the limit over all.

    Takes a millisecond where the attempt itself takes hundreds. Whoever waits longer than
    _PATIENCE_MS gets the database's refusal.
    """
    session.execute(sa.text(f"set local lock_timeout = {_PATIENCE_MS}"))
    session.execute(
        sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"throttle:{kind}", 0)))
    )


def _full_until(
    session: Session,
    kind: str,
    limits: Mapping[str, Limit],
    hashed: Mapping[str, str],
    now: datetime,
) -> dict[str, datetime]:
    """When each limit that is reached will admit again."""
    oldest = [
        sa.select(ThrottleHit.at)
        .where(
            ThrottleHit.kind == kind,
            ThrottleHit.scope == scope,
            ThrottleHit.key == hashed[scope],
            ThrottleHit.at > now - limit.window,
        )
        .order_by(ThrottleHit.at.desc())
        .offset(limit.attempts - 1)
        .limit(1)
        .scalar_subquery()
        for scope, limit in limits.items()
    ]
    row = session.execute(sa.select(*oldest)).one()
    return {
        scope: at + limit.window
        for (scope, limit), at in zip(limits.items(), row, strict=True)
        if at is not None
    }


def _hashed(scope: str, key: str) -> str:
    """What is stored for a key. Keyed, so that a dump does not tell who tried to sign in."""
    secret = get_settings().session_key
    if scope == "ip":
        key = address_group(key)
    pepper = secret.get_secret_value().encode() if secret else b""
    return hmac.digest(pepper, f"throttle|{scope}|{key}".encode(), hashlib.sha256).hex()
