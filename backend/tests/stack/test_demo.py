"""The product as `make up` starts it, without the web: deals soon after the start, and nothing lost
when the worker is killed in the middle of a scan or Valkey forgets everything.
"""

import json
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
import redis

from app.stack import Stack
from tests.people import signed_in

PARTS = {"postgres", "redis", "s3", "ebay_sim", "mail", "api", "worker", "beat"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A small demo of this module's own."""
    stack = Stack(
        tmp_path_factory.mktemp("demo"),
        PARTS,
        # these tests wait by asking again and again
        {"API_PORT": "0", "WEB_PORT": "0", "RATE_LIMIT_ANONYMOUS": "0"}
        | {"SIM_LISTINGS": "2000", "DEMO_MODE": "true"},
    )
    with stack:
        yield stack
    stack.destroy()


def ask(demo: Stack, path: str, method: str = "GET") -> Any:
    request = urllib.request.Request(
        f"{demo.address('api')}{path}",
        method=method,
        headers=signed_in(demo.address("api"), demo.env["SESSION_KEY"], "admin"),
    )
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.load(reply)


def sql(demo: Stack, statement: str) -> Any:
    dsn = demo.env["DATABASE_URL"].replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def until(found: Callable[[], Any], *, seconds: float) -> Any:
    """What `found` gives once it is true; fails when that takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := found():
            return value
        time.sleep(0.25)
    pytest.fail(f"did not happen within {seconds} s")


def post(demo: Stack, path: str, body: dict[str, str], **headers: str) -> tuple[int, str]:
    """Status and text of what a stranger posts."""
    sent = {"Content-Type": "application/json"} | {
        k.replace("_", "-"): v for k, v in headers.items()
    }
    request = urllib.request.Request(
        f"{demo.address('api')}{path}", json.dumps(body).encode(), sent, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def letters(demo: Stack, to: str) -> list[dict[str, Any]]:
    """What the mail sink has for an address, whole, the newest first."""
    base = demo.address("mail")
    with urllib.request.urlopen(f"{base}/messages?to={to}", timeout=10) as reply:
        items = json.load(reply)["items"]
    found = []
    for item in items:
        with urllib.request.urlopen(f"{base}/messages/{item['id']}", timeout=10) as reply:
            found.append(json.load(reply))
    return found


def test_who_registers_verifies_by_the_letter_and_signs_in_even_when_mail_is_away_at_first(
    demo: Stack,
) -> None:
    ann = {"email": "ann@people.example", "password": "correct horse battery staple"}
    demo.stop_part("mail")
    asked = [
        post(demo, "/auth/register", {**ann, "display_name": "Ann"}, Idempotency_Key="ann-1")
        for _ in range(2)
    ]
    assert [status for status, _ in asked] == [202, 202]
    assert asked[0] == asked[1]
    assert post(demo, "/auth/login", ann)[0] == 403
    demo.start_part("mail")
    [letter] = until(lambda: letters(demo, ann["email"]), seconds=60)
    token = letter["text"].partition("/verify#token=")[2].split()[0]
    assert demo.env["PUBLIC_ORIGIN"] + f"/verify#token={token}" in letter["text"]
    assert post(demo, "/auth/verify", {"token": token})[0] == 204
    assert post(demo, "/auth/login", ann)[0] == 200
    logs = "".join(path.read_text() for path in (demo.data_dir / "logs").glob("*.log"))
    assert token not in logs
    assert token not in str(sql(demo, "select * from jobs"))
    assert len(letters(demo, ann["email"])) == 1


def test_two_hundred_deals_stand_in_the_list_within_a_minute(demo: Stack) -> None:
    until(lambda: ask(demo, "/buyer/deals?limit=1&min_score=0")["total"] >= 200, seconds=60)
    health = ask(demo, "/health")
    assert health["checks"]["postgres"]["status"] == "ok"
    assert health["checks"]["redis"]["status"] == "ok"
    assert health["checks"]["s3"]["status"] == "ok"


def test_a_worker_killed_in_the_middle_of_a_scan_loses_and_doubles_nothing(demo: Stack) -> None:
    before = sql(demo, "select count(*) from listings")[0][0]
    job = ask(demo, "/tasks/scan", "POST")["job"]
    until(lambda: ask(demo, job["address"])["state"] == "running", seconds=30)
    killed = ask(demo, job["address"])["attempts"]
    demo.kill("worker", signal.SIGKILL)

    def is_done() -> Any:
        # The lease's two minutes are over at once; again and again, as the killed worker's process that had the
        # job may have renewed it before it ended too. The supervisor starts another worker by itself.
        sql(
            demo,
            "update jobs set lease_until = now() - interval '1 second'"
            f" where state = 'running' and id = '{job['id']}' and attempts = {killed}",
        )
        found = ask(demo, job["address"])
        return found["state"] == "done" and found

    done = until(is_done, seconds=90)
    assert done["attempts"] >= 1
    assert sql(demo, "select count(*) from listings")[0][0] >= before
    repeated = """
        select count(*) from (
            select price_cents, shipping_cents, row_number() over w as number,
                lag(price_cents) over w as price_before, lag(shipping_cents) over w as shipping_before
            from price_history window w as (partition by listing_id order by observed_at)
        ) h
        where number > 1 and price_cents = price_before
            and shipping_cents is not distinct from shipping_before
    """
    assert sql(demo, repeated) == [(0,)]


def test_what_valkey_forgets_is_done_all_the_same(demo: Stack) -> None:
    jobs = [ask(demo, "/tasks/scan", "POST")["job"] for _ in range(3)]
    redis.Redis.from_url(demo.env["REDIS_URL"]).flushall()
    for job in jobs:
        until(lambda job=job: ask(demo, job["address"])["state"] == "done", seconds=60)  # type: ignore[misc]
    assert ask(demo, "/buyer/deals?limit=1")["items"]
