"""The client's address, host and scheme: what proxies say is believed only of our own."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.peer import asked_host, asked_scheme, client_ip, host_name
from app.core.settings import Settings

PROXIED = Settings(trusted_proxies="10.0.0.0/8, 2001:db8::/32", ebay_env="sandbox")
DIRECT = Settings()


def scope(peer: str | None, *headers: tuple[str, str]) -> dict[str, Any]:
    return {
        "client": peer and (peer, 50_000),
        "scheme": "http",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
    }


def seen(peer: str | None, *lines: str, settings: Settings = PROXIED) -> str:
    return client_ip(scope(peer, *(("x-forwarded-for", line) for line in lines)), settings)


@pytest.mark.parametrize(
    ("peer", "lines", "address"),
    [
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),  # anybody may write the header
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.2.3.4, 198.51.100.1"], "198.51.100.1"),  # the client wrote 1.2.3.4
        ("10.0.0.1", ["1.2.3.4, 198.51.100.1, 10.9.9.9"], "198.51.100.1"),
        ("10.0.0.1", ["1.2.3.4", "198.51.100.1", "10.9.9.9"], "198.51.100.1"),
        ("10.0.0.1", ["10.1.1.1, 10.2.2.2"], "10.1.1.1"),  # a client of our own network
        ("10.0.0.1", ["198.51.100.1, junk"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, junk, 10.9.9.9"], "10.9.9.9"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1:40123"], "198.51.100.1"),
        ("10.0.0.1", ["[2001:db9::7]:40123"], "2001:db9::7"),
        ("10.0.0.1", ["2001:db9::7"], "2001:db9::7"),
        ("2001:db8::1", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1\x00"], "10.0.0.1"),
        (None, ["198.51.100.1"], "unknown"),
    ],
)
def test_the_client_is_the_last_address_that_is_no_proxy_of_ours(
    peer: str | None, lines: list[str], address: str
) -> None:
    assert seen(peer, *lines) == address


@given(st.text(st.characters(codec="latin-1"), max_size=60))
def test_whatever_a_stranger_writes_it_stays_the_same_stranger(line: str) -> None:
    assert seen("203.0.113.9", line, settings=DIRECT) == "203.0.113.9"
    assert seen("203.0.113.9", line) == "203.0.113.9"
    # behind a proxy that adds the true address too
    assert seen("10.0.0.1", line, "203.0.113.9") == "203.0.113.9"


def test_only_a_trusted_proxy_names_another_host_or_scheme() -> None:
    told = [
        ("host", "backend:8000"),
        ("x-forwarded-host", "evil.example, deals.example.com"),
        ("x-forwarded-proto", "https"),
    ]
    assert asked_host(scope("10.0.0.1", *told), PROXIED) == "deals.example.com"
    assert asked_scheme(scope("10.0.0.1", *told), PROXIED) == "https"
    assert asked_host(scope("203.0.113.9", *told), PROXIED) == "backend"
    assert asked_scheme(scope("203.0.113.9", *told), PROXIED) == "http"
    nonsense = [("host", "backend"), ("x-forwarded-host", "a b"), ("x-forwarded-proto", "gopher")]
    assert asked_host(scope("10.0.0.1", *nonsense), PROXIED) == "backend"
    assert asked_scheme(scope("10.0.0.1", *nonsense), PROXIED) == "http"


@pytest.mark.parametrize(
    ("authority", "host"),
    [
        ("Deals.Example.com:443", "deals.example.com"),
        ("[::1]:8000", "::1"),
        ("[::1]", "::1"),
        ("127.0.0.1", "127.0.0.1"),
        ("", ""),
        ("deals.example.com:x", ""),
        ("deals.example.com@evil.example", ""),
        ("deals.example.com/evil", ""),
        ("[::1", ""),
        ("[::1]evil", ""),
        ("a:1:2", ""),
    ],
)
def test_a_host_is_read_strictly(authority: str, host: str) -> None:
    assert host_name(authority) == host


def test_unsafe_settings_are_all_named_at_once() -> None:
    with pytest.raises(ValueError, match="PUBLIC_ORIGIN") as refused:
        Settings(
            public_origin="https://deals.example.com/app",
            cors_origins="https://app.example.com, *",
            trusted_hosts="*.example.com",
            trusted_proxies="10.0.0.1/8",
        )
    for name in ("CORS_ORIGINS", "TRUSTED_HOSTS", "TRUSTED_PROXIES"):
        assert name in str(refused.value)
