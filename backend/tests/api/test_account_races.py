"""What two do at once with one account, link or code: one of them gets it, and what was ended stays ended."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pyotp
import pytest
import redis
import sqlalchemy as sa
from fastapi.testclient import TestClient

from app.core.clock import utc_now
from app.db.session import transaction
from app.services import account_tokens
from tests.people import PASSWORD, Person, make_person

NEW = "a new and longer password"


def browser(client: TestClient) -> TestClient:
    """Another browser with cookies of its own, before the same running application."""
    other = TestClient(client.app, raise_server_exceptions=False)
    other.portal = client.portal
    return other


def at_once(*steps: Callable[[], Any]) -> list[Any]:
    """What these answer when all begin together."""
    start = Barrier(len(steps))

    def run(step: Callable[[], Any]) -> Any:
        start.wait()
        return step()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def logins(client: TestClient, email: str, **more: str) -> Callable[[], Any]:
    body = {"email": email, "password": PASSWORD, **more}
    return lambda: browser(client).post("/auth/login", json=body)


def statuses(replies: Sequence[Any]) -> list[int]:
    return sorted(reply.status_code for reply in replies)


def test_one_reset_link_used_twice_at_once_sets_one_password(client: TestClient) -> None:
    person = make_person("buyer")
    with transaction() as session:
        token = account_tokens.mail_token(session, person.id, "reset_password", now=utc_now())
    words = ("the first of two passwords", "the second of two passwords")

    def reset(password: str) -> Callable[[], Any]:
        body = {"token": token, "password": password}
        return lambda: browser(client).post("/auth/reset", json=body)

    replies = at_once(*map(reset, words))
    assert statuses(replies) == [204, 422]
    for password, reply in zip(words, replies, strict=True):
        body = {"email": person.email, "password": password}
        opened = browser(client).post("/auth/login", json=body)
        assert opened.status_code == (200 if reply.status_code == 204 else 401)


def test_one_code_given_twice_at_once_opens_one_session(client: TestClient) -> None:
    person = make_person("buyer")
    begun = browser(client).post(
        "/account/second-factor", json={"current_password": PASSWORD}, headers=person.headers
    )
    totp = pyotp.TOTP(begun.json()["secret"])
    step = int(utc_now().timestamp()) // 30
    confirmed = browser(client).post(
        "/account/second-factor/confirm",
        json={"code": totp.generate_otp(step - 1)},
        headers=person.headers,
    )
    for code in (totp.generate_otp(step), confirmed.json()["recovery_codes"][0]):
        same = logins(client, person.email, code=code)
        assert statuses(at_once(same, same)) == [200, 422]


@pytest.mark.parametrize("round_", range(4))
def test_no_session_of_the_old_password_outlives_its_change(
    client: TestClient, round_: int
) -> None:
    person = make_person("buyer")

    def change() -> Any:
        time.sleep(0.03 * round_)  # the hashing of the one falls into different steps of the other
        body = {"current_password": PASSWORD, "password": NEW}
        return browser(client).post("/account/password", json=body, headers=person.headers)

    changed, *opened = at_once(change, *[logins(client, person.email)] * 3)
    assert changed.status_code == 204, changed.text
    for reply in opened:
        assert reply.status_code in (200, 401)
        if reply.status_code == 200:
            cookie = {"Cookie": reply.headers["set-cookie"].partition(";")[0]}
            assert browser(client).get("/account", headers=cookie).status_code == 401


@pytest.mark.parametrize("body", [{"roles": ["buyer"]}, {"disabled": True}])
def test_two_admins_who_remove_each_other_leave_one(
    client: TestClient, body: dict[str, Any]
) -> None:
    for _ in range(3):
        with transaction() as session:
            session.execute(sa.text("update users set disabled_at = now(), roles = '{buyer}'"))
        one, two = make_person("admin"), make_person("admin")

        def remove(who: Person, whom: Person) -> Callable[[], Any]:
            path = f"/admin/users/{whom.id}"
            return lambda: browser(client).patch(path, json=body, headers=who.headers)

        replies = at_once(remove(one, two), remove(two, one))
        assert 200 in statuses(replies)
        with transaction() as session:
            left = session.scalar(
                sa.text(
                    "select count(*) from users where 'admin' = any(roles) and disabled_at is null"
                )
            )
        assert left == 1


@pytest.mark.parametrize("flushed", [False, True])
def test_nothing_that_starts_after_an_account_was_barred_succeeds(
    client: TestClient, administrator: Person, valkey: redis.Redis, flushed: bool
) -> None:
    person = make_person("buyer")
    over = Event()

    def ask() -> list[tuple[float, int]]:
        seen = []
        mine = browser(client)
        while not over.is_set():
            began = time.monotonic()
            seen.append((began, mine.get("/account", headers=person.headers).status_code))
        return seen

    with ThreadPoolExecutor(50) as pool:
        askers = [pool.submit(ask) for _ in range(50)]
        try:
            time.sleep(0.5)
            if flushed:
                valkey.flushdb()
            barred = browser(client).patch(
                f"/admin/users/{person.id}", json={"disabled": True}, headers=administrator.headers
            )
            acknowledged = time.monotonic()
            if flushed:
                valkey.flushdb()
            time.sleep(0.7)
        finally:
            over.set()
        seen = [one for asker in askers for one in asker.result()]
    assert barred.status_code == 200
    assert any(status == 200 for began, status in seen if began < acknowledged)
    after = {status for began, status in seen if began > acknowledged}
    assert after == {401}
