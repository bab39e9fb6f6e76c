"""How good the valuation is on somebody's own sales: items of known price, valued by other comparables.

Goes the way that deals go: rows are stored as an import, the category's model is fitted, and
`valuations.worth_of` gives the estimate. Writes into the caller's transaction, which must be on a
database made for this and is never to be committed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import perf_counter
from typing import Final

import numpy as np

from app.core.memory import peak_rss_mb
from app.db.session import Session
from app.domain.accuracy import Judged, accuracy, keyword_medians, median_error
from app.domain.comp_csv import CompRow, read_rows
from app.domain.titles import normalise
from app.domain.valuation import FORMULA_VERSION, Item
from app.errors import InvalidInput
from app.services import comp_import
from app.services.markets import Lent, lend_fitted
from app.services.valuations import worth_of

COLUMNS: Final = ("title", "price", "currency", "condition", "category", "sold_at", "shipping")
"""What is read of a file; any other column is ignored."""
IMPORT: Final = "evaluation"
CLOCK_SLACK: Final = timedelta(days=1)


class NothingToEvaluate(InvalidInput):
    """The files hold no row that can be used; the message says which and why."""

    code = "nothing_to_evaluate"


@dataclass(frozen=True, slots=True)
class Rows:
    """A file's usable rows, and how many could not be read. `bad_example`: why the first of those."""

    rows: tuple[CompRow, ...]
    bad: int = 0
    bad_example: str | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured. Shares are fractions (0.22 is 22 %); None where nothing was answered.

    `n` items were valued, of which `answered` got an estimate. `median_width_pct` is the median of
    (high - low) / point. `baseline_keyword_mdape` is the error, on the answered items, of the median price
    among the comparables that share the most words. Times are by the clock: `fit_s` for all that is
    learned from the comparables, `ms_per_item` from a title to its estimate. `peak_rss_mb` is this
    process's, the database's not counted. `comps` were used; bad rows were left out.
    """

    n: int
    answered: int
    abstained: int
    mdape: float | None
    within_25: float | None
    coverage_80: float | None
    median_width_pct: float | None
    mdape_confident: float | None
    baseline_keyword_mdape: float | None
    ms_per_item_p50: float
    ms_per_item_p95: float
    fit_s: float
    peak_rss_mb: float
    comps: int
    bad_comps: int
    bad_items: int
    formula_version: str


def read(lines: Iterable[str], *, currency: str, imported_at: datetime) -> Rows:
    """A file's rows; those that state no currency are in `currency`. UnusableHeader like `read_rows`."""
    rows, bad, example = [], 0, None
    for row in read_rows(
        lines,
        default_currency=currency,
        not_after=imported_at + CLOCK_SLACK,
        columns=COLUMNS,
        any_category=True,
    ):
        if isinstance(row, CompRow):
            rows.append(row)
        else:
            bad += 1
            example = example or f"line {row.line}, {row.column or 'the row'}: {row.message}"
    return Rows(tuple(rows), bad, example)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Items and the comparables they may be valued by, on equal terms."""

    items: Sequence[CompRow]
    comps: Sequence[CompRow]
    now: datetime


def compare(comps: Rows, items: Rows, *, currency: str, imported_at: datetime) -> Comparison:
    """What is valued by what. NothingToEvaluate when one side is empty.

    Only rows in `currency`. A comparable whose title is an item's, as `titles.normalise` reads it, is left
    out: it may be the very sale whose price is asked for. Shipping counts only where both files state
    any, and categories likewise: else one side's prices would hold what the other's do not, and
    no category would meet its like. A row that states no shipping counts by its price alone, on both sides.
    `now` is the newest sale of both files, so that old files are not too old; `imported_at` where none is dated.
    A dated item is valued as of the day it sold.
    """
    asked = _in_currency(items, currency, "items")
    known = _in_currency(comps, currency, "comparables")
    names = {normalise(row.title) for row in asked}
    known = [row for row in known if normalise(row.title) not in names]
    if not known:
        raise NothingToEvaluate(
            "no comparable is left: each has the title of an item, and those may not be compared with"
        )
    if not all(any(row.shipping_cents is not None for row in side) for side in (asked, known)):
        asked = [replace(row, shipping_cents=None) for row in asked]
        known = [replace(row, shipping_cents=None) for row in known]
    if not all(any(row.category for row in side) for side in (asked, known)):
        asked = [replace(row, category="") for row in asked]
        known = [replace(row, category="") for row in known]
    sold = [row.sold_at for row in (*asked, *known) if row.sold_at is not None]
    return Comparison(asked, known, max(sold, default=imported_at))


def _in_currency(side: Rows, currency: str, what: str) -> list[CompRow]:
    found = [row for row in side.rows if row.currency == currency]
    if found:
        return found
    others = Counter(row.currency for row in side.rows).most_common(3)
    if others:
        told = ", ".join(f"{count:,} in {other}" for other, count in others)
        raise NothingToEvaluate(f"the {what} have no row in {currency}, but {told}")
    why = f": {side.bad:,} bad rows, the first in {side.bad_example}" if side.bad else ""
    raise NothingToEvaluate(f"the {what} have no usable row{why}")


def evaluate(
    session: Session, comps: Rows, items: Rows, *, currency: str, imported_at: datetime
) -> Evaluation:
    """Value `items` by `comps` and hold the estimates against what was paid. NothingToEvaluate as `compare`.

    Stores the comparables within the session's transaction, in a database that holds no others: to be
    rolled back.
    """
    comparison = compare(comps, items, currency=currency, imported_at=imported_at)
    stored = comp_import.store_rows(session, comparison.comps, name=IMPORT, now=comparison.now)
    by_category: dict[str, list[CompRow]] = {}
    for row in comparison.items:
        by_category.setdefault(row.category, []).append(row)
    judged: list[Judged] = []
    answered: list[CompRow] = []
    fit_s, took_ms = 0.0, []
    for category, rows in sorted(by_category.items()):
        began = perf_counter()
        lent = lend_fitted(
            session,
            category_id=category,
            currency=currency,
            permitted=True,
            now=comparison.now,
        )
        fit_s += perf_counter() - began
        for row in rows:
            began = perf_counter()
            found = _judge(row, lent, now=row.sold_at or comparison.now)
            took_ms.append(1000 * (perf_counter() - began))
            if found is not None:
                judged.append(found)
                answered.append(row)
    told = accuracy(judged)
    guesses = keyword_medians(
        [row.title for row in answered],
        [row.title for row in comparison.comps],
        [paid(row) for row in comparison.comps],
    )
    return Evaluation(
        n=len(comparison.items),
        answered=len(answered),
        abstained=len(comparison.items) - len(answered),
        mdape=told.mdape,
        within_25=told.within_25,
        coverage_80=told.coverage_80,
        median_width_pct=told.median_width_pct,
        mdape_confident=told.mdape_confident,
        baseline_keyword_mdape=median_error(guesses, [paid(row) for row in answered]),
        ms_per_item_p50=float(np.percentile(took_ms, 50)),
        ms_per_item_p95=float(np.percentile(took_ms, 95)),
        fit_s=fit_s,
        peak_rss_mb=peak_rss_mb(),
        comps=stored,
        bad_comps=comps.bad,
        bad_items=items.bad,
        formula_version=FORMULA_VERSION,
    )


def paid(row: CompRow) -> int:
    """What the buyer paid as far as the file tells, in cents."""
    return row.price_cents + (row.shipping_cents or 0)


def _judge(row: CompRow, lent: Lent, *, now: datetime) -> Judged | None:
    """An item's estimate beside its price; None when there is no estimate."""
    worth = worth_of(Item(row.title, row.condition, row.currency), lent, now=now)
    if worth.point_cents is None or worth.low_cents is None or worth.high_cents is None:
        return None
    return Judged(
        paid_cents=paid(row),
        point_cents=worth.point_cents,
        low_cents=worth.low_cents,
        high_cents=worth.high_cents,
        best_similarity=worth.best_similarity,
    )
