"""How good the valuation is on files of real sales, which stay where they are: nothing of them is kept.

    DATA=folder python backend/bench/valuation.py        (or: make bench-valuation DATA=folder)

Every CSV of the folder that `python -m app evaluate-valuation` can read is split twice. `grouped`: a fifth
of the rows are items, no title among both sides, SEEDS times anew; the median over the seeds is
given. `by_time`, where rows are dated: the newest fifth are items, valued by what was sold before. All run
through the command's own use case on one throw-away Postgres. Goals are known for three files, by their names.
"""

import os
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from statistics import median

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from app.core.clock import utc_now
from app.domain.comp_csv import CompRow, UnusableHeader
from app.domain.titles import normalise
from app.services.evaluation import Evaluation, Rows, evaluate, read
from app.stack.scratch import scratch_database
from bench.common import emit, say

SEEDS = int(os.environ.get("SEEDS", "5"))
HELD_OUT = 0.2
MIN_ROWS = 250
"""Fewer leave less than fifty items, whose median says little."""
MOSTLY = 0.9

Goals = dict[str, tuple[float, bool]]


def goals(
    mdape: float, within: float, off: float, width: float, better: float, confident: float | None
) -> Goals:
    """(goal, whether at most) by metric; `off`: how far the coverage may be from 0.80."""
    told: Goals = {
        "mdape": (mdape, True),
        "within_25": (within, False),
        "coverage_off": (off, True),
        "median_width_pct": (width, True),
        "better_than_keywords": (better, False),
        "abstained_share": (0.05, True),
    }
    if confident is not None:
        told["mdape_confident"] = (confident, True)
    return told


GOALS: dict[tuple[str, str], Goals] = {
    ("guitars_sold", "grouped"): goals(0.22, 0.54, 0.02, 0.95, 0.30, 0.165),
    ("guitars_sold", "by_time"): goals(0.25, 0.50, 0.03, 1.00, 0.24, None),
    ("guitars_asking", "grouped"): goals(0.195, 0.58, 0.02, 0.90, 0.36, None),
    ("laptops_listed", "grouped"): goals(0.26, 0.48, 0.02, 0.95, 0.40, None),
}

Split = tuple[list[CompRow], list[CompRow]]


def by_title(rows: Sequence[CompRow], seed: int) -> Split:
    """(comparables, items): whole groups of one title are held out until a fifth of the rows is."""
    groups: dict[str, list[CompRow]] = {}
    for row in rows:
        groups.setdefault(normalise(row.title), []).append(row)
    names = sorted(groups)
    random.Random(seed).shuffle(names)
    items: list[CompRow] = []
    comps: list[CompRow] = []
    for name in names:
        (items if len(items) < HELD_OUT * len(rows) else comps).extend(groups[name])
    return comps, items


def by_time(rows: Sequence[CompRow]) -> Split | None:
    """(sold before, sold after); None where too few rows are dated, or all alike."""
    dated = [(row.sold_at, row) for row in rows if row.sold_at is not None]
    if len(dated) < MOSTLY * len(rows) or len({at for at, _ in dated}) < 2:
        return None
    ordered = [row for _, row in sorted(dated, key=lambda pair: pair[0])]
    cut = round((1 - HELD_OUT) * len(ordered))
    return ordered[:cut], ordered[cut:]


def splits(rows: Sequence[CompRow]) -> Iterator[tuple[str, Split]]:
    for seed in range(1, SEEDS + 1):
        yield "grouped", by_title(rows, seed)
    later = by_time(rows)
    if later is not None:
        yield "by_time", later


def metrics(found: Evaluation) -> dict[str, tuple[float | None, str]]:
    """(value, unit) by name."""
    baseline, mdape, coverage = found.baseline_keyword_mdape, found.mdape, found.coverage_80
    return {
        "mdape": (mdape, "share"),
        "within_25": (found.within_25, "share"),
        "coverage_80": (coverage, "share"),
        "coverage_off": (None if coverage is None else abs(coverage - 0.8), "share"),
        "median_width_pct": (found.median_width_pct, "share"),
        "mdape_confident": (found.mdape_confident, "share"),
        "baseline_keyword_mdape": (baseline, "share"),
        "better_than_keywords": (1 - mdape / baseline if mdape and baseline else None, "share"),
        "abstained_share": (found.abstained / found.n, "share"),
        "ms_per_item_p50": (found.ms_per_item_p50, "ms"),
        "ms_per_item_p95": (found.ms_per_item_p95, "ms"),
        "fit_s": (found.fit_s, "s"),
        "peak_rss_mb": (found.peak_rss_mb, "MB"),
    }


def report(name: str, kind: str, runs: Sequence[Evaluation]) -> None:
    """Print the median of each metric; one with a goal that cannot be told is not ok."""
    known = GOALS.get((name, kind), {})
    told = [metrics(run) for run in runs]
    for metric, (_, unit) in told[0].items():
        values = [value for run in told if (value := run[metric][0]) is not None]
        goal, at_most = known.get(metric, (None, True))
        if not values and goal is None:
            continue
        missing = float("inf") if at_most else 0.0
        emit(
            "valuation",
            f"{name}.{kind}.{metric}",
            median(values) if values else missing,
            unit,
            goal=goal,
            at_most=at_most,
            rounds=len(runs),
        )


def read_file(path: Path, now: datetime) -> tuple[Rows, str]:
    """A file's rows, and the currency that most of them are in."""
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as lines:
        found = read(lines, currency="USD", imported_at=now)
    counted = Counter(row.currency for row in found.rows).most_common(1)
    return found, counted[0][0] if counted else "USD"


def measure(session: Session, path: Path) -> None:
    now = utc_now()
    try:
        found, currency = read_file(path, now)
    except UnusableHeader as why:
        return say(f"{path.name}: left out. {why}")
    rows = [row for row in found.rows if row.currency == currency]
    if len(rows) < MIN_ROWS:
        return say(f"{path.name}: left out, {len(rows)} rows are too few")
    say(f"{path.name}: {len(rows):,} rows in {currency}, {found.bad:,} bad")
    runs: dict[str, list[Evaluation]] = {}
    for kind, (comps, items) in splits(rows):
        run = evaluate(
            session,
            Rows(tuple(comps)),
            Rows(tuple(items)),
            currency=currency,
            imported_at=now,
        )
        session.rollback()
        runs.setdefault(kind, []).append(run)
        say(f"{kind}: {run.answered:,} of {run.n:,} answered, mdape {run.mdape or 0:.3f}")
    for kind, of_kind in runs.items():
        report(path.stem, kind, of_kind)
    return None


def main() -> None:
    folder = os.environ.get("DATA", "")
    files = sorted(Path(folder).glob("*.csv")) if folder else []
    if not files:
        why = f"{folder} holds no CSV files" if folder else "DATA is not set"
        print(
            f"{why}: give a folder of CSV files with the columns title and price (and, where known,"
            " currency, condition, category, sold_at, shipping): make bench-valuation DATA=folder",
            file=sys.stderr,
        )
        sys.exit(2)
    with scratch_database() as url:
        engine = create_engine(url)
        try:
            with Session(engine) as session:
                for path in files:
                    measure(session, path)
        finally:
            engine.dispose()


if __name__ == "__main__":
    main()
