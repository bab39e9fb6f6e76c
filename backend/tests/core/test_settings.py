"""Production does not start on settings that protect nothing, and says all that is wrong with them at once."""

import base64
import os
import secrets
import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from app.core.settings import Settings
from app.stack.part import ROOT


def key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def production(**changes: str | None) -> dict[str, Any]:
    """Settings that production starts on, with some of them changed; None leaves one out."""
    told: dict[str, str | None] = {
        "environment": "production",
        "public_origin": "https://deals.test",
        "session_key": key(),
        "encryption_keys": f"k1:{key()}",
        "database_url": f"postgresql://dealscout_app:{key()}@db.test/deals",
        "redis_url": f"rediss://:{key()}@redis.test/0",
    }
    return {name: value for name, value in {**told, **changes}.items() if value is not None}


def faults(**changes: str | None) -> list[str]:
    """What is refused, one by one; and none of the values is in it."""
    told = production(**changes)
    with pytest.raises(ValidationError) as refused:
        Settings(**told)
    text = str(refused.value)
    for name, value in told.items():
        if name not in ("environment", "demo_mode") and len(value) > 6:
            assert value not in text
    return text.partition("Value error, ")[2].partition(" [type=")[0].split("; ")


@pytest.fixture(autouse=True)
def nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("EBAY_CLIENT_ID", raising=False)


def test_production_starts_on_secrets_that_are_some() -> None:
    settings = Settings(**production())
    assert settings.notices == [
        "SMTP_HOST is not set: no address can be verified, no password reset",
        "EBAY_APP_ID is not set: no listing is found on eBay",
    ]
    mail = {"smtp_host": "mail.test", "mail_from": "a@deals.test"}
    assert len(Settings(**production(**mail)).notices) == 1
    assert Settings().notices == []


def test_a_bare_production_names_every_fault_at_once() -> None:
    assert faults(
        public_origin=None,
        session_key=None,
        encryption_keys=None,
        database_url=None,
        redis_url=None,
        demo_mode="true",
    ) == [
        "DEMO_MODE must be off",
        "PUBLIC_ORIGIN must be https",
        "ENCRYPTION_KEYS is missing",
        "SESSION_KEY is missing",
        "DATABASE_URL's password is missing",
        "REDIS_URL's password is missing",
    ]


SAME = key()


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"session_key": "short-4nd-r4ndom"}, "SESSION_KEY is shorter than 24 characters"),
        ({"session_key": "changeme" * 4}, "SESSION_KEY is a placeholder"),
        ({"session_key": "Please-Change-Me-in-2026-1a2b3c"}, "SESSION_KEY is a placeholder"),
        ({"session_key": "x" * 43}, "SESSION_KEY is a placeholder"),
        ({"session_key": "your-secret-goes-here-0123456789"}, "SESSION_KEY is a placeholder"),
        (
            {"database_url": "postgresql://dealscout:dealscout@db.test/deals"},
            "DATABASE_URL's password is shorter than 12 characters",
        ),
        (
            {"database_url": "postgresql://dealscout:dealscout-dealscout@db.test/deals"},
            "DATABASE_URL's password is a placeholder",
        ),
        (
            {"database_url": "postgresql://dealscout@db.test/deals"},
            "DATABASE_URL's password is missing",
        ),
        (
            {"database_migration_url": "postgresql://owner@db.test/deals"},
            "DATABASE_MIGRATION_URL's password is missing",
        ),
        ({"redis_url": "redis://redis.test/0"}, "REDIS_URL's password is missing"),
        ({"public_origin": "http://deals.test"}, "PUBLIC_ORIGIN must be https"),
        ({"demo_mode": "true"}, "DEMO_MODE must be off"),
        ({"encryption_keys": None}, "ENCRYPTION_KEYS is missing"),
        (
            {"encryption_keys": key()},
            "ENCRYPTION_KEYS: a key's id must be 1 to 32 letters, digits, - or _, before a colon",
        ),
        (
            {"encryption_keys": "k1:c2hvcnQ"},
            "ENCRYPTION_KEYS: the key k1 has 5 bytes instead of 32",
        ),
        ({"encryption_keys": f"k1:{SAME},k1:{key()}"}, "ENCRYPTION_KEYS: the id k1 comes twice"),
        ({"encryption_keys": "k1:" + "A" * 43}, "ENCRYPTION_KEYS: the key k1 is a placeholder"),
        (
            {"session_key": SAME, "database_url": f"postgresql://a:{SAME}@db.test/deals"},
            "SESSION_KEY and DATABASE_URL's password are the same",
        ),
        (
            {"session_key": SAME.rstrip("="), "encryption_keys": f"k1:{SAME}"},
            "SESSION_KEY and ENCRYPTION_KEYS' k1 are the same",
        ),
        (
            {"encryption_keys": f"k2:{SAME},k1:{SAME}"},
            "ENCRYPTION_KEYS' k2 and ENCRYPTION_KEYS' k1 are the same",
        ),
        (
            {
                "database_url": f"postgresql://app:{SAME}@db.test/deals",
                "database_migration_url": f"postgresql://owner:{SAME}@db.test/deals",
            },
            "DATABASE_URL's password and DATABASE_MIGRATION_URL's password are the same",
        ),
        (
            {"s3_endpoint_url": "https://s3.test", "s3_access_key_id": "id-1"},
            "S3_SECRET_ACCESS_KEY is missing",
        ),
        ({"EBAY_APP_ID": "shop"}, "EBAY_CLIENT_SECRET is missing"),
        (
            {"smtp_host": "mail.test", "mail_from": "a@b.test", "smtp_username": "me"},
            "SMTP_PASSWORD is missing",
        ),
    ],
)
def test_production_refuses(changes: dict[str, str], fault: str) -> None:
    assert fault in faults(**changes)


def test_random_secrets_are_never_taken_for_placeholders() -> None:
    for _ in range(300):
        Settings(**production())


def test_a_cache_on_the_brokers_server_shares_its_password() -> None:
    same = key()
    told = production(redis_url=f"redis://:{same}@r.test/0", cache_url=f"redis://:{same}@r.test/1")
    assert Settings(**told).secrets["REDIS_URL's password"] == same


def test_malformed_keys_are_refused_everywhere() -> None:
    with pytest.raises(ValidationError, match="the key k1 has 3 bytes"):
        Settings(encryption_keys="k1:YWJj")  # type: ignore[arg-type]


def test_a_process_that_refuses_to_start_prints_names_only() -> None:
    hidden = f"short{secrets.token_hex(4)}"
    done = subprocess.run(
        [sys.executable, "-c", "import app.main"],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "backend"),
            "ENVIRONMENT": "production",
            "SESSION_KEY": hidden,
            "DATABASE_URL": f"postgresql://me:{hidden}@127.0.0.1:1/none",
            "API_PORT": hidden,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert "API_PORT" in done.stderr.upper()
    assert hidden not in done.stdout + done.stderr
