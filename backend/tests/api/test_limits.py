"""Nobody asks more of us in a minute than their share, over all processes together, and all are told where they stand."""

import asyncio
import logging
import socket
from collections import Counter
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis
from fastapi.testclient import TestClient

from app.core.ratelimit import RateLimiter
from app.core.settings import Settings
from tests.api.serving import from_peer, serve

ANN, BOB = "203.0.113.7", "203.0.113.8"


def statuses(client: TestClient, times: int, path: str = "/buyer/deals") -> Counter[int]:
    return Counter(client.get(path).status_code for _ in range(times))


def test_over_the_limit_the_answer_is_429_and_says_when_to_come_back(
    process: Settings, valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(monkeypatch, peer=ANN, RATE_LIMIT_ANONYMOUS="5") as client:
        left = [client.get("/buyer/deals").headers["ratelimit-remaining"] for _ in range(5)]
        assert left == ["4", "3", "2", "1", "0"]
        refused = client.get("/buyer/deals")
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
        assert refused.headers["content-type"] == "application/problem+json"
        assert 50 <= int(refused.headers["retry-after"]) <= 60
        assert refused.headers["retry-after"] == refused.headers["ratelimit-reset"]
        assert refused.headers["ratelimit-limit"] == "5"
        assert refused.headers["ratelimit-remaining"] == "0"
        assert refused.headers["ratelimit-policy"] == '"default";q=5;w=60'
        assert refused.headers["ratelimit"].startswith('"default";r=0;t=')
        for path in ("/marketplaces", "/no/such/page", "/listings"):  # one budget for all
            assert client.get(path).status_code == 429, path
        assert statuses(from_peer(client, BOB), 5) == {200: 5}


def test_writing_another_address_into_a_header_buys_nothing(
    process: Settings, valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(monkeypatch, peer=ANN, RATE_LIMIT_ANONYMOUS="5") as client:
        for number in range(5):
            client.get("/buyer/deals", headers={"X-Forwarded-For": f"198.51.100.{number}"})
        for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP"):
            reply = client.get("/buyer/deals", headers={header: "198.51.100.99"})
            assert reply.status_code == 429, header


def test_behind_a_proxy_of_ours_each_client_has_a_share(
    process: Settings, valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(
        monkeypatch, peer="10.0.0.1", TRUSTED_PROXIES="10.0.0.0/8", RATE_LIMIT_ANONYMOUS="5"
    ) as client:

        def ask(forwarded: str) -> int:
            return client.get("/buyer/deals", headers={"X-Forwarded-For": forwarded}).status_code

        assert [ask(ANN) for _ in range(6)] == [200] * 5 + [429]
        assert ask(f"198.51.100.1, {ANN}") == 429
        assert ask(BOB) == 200


def test_addresses_of_one_ipv6_network_share(
    process: Settings, valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(monkeypatch, RATE_LIMIT_ANONYMOUS="5") as client:
        told = [
            from_peer(client, f"2001:db8:1:2::{number:x}").get("/buyer/deals").status_code
            for number in range(6)
        ]
        assert told == [200] * 5 + [429]
        assert from_peer(client, "2001:db8:1:3::1").get("/buyer/deals").status_code == 200


def test_what_is_dear_costs_more(
    process: Settings,
    valkey: redis.Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serve(monkeypatch, peer=ANN, RATE_LIMIT_ANONYMOUS="25") as client:
        # a scan costs 20, also one that is then refused for want of a key
        assert client.post("/tasks/scan").headers["ratelimit-remaining"] == "5"
        assert client.post("/tasks/scan").status_code == 429
        assert client.get("/buyer/deals").status_code == 200  # what is cheap still fits in


def test_who_looks_whether_we_are_well_is_never_refused(
    process: Settings, valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(monkeypatch, peer=ANN, RATE_LIMIT_ANONYMOUS="1") as client:
        statuses(client, 2)
        for path in ("/livez", "/readyz", "/health"):
            reply = client.get(path)
            assert reply.status_code == 200, path
            assert "ratelimit-limit" not in reply.headers


def test_without_a_limit_nothing_is_counted(
    process: Settings, valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(monkeypatch, peer=ANN, RATE_LIMIT_ANONYMOUS="0") as client:
        reply = client.get("/buyer/deals")
        assert "ratelimit-limit" not in reply.headers
        assert list(valkey.scan_iter("ds:rate*")) == []


def test_processes_count_together(
    process: Settings, valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def another_process() -> int:
        other = limiter(process)
        asked = {"scope": "requests", "key": f"ip:{ANN}", "limit": 100, "window_s": 60}
        told = [await other.hit(**asked) for _ in range(50)]
        await other.close()
        return sum(verdict.allowed for verdict in told)

    with serve(monkeypatch, peer=ANN, RATE_LIMIT_ANONYMOUS="100") as client:
        assert statuses(client, 60) == {200: 60}
        assert asyncio.run(another_process()) == 40
        assert statuses(client, 5) == {429: 5}


def test_while_valkey_is_away_each_process_counts_for_itself_and_says_so_once(
    process: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings = {"RATE_LIMIT_ANONYMOUS": "5", "CACHE_URL": "redis://127.0.0.1:1/0"}
    with serve(monkeypatch, peer=ANN, **settings) as client:
        logging.getLogger().addHandler(caplog.handler)  # the application has set its own
        before = _counted_alone()
        assert statuses(client, 8) == {200: 5, 429: 3}
        assert statuses(from_peer(client, BOB), 1) == {200: 1}
    assert said(caplog) == ["rate_limit.counting_alone"]
    assert _counted_alone() - before >= 6


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged about the limit, in order."""
    events = [record.msg["event"] for record in caplog.records if isinstance(record.msg, dict)]
    return [event for event in events if event.startswith("rate_limit")]


def _counted_alone() -> float:
    from app.core.metrics import RATE_LIMIT_LOCAL

    return RATE_LIMIT_LOCAL._value.get()


def limiter(process: Settings) -> RateLimiter:
    return RateLimiter.from_settings(process)


async def spent(limits: RateLimiter, times: int, **asked: Any) -> int:
    """How many of so many hits at once were allowed."""
    told = await asyncio.gather(*(limits.hit("test", "ann", **asked) for _ in range(times)))
    return sum(verdict.allowed for verdict in told)


def test_of_many_at_once_over_three_processes_exactly_the_limit_is_admitted(
    process: Settings, valkey: redis.Redis
) -> None:
    async def run() -> int:
        three = [limiter(process) for _ in range(3)]
        told = await asyncio.gather(*(spent(one, 400, limit=600, window_s=60) for one in three))
        for one in three:
            await one.close()
        return sum(told)

    assert asyncio.run(run()) == 600


def test_a_window_moves(process: Settings, valkey: redis.Redis) -> None:
    async def run() -> list[int]:
        one = limiter(process)
        told = [await spent(one, 3, limit=4, window_s=2)]
        await asyncio.sleep(1.2)
        told.append(await spent(one, 3, limit=4, window_s=2))
        await asyncio.sleep(1.2)  # the first three are over two seconds old, the fourth is not
        told.append(await spent(one, 9, limit=4, window_s=2))
        await one.close()
        return told

    assert asyncio.run(run()) == [3, 1, 3]


def test_one_lease_serves_a_twentieth_of_the_limit(process: Settings, valkey: redis.Redis) -> None:
    async def run() -> int:
        one = limiter(process)
        before = valkey.info("commandstats")["cmdstat_evalsha"]["calls"]
        assert await spent(one, 30, limit=600, window_s=60) == 30
        after: int = valkey.info("commandstats")["cmdstat_evalsha"]["calls"]
        await one.close()
        return after - before

    valkey.evalsha(valkey.script_load("return 1"), 0)
    assert (
        asyncio.run(run()) <= 4
    )  # a lease and a look, and each again when its script was not known


def test_when_valkey_is_back_it_counts_for_all_again(
    process: Settings,
    valkey: redis.Redis,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    from app.core import ratelimit

    monkeypatch.setattr(ratelimit, "OUTAGE_S", 0.05)
    real = urlsplit(process.cache_url)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = await asyncio.open_connection(real.hostname, real.port)

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while piece := await source.read(65_536):
                sink.write(piece)
            sink.close()

        await asyncio.gather(pump(reader, upstream[1]), pump(upstream[0], writer))

    async def run() -> list[int]:
        """How many counts Valkey holds while it cannot be reached, and after."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        netloc = f"{real.netloc.rpartition('@')[0]}@127.0.0.1:{port}"
        one = RateLimiter(urlunsplit(real._replace(netloc=netloc)))
        held = []
        assert (await one.hit("test", "bob", limit=4, window_s=60)).allowed
        held.append(len(list(valkey.scan_iter("ds:rate*"))))
        server = await asyncio.start_server(relay, "127.0.0.1", port)
        await asyncio.sleep(0.1)
        assert (await one.hit("test", "bob", limit=4, window_s=60)).allowed
        held.append(len(list(valkey.scan_iter("ds:rate*"))))
        await one.close()
        server.close()
        return held

    with caplog.at_level("INFO"):
        assert asyncio.run(run()) == [0, 1]
    assert said(caplog) == ["rate_limit.counting_alone", "rate_limit.counting_together"]
