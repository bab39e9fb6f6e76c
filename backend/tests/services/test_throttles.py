"""What can be guessed is tried no more often than its limits say, by whatever many at once."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.core.clock import utc_now
from app.core.settings import Settings, get_settings
from app.db.models import ThrottleHit
from app.db.session import get_engine, session_factory, transaction
from app.errors import ServiceUnavailable, TooManyRequests
from app.services import throttles
from app.services.throttles import EVERYBODY, LIMITS, QUARTER, Limit

NOW = utc_now()
ANN = {"account": "ann@example.com", "ip": "203.0.113.7"}
ATTEMPTS = LIMITS["sign_in"]["account"].attempts


def tried(times: int, keys: dict[str, str], **later: float) -> list[int | None]:
    """What each attempt was told: None when admitted, else the seconds to wait."""
    told: list[int | None] = []
    for _ in range(times):
        try:
            throttles.admit("sign_in", keys, now=NOW + timedelta(**later))
        except TooManyRequests as refused:
            told.append(refused.retry_after_s)
        else:
            told.append(None)
    return told


def test_of_twenty_at_once_exactly_as_many_are_admitted_as_the_account_allows(
    process: Settings,
) -> None:
    barrier = threading.Barrier(20)
    outcomes: Counter[str] = Counter()

    def attempt(number: int) -> None:
        barrier.wait()
        for _ in range(2):
            try:
                throttles.admit("sign_in", {**ANN, "ip": f"203.0.113.{number}"}, now=utc_now())
                outcomes["admitted"] += 1
            except TooManyRequests:
                outcomes["refused"] += 1

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert outcomes == {"admitted": ATTEMPTS, "refused": 40 - ATTEMPTS}


def test_a_window_slides_and_says_when_it_opens(process: Settings) -> None:
    assert tried(4, ANN) == [None] * 4
    assert tried(7, ANN, minutes=5) == [None] * 6 + [600]
    # the first four have aged, the six of five minutes later have not
    assert tried(5, ANN, minutes=15, seconds=1) == [None] * 4 + [299]


def test_refused_attempts_do_not_put_the_next_one_off(process: Settings) -> None:
    tried(ATTEMPTS, ANN)
    assert None not in tried(30, ANN, minutes=14)
    assert tried(1, ANN, minutes=15, seconds=1) == [None]


def test_one_accounts_throttle_locks_no_other(process: Settings) -> None:
    assert tried(ATTEMPTS + 1, ANN)[-1] == 900
    assert tried(1, {"account": "bob@example.com", "ip": ANN["ip"]}) == [None]
    throttles.admit("password", ANN, now=NOW)  # nor another kind of attempt


def test_one_address_cannot_try_many_accounts(process: Settings) -> None:
    many = LIMITS["sign_in"]["ip"].attempts
    told = [
        tried(1, {"account": f"{number}@example.com", "ip": ANN["ip"]})[0]
        for number in range(many + 1)
    ]
    assert told == [None] * many + [900]


def test_addresses_of_one_ipv6_network_count_as_one(process: Settings) -> None:
    many = LIMITS["sign_in"]["ip"].attempts
    told = [
        tried(1, {"account": f"{number}@example.com", "ip": f"2001:db8:1:2::{number:x}"})[0]
        for number in range(many + 1)
    ]
    assert told == [None] * many + [900]
    assert tried(1, {"account": "x@example.com", "ip": "2001:db8:1:3::1"}) == [None]


def test_all_addresses_together_have_a_limit(
    process: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {**LIMITS["sign_in"], EVERYBODY: Limit(3, QUARTER)}
    monkeypatch.setattr(throttles, "LIMITS", {**LIMITS, "sign_in": few})
    told = [
        tried(1, {"account": f"{number}@example.com", "ip": f"203.0.113.{number}"})[0]
        for number in range(4)
    ]
    assert told == [None, None, None, 900]


def test_an_attempt_is_counted_whatever_becomes_of_the_request(process: Settings) -> None:
    def request() -> None:
        with transaction():
            throttles.admit("sign_in", ANN, now=NOW)
            raise RuntimeError("the request failed")

    with pytest.raises(RuntimeError):
        request()
    assert tried(ATTEMPTS, ANN)[-1] == 900


def test_without_the_database_nobody_is_admitted(
    process: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    for cache in (get_settings, get_engine, session_factory):
        cache.cache_clear()
    with pytest.raises(ServiceUnavailable) as refused:
        throttles.admit("sign_in", ANN, now=NOW)
    assert refused.value.retry_after_s == 5


def test_who_cannot_be_counted_in_time_is_not_admitted(
    process: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttles, "_PATIENCE_MS", 50)
    with transaction() as holder:
        throttles._wait_for_turn(holder, "sign_in")
        with pytest.raises(ServiceUnavailable):
            throttles.admit("sign_in", ANN, now=NOW)
    assert tried(1, ANN) == [None]


def test_what_was_typed_as_a_name_is_not_kept(process: Settings) -> None:
    tried(1, {"account": "my-secret-password", "ip": "203.0.113.7"})
    with transaction() as session:
        rows = session.scalars(sa.select(ThrottleHit)).all()
        kept = " ".join(f"{row.kind} {row.scope} {row.key}" for row in rows)
    assert {row.scope for row in rows} == {"account", "ip", EVERYBODY}
    assert "secret" not in kept
    assert "203.0.113" not in kept


def test_attempts_that_no_window_looks_at_are_forgotten(process: Settings) -> None:
    tried(1, ANN)
    with transaction() as session:
        throttles.forget_old(session, now=NOW + timedelta(minutes=59))
        assert session.scalar(sa.select(sa.func.count()).select_from(ThrottleHit)) == 3
        throttles.forget_old(session, now=NOW + timedelta(minutes=61))
        assert session.scalar(sa.select(sa.func.count()).select_from(ThrottleHit)) == 0


def test_a_kind_that_has_no_limits_is_a_fault_of_ours_not_a_way_in(process: Settings) -> None:
    with pytest.raises(KeyError):
        throttles.admit("no_such_kind", ANN, now=NOW)
    with pytest.raises(KeyError):
        throttles.admit("register", ANN, now=NOW)


def test_who_knew_the_password_is_forgiven_but_not_the_address(process: Settings) -> None:
    tried(ATTEMPTS, ANN)
    throttles.forgive("sign_in", "account", ANN["account"])
    assert tried(1, ANN) == [None]
    with transaction() as session:
        by_address = sa.select(sa.func.count()).where(ThrottleHit.scope == "ip")
        assert session.scalar(by_address) == ATTEMPTS + 1
