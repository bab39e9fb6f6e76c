"""`python -m app evaluate-valuation` as a person runs it: files in, numbers out, nothing left behind."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.__main__ import main
from app.core.settings import Settings
from app.stack.errors import StackError
from app.stack.part import ROOT
from app.stack.scratch import scratch_database
from tests.domain.making import make_sales, spelled

FIELDS = [
    "n",
    "answered",
    "abstained",
    "mdape",
    "within_25",
    "coverage_80",
    "median_width_pct",
    "mdape_confident",
    "baseline_keyword_mdape",
    "ms_per_item_p50",
    "ms_per_item_p95",
    "fit_s",
    "peak_rss_mb",
    "comps",
    "bad_comps",
    "bad_items",
    "formula_version",
]


def run(*words: str | Path, settings: Settings | None = None) -> subprocess.CompletedProcess[str]:
    """The command; with `settings` the environment names the product's database."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "backend")}
    if settings is not None:
        environment["DATABASE_URL"] = settings.database_url
    return subprocess.run(
        [sys.executable, "-m", "app", "evaluate-valuation", *map(str, words)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )


def lines_of(*, per_model: int, seed: int) -> list[str]:
    """Sales of the hand-made market, each with words of its own."""
    return [
        f"{comp.title} {spelled(seed * 1000 + comp.id.int)},{comp.price_cents / 100:.2f},USD,{comp.condition},"
        f"Film Cameras,{comp.sold_at.date()},0"
        for comp in make_sales(per_model=per_model, seed=seed)
    ]


def write(path: Path, lines: Sequence[str]) -> Path:
    header = "title,price,currency,condition,category,sold_at,shipping"
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """240 comparables and 40 items, of which 16 are in both; bad rows, other currencies, a lot."""
    comps, items = lines_of(per_model=30, seed=1), lines_of(per_model=3, seed=2)
    items += comps[::15]
    comps += ["No price,,USD,,,,", "Leica M6 Wetzlar,900,EUR,,Film Cameras,,0"]
    items += ["Leica M6 Wetzlar,far too much,USD,,,,", "Leica M6 panda,2500,EUR,,Film Cameras,,0"]
    items += ["Lot of 3 Nikon FM2 cameras,900,USD,used,Film Cameras,2026-11-01,0"]
    return write(tmp_path / "comps.csv", comps), write(tmp_path / "items.csv", items)


def rows_by_table(database_url: str) -> dict[str, int]:
    """How many rows each table of a database has."""
    with psycopg.connect(database_url.replace("+psycopg", "", 1)) as connection:
        tables = connection.execute(
            "select quote_ident(table_schema) || '.' || quote_ident(table_name)"
            " from information_schema.tables where table_type = 'BASE TABLE'"
            " and table_schema not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        counts = {}
        for (table,) in tables:
            count: Any = connection.execute(f"select count(*) from {table}").fetchone()  # type: ignore[call-overload]
            counts[table] = count[0]
        return counts


def scratch_databases(database_url: str) -> set[str]:
    with psycopg.connect(database_url.replace("+psycopg", "", 1)) as connection:
        names = connection.execute(
            "select datname from pg_database where datname like 'deal_scout_scratch_%'"
        ).fetchall()
    return {name for (name,) in names}


def test_two_files_give_one_object_of_fractions(
    files: tuple[Path, Path], database: Settings
) -> None:
    comps, items = files
    before = rows_by_table(database.database_url)
    done = run(
        *("--comps", comps, "--items", items, "--currency", "USD", "--json"),
        *("--database-url", database.owner_url),
        settings=database,
    )
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert list(told) == FIELDS
    assert told["n"] == 24 + 16 + 1
    assert told["comps"] == 240 - 16
    assert (told["bad_comps"], told["bad_items"]) == (1, 1)
    assert told["answered"] + told["abstained"] == told["n"]
    assert told["abstained"] >= 1
    assert told["answered"] >= 36
    assert 0 < told["mdape"] < 0.15
    assert 0 < told["mdape_confident"] < 0.15
    assert 0.8 < told["within_25"] <= 1
    assert 0.5 < told["coverage_80"] <= 1
    assert 0.05 < told["median_width_pct"] < 1
    assert told["baseline_keyword_mdape"] > 0
    assert 0 < told["ms_per_item_p50"] <= told["ms_per_item_p95"]
    assert told["fit_s"] > 0
    assert told["peak_rss_mb"] > 20
    assert len(before) > 10
    assert rows_by_table(database.database_url) == before


def test_it_brings_its_own_database_and_shows_a_table(files: tuple[Path, Path]) -> None:
    comps, items = files
    done = run("--comps", comps, "--items", items)
    assert (done.returncode, done.stderr) == (0, "")
    for name in FIELDS:
        assert name in done.stdout


def test_files_that_cannot_be_used_end_with_2_and_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = write(tmp_path / "good.csv", lines_of(per_model=5, seed=1))
    other = write(tmp_path / "other.csv", ["Leica M6,2000,EUR,,,,"])
    headless = tmp_path / "headless.csv"
    headless.write_text("name;cost\nLeica M6;5\n")
    for comps, items, told in (
        (good, tmp_path / "none.csv", "cannot read"),
        (tmp_path, good, "cannot read"),
        (headless, good, "headless.csv: The header lacks: title, price"),
        (good, other, "no row in USD, but 1 in EUR"),
        (good, good, "no comparable is left"),
    ):
        code = main(["evaluate-valuation", "--comps", str(comps), "--items", str(items), "--json"])
        said = capsys.readouterr()
        assert (code, said.out) == (2, "")
        assert told in said.err
        assert said.err.count("\n") == 1


def test_a_server_that_is_away_ends_with_1_and_one_line(files: tuple[Path, Path]) -> None:
    comps, items = files
    address = "postgresql://nobody@127.0.0.1:1/none"
    done = run("--comps", comps, "--items", items, "--database-url", address)
    assert done.returncode == 1
    assert "no database of its own can be had on 127.0.0.1:1" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_scratch_database_is_migrated_and_gone_afterwards(settings: Settings) -> None:
    with scratch_database(settings.owner_url) as url:
        name = url.rpartition("/")[2]
        assert name in scratch_databases(settings.database_url)
        assert rows_by_table(url)["public.comps"] == 0
    assert name not in scratch_databases(settings.database_url)


def test_a_scratch_database_is_gone_when_the_work_in_it_fails(settings: Settings) -> None:
    with pytest.raises(RuntimeError), scratch_database(settings.owner_url) as url:
        raise RuntimeError
    assert url.rpartition("/")[2] not in scratch_databases(settings.database_url)


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(StackError, match="not the address"), scratch_database("my database"):
        pass
