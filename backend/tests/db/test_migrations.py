"""Migrations: from nothing to the newest, what the models say, and back."""

import os
import subprocess
import sys

import pytest
import sqlalchemy as sa

from app.core.settings import Settings
from app.db.session import engine_from
from app.stack.part import ROOT


def alembic(settings: Settings, *words: str) -> str:
    """Run alembic on the database of `settings`; gives what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "-c", str(ROOT / "alembic.ini"), *words],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "backend"),
            "DATABASE_URL": settings.database_url,
            "DATABASE_MIGRATION_URL": settings.database_migration_url,
            "DEMO_MODE": "true",
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode != 0:
        pytest.fail(f"alembic {' '.join(words)}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def tables(settings: Settings) -> set[str]:
    engine = engine_from(settings, pool_size=1)
    with engine.connect() as connection:
        names = set(sa.inspect(connection).get_table_names())
    engine.dispose()
    return names - {"alembic_version"}


def test_an_empty_database_becomes_what_the_models_say_and_goes_back(
    empty_database: Settings,
) -> None:
    alembic(empty_database, "upgrade", "head")
    made = tables(empty_database)
    assert {"listings", "comps", "deals", "valuations", "jobs", "schedule_slots"} <= made
    assert "No new upgrade operations detected" in alembic(empty_database, "check")
    alembic(empty_database, "downgrade", "-1")
    alembic(empty_database, "upgrade", "head")
    alembic(empty_database, "downgrade", "base")
    assert tables(empty_database) == set()
    alembic(empty_database, "upgrade", "head")
    assert tables(empty_database) == made


def test_there_is_one_newest_version(empty_database: Settings) -> None:
    assert alembic(empty_database, "heads").count("(head)") == 1
