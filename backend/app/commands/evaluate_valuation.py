"""`python -m app evaluate-valuation`: how good estimates are on sales that somebody has, in numbers."""

import argparse
import json
import signal
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from app.core.clock import utc_now
from app.domain.amounts import CURRENCIES
from app.domain.comp_csv import UnusableHeader

if TYPE_CHECKING:
    from app.services.evaluation import Evaluation, Rows

_ABOUT = """\
Values the items of one CSV file by the sales of another, as deals are valued, and holds the estimates
against what the items were sold for.

Both files: UTF-8, the first line names the columns; title and price are needed, currency, condition,
category, sold_at and shipping may be there, others are ignored. Bad rows are counted and left out.
Only rows in the one currency are used. Price and shipping are added up where both files state shipping.
A comparable with the title of an item is left out. Dates count back from the newest sale of both files.

Shares are fractions: mdape 0.22 is a median error of 22 %, within_25 the share of errors up to 25 %,
coverage_80 the share of prices inside the 80 % interval, median_width_pct the median of
(high - low) / point, also a fraction. mdape_confident counts items whose best comparable is 0.6 alike
or more. baseline_keyword_mdape is the error of the median price among those that share the most words.

It works in a database of its own that is gone afterwards, and writes nothing to the product's.
Exit code 0 with numbers, 2 when a file cannot be used, 1 when no database can be had.
"""

_MEANINGS = {
    "n": "items in the currency",
    "answered": "items with an estimate",
    "abstained": "items without: too few or too spread comparables, lots, parts",
    "mdape": "median error, share of the price",
    "within_25": "share of estimates off by at most 25 %",
    "coverage_80": "share of prices inside the 80 % interval",
    "median_width_pct": "median of (high - low) / point",
    "mdape_confident": "median error where the best comparable is 0.6 alike",
    "baseline_keyword_mdape": "median error of the median by shared words",
    "ms_per_item_p50": "ms from a title to its estimate, median",
    "ms_per_item_p95": "the same, 95th percentile",
    "fit_s": "s to learn from the comparables",
    "peak_rss_mb": "MB of memory at most, without the database",
    "comps": "comparables used",
    "bad_comps": "rows of comparables that cannot be read",
    "bad_items": "rows of items that cannot be read",
    "formula_version": "of the estimates",
}
_DIGITS = {"ms_per_item_p50": 3, "ms_per_item_p95": 3, "fit_s": 3, "peak_rss_mb": 1}


def register(commands: Any) -> None:  # argparse names the type only in its private part
    """Add `evaluate-valuation` to the command line."""
    parser = commands.add_parser(
        "evaluate-valuation",
        help="measure estimates against sales of known price",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--comps", type=Path, required=True, metavar="A.csv", help="past sales")
    parser.add_argument("--items", type=Path, required=True, metavar="B.csv", help="what is valued")
    parser.add_argument(
        "--currency",
        type=str.upper,
        choices=sorted(CURRENCIES),
        default="USD",
        metavar="USD",
        help="the currency of the rows that are used, and of those that state none (USD)",
    )
    parser.add_argument(
        "--database-url",
        metavar="URL",
        help="make the database on this server, under a name of its own; else one is started",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=evaluate_command)


def evaluate_command(options: argparse.Namespace) -> int:
    """Read, value, print."""
    from sqlalchemy import create_engine  # these take a second that other commands need not wait
    from sqlalchemy.orm import Session

    from app.services.evaluation import NothingToEvaluate, compare, evaluate
    from app.stack.errors import StackError
    from app.stack.scratch import scratch_database

    imported_at = utc_now()
    asked = {"currency": options.currency, "imported_at": imported_at}
    try:
        comps = _rows(options.comps, options.currency, imported_at)
        items = _rows(options.items, options.currency, imported_at)
        compare(comps, items, **asked)  # before a database is made for nothing
    except (OSError, UnusableHeader, NothingToEvaluate) as error:
        return _refuse(error, 2)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        with scratch_database(options.database_url) as url:
            engine = create_engine(url)
            try:
                with Session(engine) as session:  # never committed
                    found = evaluate(session, comps, items, **asked)
            finally:
                engine.dispose()
    except StackError as error:
        return _refuse(error, 1)
    numbers = rounded(found)
    if options.json:
        print(json.dumps(numbers))
    else:
        Console(highlight=False).print(_table(numbers))
    return 0


def rounded(found: "Evaluation") -> dict[str, Any]:
    """The numbers as they are printed: shares to four digits."""
    return {
        name: round(value, _DIGITS.get(name, 4)) if isinstance(value, float) else value
        for name, value in asdict(found).items()
    }


def _rows(path: Path, currency: str, imported_at: datetime) -> "Rows":
    from app.services.evaluation import read

    try:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as lines:
            return read(lines, currency=currency, imported_at=imported_at)
    except UnusableHeader as why:
        raise UnusableHeader(f"{path}: {why}") from why


def _refuse(error: Exception, code: int) -> int:
    if isinstance(error, OSError):
        text = f"cannot read {error.filename}: {error.strerror}"
    else:
        text = str(error)
    print(f"deal-scout: {' '.join(text.split())}", file=sys.stderr)
    return code


def _table(numbers: dict[str, Any]) -> Table:
    table = Table(title="How good the valuation is", title_justify="left")
    for heading in ("number", "value", "meaning"):
        table.add_column(heading, justify="right" if heading == "value" else "left")
    for name, value in numbers.items():
        shown = "–" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
        table.add_row(name, shown, _MEANINGS[name])
    return table
