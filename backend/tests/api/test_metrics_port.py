"""/metrics: by key on the main port, whoever the peer is; without one on a port that nothing publishes."""

import http.client
import socket

import pytest

from app.core.settings import Settings
from app.stack.ports import is_listening
from tests.api.serving import serve
from tests.people import Person, make_key


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def scrape(port: int, path: str = "/metrics", method: str = "GET") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "10.0.0.1", "203.0.113.7"])
def test_the_main_port_wants_a_key_of_everybody(
    administrator: Person, monkeypatch: pytest.MonkeyPatch, peer: str
) -> None:
    """Behind a proxy every peer is 127.0.0.1."""
    key = make_key(administrator, "metrics")
    with serve(monkeypatch, peer=peer, TRUSTED_PROXIES="127.0.0.1") as client:
        for headers in ({}, {"X-Forwarded-For": "127.0.0.1"}, {"Authorization": "Bearer wrong"}):
            reply = client.get("/metrics", headers=headers)
            assert (reply.status_code, reply.json()["code"]) == (401, "unauthenticated")
            assert "ds_" not in reply.text
        told = client.get("/metrics", headers=key)
        assert told.status_code == 200
        assert "ds_queue_depth" in told.text


def test_a_port_of_its_own_serves_metrics_and_nothing_else(
    process: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    with serve(monkeypatch, METRICS_PORT=str(port)) as client:
        client.get("/marketplaces")
        status, text = scrape(port)
        assert status == 200
        assert 'route="/marketplaces"' in text
        assert 'ds_schedule_period_seconds{job_name="scan"}' in text  # read just now, not counted
        for path in ("/", "/health", "/buyer/deals", "/metrics/x"):
            assert scrape(port, path)[0] == 404, path
        assert scrape(port, method="POST")[0] == 501
    assert not is_listening(port)


def test_processes_of_one_machine_share_the_port(
    process: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.api.metrics_port import metrics_port

    settings = process.model_copy(update={"metrics_port": free_port()})
    with metrics_port(settings), metrics_port(settings):
        for _ in range(5):
            assert scrape(settings.metrics_port)[0] == 200


def test_a_port_that_is_somebody_elses_keeps_us_from_starting(process: Settings) -> None:
    from app.api.metrics_port import metrics_port

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = process.model_copy(update={"metrics_port": other.getsockname()[1]})
        with pytest.raises(OSError, match="in use"), metrics_port(settings):
            pass


def test_without_the_database_a_scrape_says_so(
    process: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.core.settings import get_settings
    from app.db.session import get_engine, session_factory

    port = free_port()
    with serve(monkeypatch, METRICS_PORT=str(port)):
        monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
        for cache in (get_settings, get_engine, session_factory):
            cache.cache_clear()
        assert scrape(port) == (503, "The database does not answer.\n")
