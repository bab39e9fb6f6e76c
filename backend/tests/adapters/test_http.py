"""Calls end in time, read a bounded amount, and are repeated only where that is safe."""

import gzip
import json
import time
from typing import Any

import pytest

from app.adapters.http import Answer, HttpClient, Policy, refuse_transient
from app.core.logging import bind_correlation_id, unbind_correlation_id
from app.core.metrics import EXTERNAL_REQUESTS
from app.ports import RateLimited, Unavailable
from tests.adapters.loopback import Script, drips, is_silent, loopback, resets, says

QUICK = Policy(
    connect_s=1, read_s=0.4, attempt_s=0.5, deadline_s=2, pause_s=0.01, longest_pause_s=0.02
)
OK = says(200, b'{"ok": 1}')


def read(answer: Answer) -> Any:
    refuse_transient("test", answer)
    return json.loads(answer.body)


def call(url: str, method: str = "GET", policy: Policy = QUICK, **options: Any) -> Any:
    client = HttpClient("test", policy)
    try:
        return client.call("op", method, url, read=read, **options)
    finally:
        client.close()


@pytest.mark.parametrize(
    "drip",
    [
        drips(b"HTTP/1.1 200 OK\r\n", b"X-Slow: 1\r\n", every_s=0.05),
        drips(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b" ", every_s=0.05),
        drips(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", every_s=0.05
        ),
        is_silent,
    ],
    ids=["headers", "body", "chunks", "silence"],
)
def test_a_server_that_never_finishes_costs_a_bounded_time(drip: Script) -> None:
    began = time.monotonic()
    with loopback(drip) as server, pytest.raises(Unavailable, match="in time"):
        call(server.url)
    assert time.monotonic() - began < QUICK.deadline_s + 0.5


def test_the_deadline_covers_all_tries() -> None:
    policy = Policy(read_s=5, attempt_s=5, deadline_s=0.4, pause_s=0.01)
    began = time.monotonic()
    with loopback(is_silent) as server, pytest.raises(Unavailable):
        call(server.url, policy=policy)
    assert time.monotonic() - began < 1.0


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip bomb"])
def test_a_huge_body_is_not_read_to_its_end(packed: bool) -> None:
    policy = Policy(max_body_bytes=1_000_000, pause_s=0.01, longest_pause_s=0.02)
    body = b" " * 20_000_000
    answer = says(200, gzip.compress(body), "Content-Encoding: gzip") if packed else says(200, body)
    with loopback(answer) as server, pytest.raises(Unavailable, match="more than we read"):
        call(server.url, policy=policy)
    assert len(server.requests) == policy.max_attempts


@pytest.mark.parametrize("fault", [says(500, b""), says(503, b"<html>"), resets, is_silent])
def test_a_get_is_repeated_until_it_succeeds(fault: Script) -> None:
    with loopback(fault, fault, OK) as server:
        assert call(server.url) == {"ok": 1}
    assert len(server.requests) == 3


def test_a_get_is_given_up_after_three_tries() -> None:
    with loopback(says(502, b"")) as server, pytest.raises(Unavailable, match="502"):
        call(server.url)
    assert len(server.requests) == 3


def test_a_post_is_never_repeated() -> None:
    with loopback(says(503, b""), OK) as server, pytest.raises(Unavailable):
        call(server.url, "POST", content=b"x=1")
    assert len(server.requests) == 1


def test_retry_after_is_honoured_within_the_deadline() -> None:
    began = time.monotonic()
    with loopback(says(429, b"{}", "Retry-After: 1"), OK) as server:
        assert call(server.url) == {"ok": 1}
    assert time.monotonic() - began >= 1.0


def test_a_longer_retry_after_is_handed_on_at_once() -> None:
    began = time.monotonic()
    with (
        loopback(says(429, b"{}", "Retry-After: 600")) as server,
        pytest.raises(RateLimited) as info,
    ):
        call(server.url)
    assert info.value.retry_after_s == 600
    assert len(server.requests) == 1
    assert time.monotonic() - began < 1.0


@pytest.mark.parametrize("value", ["soon", "-5", "9" * 400, "Wed, 99 Foo 2026", ""])
def test_an_odd_retry_after_does_no_harm(value: str) -> None:
    with (
        loopback(says(429, b"{}", f"Retry-After: {value}")) as server,
        pytest.raises(RateLimited) as info,
    ):
        call(server.url)
    assert 0 <= info.value.retry_after_s <= 86_400


def test_nobody_listening_is_unavailable() -> None:
    with loopback(OK) as server:
        url = server.url
    with pytest.raises(Unavailable, match="cannot be reached"):
        call(url)


def test_a_broken_answer_is_unavailable() -> None:
    with (
        loopback(lambda c: c.sendall(b"SSH-2.0-hello\r\n\r\n")) as server,
        pytest.raises(Unavailable),
    ):
        call(server.url)


def test_every_try_is_announced_before_it_is_sent() -> None:
    announced: list[int] = []
    with loopback(says(500, b""), says(500, b""), OK) as server:
        call(server.url, before=lambda: announced.append(len(server.requests)))
    assert announced == [0, 1, 2]


def test_the_correlation_id_travels_along() -> None:
    bind_correlation_id("req-12345678")
    try:
        with loopback(OK) as server:
            call(server.url)
    finally:
        unbind_correlation_id()
    head = server.requests[0].decode().lower()
    assert "x-request-id: req-12345678" in head
    assert "user-agent: dealscout/" in head


def test_calls_are_counted_by_outcome() -> None:
    def count(outcome: str) -> float:
        return EXTERNAL_REQUESTS.labels("test", "op", outcome)._value.get()

    failed, succeeded = count("unavailable"), count("ok")
    with loopback(says(500, b""), OK) as server:
        call(server.url)
    assert (count("unavailable") - failed, count("ok") - succeeded) == (1, 1)
