"""Changing keys: everything ends under the current key, whoever writes meanwhile and however often it is cut off."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from app.commands.rotate_keys import rotate
from app.core.crypto import KeyMissing, Sealer
from app.core.settings import Settings
from app.db.roles import grant_rows
from app.db.sealed import SEALED, SealedColumn
from app.db.session import transaction
from app.services import sealing
from app.stack.part import ROOT
from app.stack.postgres import APP_USER
from tests.people import make_person

OLD, NEW, LOST = ({name: os.urandom(32)} for name in ("k1", "k2", "k0"))
THINGS = SealedColumn("things", "secret")
NUMBERED = SealedColumn("numbered", "token_sealed", "number")


@pytest.fixture
def rows(process: Settings) -> Iterator[psycopg.Connection[Any]]:
    """Two tables with sealed values, one by UUID and one by number."""
    with psycopg.connect(process.owner_dsn, autocommit=True) as owner:
        owner.execute("create table things (id uuid primary key, secret bytea, other int)")
        owner.execute("create table numbered (number int primary key, token_sealed bytea)")
        grant_rows(owner, APP_USER)
    with psycopg.connect(process.database_dsn, autocommit=True) as connection:
        yield connection


def add(rows: psycopg.Connection[Any], sealer: Sealer, text: bytes) -> UUID:
    made = uuid4()
    sealed = sealer.seal(text, table="things", row_id=made, column="secret")
    rows.execute("insert into things values (%s, %s, 0)", [made, sealed])
    return made


def read(rows: psycopg.Connection[Any], sealer: Sealer, row_id: UUID) -> bytes:
    found = rows.execute("select secret from things where id = %s", [row_id]).fetchone()
    assert found is not None
    return sealer.open(found[0], table="things", row_id=row_id, column="secret")


def test_every_registered_column_is_there(process: Settings) -> None:
    with psycopg.connect(process.database_dsn) as connection:
        for where in SEALED:
            connection.execute(f"select {where.id_column} from {where.table}".encode())
            kind = connection.execute(
                "select data_type from information_schema.columns"
                " where table_name = %s and column_name = %s",
                [where.table, where.column],
            ).fetchone()
            assert kind == ("bytea",)


def test_every_sealed_looking_column_is_registered(process: Settings) -> None:
    with psycopg.connect(process.database_dsn) as connection:
        found = connection.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'public' and column_name like '%sealed'"
        ).fetchall()
    assert {(where.table, where.column) for where in SEALED} == set(found)


def test_all_values_end_under_the_current_key(rows: psycopg.Connection[Any]) -> None:
    old, both = Sealer(OLD), Sealer({**NEW, **OLD})
    made = {add(rows, old, b"%d" % number): b"%d" % number for number in range(250)}
    fresh = add(rows, both, b"fresh")
    rows.execute("insert into things values (gen_random_uuid(), null, 0)")
    for number in range(3):
        sealed = old.seal(b"t", table="numbered", row_id=number, column="token_sealed")
        rows.execute("insert into numbered values (%s, %s)", [number, sealed])

    told = rotate(both, (THINGS, NUMBERED))

    assert told == {
        "key": "k2",
        "columns": {
            "things.secret": {"rewrapped": 250, "current": 251},
            "numbered.token_sealed": {"rewrapped": 3, "current": 3},
        },
        "unopened": [],
    }
    new = Sealer(NEW)
    assert {row: read(rows, new, row) for row in made} == made
    assert read(rows, new, fresh) == b"fresh"
    again = rotate(both, (THINGS, NUMBERED))["columns"]
    assert [counts["rewrapped"] for counts in again.values()] == [0, 0]


def test_a_run_that_is_cut_off_goes_on_where_it_stopped(rows: psycopg.Connection[Any]) -> None:
    both = Sealer({**NEW, **OLD})
    for number in range(30):
        add(rows, Sealer(OLD), b"%d" % number)
    with transaction() as session:
        assert sealing.rewrap_next(session, both, THINGS, limit=10).rewrapped == 10
    with transaction() as session:
        assert sealing.rewrap_next(session, both, THINGS, limit=10).rewrapped == 10
        session.rollback()
    assert rotate(both, (THINGS,))["columns"]["things.secret"] == {"rewrapped": 20, "current": 30}


def test_what_cannot_be_opened_is_named_and_left_and_the_rest_is_done(
    rows: psycopg.Connection[Any],
) -> None:
    both = Sealer({**NEW, **OLD})
    lost, moved, good = (add(rows, Sealer(key), b"quiet") for key in (LOST, OLD, OLD))
    rows.execute("update things set secret = (select secret from things where id = %s) where id = %s", [good, moved])  # fmt: skip
    before = rows.execute("select id, secret from things where id <> %s", [good]).fetchall()

    told = rotate(both, (THINGS,))

    assert told["columns"]["things.secret"] == {"rewrapped": 1, "current": 1}
    assert {(one["row"], one["why"]) for one in told["unopened"]} == {
        (str(lost), "the key k0 is not in ENCRYPTION_KEYS"),
        (str(moved), "a sealed value was changed or moved"),
    }
    after = rows.execute("select id, secret from things where id <> %s", [good]).fetchall()
    assert sorted(after) == sorted(before)


def test_a_value_that_is_changed_meanwhile_is_not_overwritten(
    rows: psycopg.Connection[Any], process: Settings
) -> None:
    old, both = Sealer(OLD), Sealer({**NEW, **OLD})
    row = add(rows, old, b"before")
    found: list[Any] = []
    with psycopg.connect(process.database_dsn) as other:
        changed = both.seal(b"after", table="things", row_id=row, column="secret")
        other.execute("update things set secret = %s where id = %s", [changed, row])
        running = threading.Thread(target=lambda: found.append(rotate(both, (THINGS,))))
        running.start()
        running.join(0.5)
        assert running.is_alive(), "it waits for who holds the row"
        other.commit()
    running.join(10)
    assert found[0]["columns"]["things.secret"] == {"rewrapped": 0, "current": 1}
    assert read(rows, Sealer(NEW), row) == b"after"


def test_two_runs_at_once_do_each_row_once(rows: psycopg.Connection[Any]) -> None:
    both = Sealer({**NEW, **OLD})
    made = {add(rows, Sealer(OLD), b"%d" % number): b"%d" % number for number in range(300)}
    found: list[Any] = []
    runs = [
        threading.Thread(target=lambda: found.append(rotate(both, (THINGS,)))) for _ in range(2)
    ]
    for thread in runs:
        thread.start()
    for thread in runs:
        thread.join(30)
    assert sum(told["columns"]["things.secret"]["rewrapped"] for told in found) == 300
    assert {row: read(rows, Sealer(NEW), row) for row in made} == made


def command(settings: Settings, keys: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "backend")}
    environment |= {"DATABASE_URL": settings.database_url, "ENCRYPTION_KEYS": keys}
    return subprocess.run(
        [sys.executable, "-m", "app", "rotate-keys"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_command_says_what_it_did_and_what_it_could_not(process: Settings) -> None:
    keys = process.encryption_keys
    assert keys is not None
    user = make_person("buyer").id
    place = {"table": "users", "row_id": user, "column": "totp_secret_sealed"}
    with psycopg.connect(process.database_dsn, autocommit=True) as connection:
        connection.execute(
            "update users set totp_secret_sealed = %s where id = %s",
            [Sealer.from_settings(process).seal(b"JBSWY3DP", **place), user],
        )
    added = f"k9:{'A1b2_-' * 7}A,{keys.get_secret_value()}"

    done = command(process, added)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["columns"] == {
        "users.totp_secret_sealed": {"rewrapped": 1, "current": 1}
    }
    refused = command(process, keys.get_secret_value())
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["unopened"] == [
        {
            "table": "users",
            "row": str(user),
            "column": "totp_secret_sealed",
            "why": "the key k9 is not in ENCRYPTION_KEYS",
        }
    ]
    bare = command(process, "")
    assert (bare.returncode, bare.stdout) == (1, "")
    assert "ENCRYPTION_KEYS is not set" in bare.stderr


def test_without_a_key_nothing_is_tried(process: Settings) -> None:
    with pytest.raises(KeyMissing):
        rotate(Sealer({}), SEALED)
