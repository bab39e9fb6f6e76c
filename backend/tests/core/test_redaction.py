"""Nothing secret is in a log line: not by its name, not by its look, and not by its value, whoever writes the line."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from app.core.logging import access_log, configure_logging
from app.core.redaction import REDACTED, Blanker, clean, clean_text
from app.core.settings import Settings
from app.stack.part import ROOT

HUSH = "q7Zt0pXw-3sR8kLmB2vNc5"


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://app:{HUSH}@db:5432/x",
        f"postgresql://app:{HUSH}@odd@db:5432/x",
        f"could not connect to redis://:{HUSH}@r/0, retrying",
        f"Authorization: Bearer {HUSH}",
        f"authorization: Basic {HUSH}",
        f"{{'Authorization': 'Bearer {HUSH}'}}",
        f'{{"authorization":"Bearer {HUSH}"}}',
        f"('Authorization', 'Bearer {HUSH}')",
        f"sent with bearer {HUSH} to the host",
        f"BEARER {HUSH}",
        f"Cookie: theme=dark; __Host-session={HUSH}",
        f"Set-Cookie: __Host-session={HUSH}; HttpOnly",
        f"COOKIE: a={HUSH}",
        f"ds_live_0123abcd_{HUSH}",
        f"password='{HUSH}'",
        f'client_secret: "{HUSH}"',
        f'{{\\"refresh_token\\": \\"{HUSH}\\"}}',
        f"GET /callback?code={HUSH}&state={HUSH}",
        f"/reset?token={HUSH}",
        f"api_key={HUSH}",
        f"X-Api-Key: {HUSH}",
    ],
)
def test_what_looks_like_a_secret_is_blanked_in_any_text(text: str) -> None:
    cleaned = clean_text(text)
    assert HUSH not in cleaned
    assert REDACTED in cleaned
    assert HUSH not in str(clean({"deep": [{"er": (text.encode(), ValueError(text))}]}))


@pytest.mark.parametrize(
    "text",
    [
        "listing.ingested",
        "GET https://deals.example/buyer/deals?limit=20&cursor=abc answered 200",
        "a 1950s token ring, price=120 USD",
        "https://api.example:8443/x",
        "the cookie jar is a ceramic one",
    ],
)
def test_what_does_not_stays(text: str) -> None:
    assert clean_text(text) == text


def test_values_under_secret_names_are_blanked_however_deep() -> None:
    held = {
        "headers": [("Cookie", HUSH), (b"authorization", HUSH.encode()), ("Accept", "text/html")],
        "body": {"user": {"password": HUSH, "tokens_used": 3, "name": "A"}, "session_id": HUSH},
        b"api_key": HUSH,
    }
    cleaned = clean(held)
    assert HUSH not in str(cleaned)
    assert cleaned["body"]["user"] == {"password": REDACTED, "tokens_used": 3, "name": "A"}
    assert cleaned["headers"][2] == ["Accept", "text/html"]
    assert held["body"]["user"]["password"] == HUSH, "what was logged is not changed"  # type: ignore[index]


def test_an_endless_value_ends() -> None:
    held: dict[str, Any] = {}
    held["self"] = held
    assert "[too deep]" in str(clean(held))


@given(st.recursive(st.text() | st.binary() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_nothing_that_can_be_logged_breaks_the_line(held: Any) -> None:
    json.dumps(clean({"held": held}), default=str)


@given(st.text(min_size=6, max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_a_known_value_is_found_in_json_and_in_addresses(
    secret: str, before: str, after: str
) -> None:
    blank = Blanker([secret])
    for line in (json.dumps({"x": before + secret + after}), before + secret + after):
        assert secret not in blank.text(line).replace(REDACTED, "") or secret in REDACTED
        assert blank.line(line.encode("utf-8", "replace")) is not None


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """A log file that this process writes to as the product does, with settings that hold HUSH."""
    root = logging.getLogger()
    before = (root.handlers, root.level, sys.excepthook)
    path = tmp_path / "api.log"
    configure_logging(
        Settings(
            session_key=HUSH,  # type: ignore[arg-type]
            database_url=f"postgresql://app:p%2Fw-{HUSH[::-1]}@db/x",
            log_file=path,
        )
    )
    yield path
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level, sys.excepthook = before
    access_log.open(None, enabled=False)
    structlog.reset_defaults()


def test_no_way_into_the_log_lets_a_setting_through(log: Path) -> None:
    other = f"p/w-{HUSH[::-1]}"
    structlog.get_logger("a").info("told", plain=HUSH, nested={"a": [HUSH.encode()]}, both=other)
    logging.getLogger("uvicorn.error").warning("%s and %s", HUSH, {"key": other})
    try:
        raise ValueError(f"bad value {HUSH}") from KeyError(other)
    except ValueError as error:
        structlog.get_logger("a").exception("failed", error=error)
        logging.getLogger("celery").exception("failed with %r", error)
        sys.excepthook(type(error), error, error.__traceback__)
    logging.getLogger("x").error("stack", stack_info=True)
    access_log.write(b'{"path":"/x/' + HUSH.encode() + b'"}\n')
    text = log.read_text()
    assert HUSH not in text
    assert other not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert len(lines) == 7
    assert all(REDACTED in line for line in text.splitlines() if '"event":"stack"' not in line)
    assert "ValueError: bad value [redacted]" in lines[3]["exception"], "the story is kept"


def test_counts_times_and_ids_are_kept(log: Path) -> None:
    structlog.get_logger("a").info("listing.ingested", count=3, tokens=12, share=0.5, none=None)
    line = json.loads(log.read_text())
    assert {**line, "timestamp": ""} == {
        "event": "listing.ingested",
        "level": "info",
        "logger": "a",
        "timestamp": "",
        "count": 3,
        "tokens": 12,
        "share": 0.5,
        "none": None,
    }


def test_a_process_that_fails_says_so_in_the_log_without_its_secrets() -> None:
    code = (
        "from app.core.logging import configure_logging; from app.core.settings import Settings;"
        "configure_logging(Settings()); raise RuntimeError(Settings().session_key.get_secret_value())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT / "backend"), "SESSION_KEY": HUSH},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    line = json.loads(done.stderr)
    assert (line["event"], line["level"]) == ("process.failed", "critical")
    assert "RuntimeError: [redacted]" in line["exception"]
    assert HUSH not in done.stderr
