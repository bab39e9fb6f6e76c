"""The search for marked secrets finds them wherever they are, and tells their names and not what they are."""

from pathlib import Path

import psycopg
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.settings import Settings
from app.stack.secrets import MARK, SECRET_NAMES, load_secrets, marked
from tests import canary

WORD = "Meise3"


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a run of our own leaves what it leaves."""
    monkeypatch.setenv(MARK, WORD)
    monkeypatch.setenv(canary.EVIDENCE, str(tmp_path / "left"))
    (tmp_path / "left").mkdir()
    return tmp_path / "left"


def test_marked_secrets_tell_their_names_and_are_still_secrets(left: Path, tmp_path: Path) -> None:
    for name, value in load_secrets(tmp_path).items():
        assert marked(WORD, name) in value
        assert len(value) >= 32
    again = load_secrets(left)
    assert not set(again.values()) & set(load_secrets(tmp_path).values())
    Settings(encryption_keys=again["ENCRYPTION_KEYS"])  # type: ignore[arg-type]


def test_secrets_for_people_have_no_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MARK, raising=False)
    made = load_secrets(tmp_path)
    assert set(made) == SECRET_NAMES
    assert not [name for name, value in made.items() if name.replace("_", "") in value]


def test_a_secret_in_a_log_an_answer_or_a_row_is_found_and_named(
    left: Path, tmp_path: Path, database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = load_secrets(tmp_path)
    logs = tmp_path / "data/logs"
    logs.mkdir(parents=True)
    (logs / "api.log").write_text(f"x {secrets['SESSION_KEY']}\n")
    (logs / "worker.log").write_text("nothing\n")
    canary.keep_logs(tmp_path / "data", "stack")

    monkeypatch.setattr(TestClient, "request", TestClient.request)
    monkeypatch.setattr("app.stack.Stack.stop", lambda stack: None)
    canary.install()
    app = FastAPI()
    app.get("/leak")(lambda: {"key": secrets["S3_SECRET_ACCESS_KEY"]})
    app.get("/fine")(lambda: {"key": "none"})
    client = TestClient(app)
    assert [client.get(path).status_code for path in ("/leak", "/fine")] == [200, 200]

    with psycopg.connect(database.owner_dsn, autocommit=True) as connection:
        connection.execute("create table kept (a text, b bytea)")
        both = ("x" + secrets["REDIS_PASSWORD"], secrets["EBAY_CLIENT_SECRET"].encode())
        connection.execute("insert into kept values (%s, %s)", both)
    canary.keep_rows(database.owner_url)
    canary.keep_metrics()

    found = canary.search(left, WORD)

    assert {(line.partition("/")[0], line.partition(": ")[2]) for line in found} == {
        ("answers", "S3_SECRET_ACCESS_KEY"),
        ("logs", "SESSION_KEY"),
        ("rows", "REDIS_PASSWORD"),
        ("rows", "EBAY_CLIENT_SECRET"),
    }
    assert not [value for value in secrets.values() if value in "".join(found)]
    assert len(list((left / "logs").rglob("*.log"))) == 2


def test_a_run_that_leaves_nothing_to_search_fails(left: Path, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    assert canary.searched(left, WORD) == 1
    for kind in ("logs", "metrics", "dumps"):
        (left / kind).mkdir()
        (left / kind / "a").write_text("quiet")
    assert canary.searched(left, WORD) == 0
    (left / "dumps/a").write_text(marked(WORD, "SESSION_KEY"))
    assert canary.searched(left, WORD) == 1
    assert "dumps/a: SESSION_KEY" in capsys.readouterr().out
