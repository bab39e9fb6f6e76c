"""The API's process as the supervisor starts it: who is believed, what is limited, where its numbers are."""

import http.client
from collections.abc import Iterator

import pytest

from app.stack import Stack
from app.stack.ports import FIRST, is_free


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An API with little to grant, its metrics on a port of their own."""
    metrics = next(port for port in range(FIRST - 2000, FIRST) if is_free(port))
    made = Stack(
        tmp_path_factory.mktemp("doors"),
        {"postgres", "redis", "api"},
        {"API_PORT": "0", "WEB_PORT": "0", "METRICS_PORT": str(metrics)}
        | {"RATE_LIMIT_ANONYMOUS": "20"},
    )
    with made:
        yield made
    made.destroy()


def ask(port: str, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=30)
    connection.request(
        "GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    answer = connection.getresponse()
    answer.read()
    return answer


def test_the_429_happens_and_no_header_buys_another_address(stack: Stack) -> None:
    port = stack.env["API_PORT"]
    told = [
        ask(port, "/categories", X_Forwarded_For=f"198.51.100.{number}").status
        for number in range(21)
    ]
    assert told == [200] * 20 + [429]
    refused = ask(port, "/buyer/deals", X_Forwarded_For="198.51.100.77")
    assert refused.status == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert ask(port, "/livez").status == 200


def test_metrics_are_on_their_port_and_by_key_and_not_for_the_loopback_peer(stack: Stack) -> None:
    assert ask(stack.env["METRICS_PORT"], "/metrics").status == 200
    # over the limit by now, whoever asks: the main port says 429 before it looks at keys
    assert ask(stack.env["API_PORT"], "/metrics").status in (401, 429)
    assert ask(stack.env["METRICS_PORT"], "/health").status == 404


def test_another_host_is_not_ours(stack: Stack) -> None:
    assert ask(stack.env["API_PORT"], "/buyer/deals", Host="evil.example").status == 400
    assert ask(stack.env["API_PORT"], "/livez", Host="evil.example").status == 200
