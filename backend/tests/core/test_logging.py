"""The access log: one line per request, also after the file was moved away; nothing when switched off."""

import json
from pathlib import Path

import pytest

from app.core.logging import AccessLog, redact


def test_lines_go_to_the_file_and_to_a_new_one_when_it_was_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("app.core.logging.monotonic", lambda: now)
    path, log = tmp_path / "api.log", AccessLog()
    log.open(path, enabled=True)
    log.write(b'{"n":1}\n')
    path.rename(tmp_path / "api.log.1")
    now += 2
    log.write(b'{"n":2}\n')
    assert json.loads(path.read_text()) == {"n": 2}
    assert json.loads((tmp_path / "api.log.1").read_text()) == {"n": 1}


def test_a_quiet_log_writes_nothing(tmp_path: Path) -> None:
    log = AccessLog()
    log.open(tmp_path / "api.log", enabled=False)
    log.write(b"line\n")
    assert (tmp_path / "api.log").read_bytes() == b""


def test_secrets_and_passwords_in_addresses_are_blanked() -> None:
    event = redact(
        None,
        "info",
        {
            "event": "connected",
            "database_url": "postgresql://u:hunter2@127.0.0.1/db",
            "client_secret": "abc",
            "Authorization": "Bearer abc",
        },
    )
    assert event["database_url"] == "postgresql://u:[redacted]@127.0.0.1/db"
    assert event["client_secret"] == event["Authorization"] == "[redacted]"
