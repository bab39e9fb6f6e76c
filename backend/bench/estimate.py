"""How fast a thing is valued with a full store, and what learning a market costs.

    ROWS=1000000 python backend/bench/estimate.py        (or: make bench-estimate)

A store of its own holds ROWS past sales with the simulated market's titles and prices. Three of its
categories are fitted (the newest 20,000 sales each, as the product does). Then titles of the same
market that were never sold are valued, five rounds:

- estimate_p95_ms: one listing from its title to its estimate, its category's model lent before each
- listings_per_s: a chunk after another in one category, by CPU time of one core
- fit_s_per_100k: CPU seconds of fitting, scaled to 100,000 sales
- recall_top_20: of the 20 most similar sales by brute force over all of them, how many are found
"""

import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import repeat
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
import psycopg
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from app.core.clock import utc_now
from app.core.ids import new_id
from app.core.settings import Settings
from app.db.models import Model
from app.db.session import engine_from, transaction
from app.domain import condition as conditions
from app.domain.agreement import StrongTokens
from app.domain.comparables import MAX_UNFIT, W_GRAMS, W_STRONG, W_WORDS, Market
from app.domain.titles import read_title
from app.domain.valuation import Item
from app.ports import Gone
from app.services import models
from app.services.markets import Markets
from app.services.valuations import worth_of
from app.stack import Stack
from bench.common import ROOT, emit, quantile, say, timed
from ebay_sim.world.generator import StreamedListing, stream_listings

ROWS = int(os.environ.get("ROWS", "1000000"))
ROUNDS = 5
CATEGORIES = 3
ITEMS = 400
SEED = 11
COLUMNS = (
    "id, source, external_id, kind, title, price_cents, shipping_cents, currency, condition,"
    " category_id, sold_at, observed_at, changed_at, licence, expires_at"
)


class Objects:
    """A store of objects in memory: what is measured is valuing, not an object store."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def check(self) -> None:
        """Reach it."""

    def put(self, key: str, content: bytes) -> None:
        """Keep an object."""
        self._kept[key] = content

    def get(self, key: str) -> bytes:
        """Give an object."""
        if key not in self._kept:
            raise Gone(key)
        return self._kept[key]

    def delete(self, key: str) -> None:
        """Forget an object."""
        self._kept.pop(key, None)


def condition_of(listing: StreamedListing) -> str:
    return conditions.from_ebay(listing.condition_id, None)


def sales(count: int) -> Iterator[tuple[Any, ...]]:
    """Past sales of the last eighty days."""
    dice, now = random.Random(SEED), utc_now()
    for number, listing in enumerate(stream_listings(count, SEED)):
        yield (
            new_id(), "ebay", f"sale-{number}", "sold", listing.title, listing.price_cents,
            listing.shipping_cents, "USD", condition_of(listing), listing.category_id,
            now - timedelta(days=dice.uniform(0, 80)), now, now, "ebay", now + timedelta(days=9),
        )  # fmt: skip


def fill(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection, connection.cursor() as cursor:
        with cursor.copy(f"copy comps ({COLUMNS}) from stdin") as copy:
            for row in sales(ROWS):
                copy.write_row(row)
        cursor.execute("vacuum analyze comps")


def recall(market: Market, titles: list[str]) -> float:
    """The share of the 20 best by brute force that the search gives back.

    The measure is the product's own (cosines of words and of grams, agreement of strong tokens, few unfit);
    how it is computed is not: dense vectors, and every sale's tokens compared as sets.
    """
    learned = market.learned
    words, grams = learned.words.tocsr(), learned.grams.tocsr()
    strong = [read_title(comp.title).strong for comp in market.comps]
    shares = []
    for title in titles:
        read = read_title(title)
        query = market.query(read)
        asked = [np.zeros(matrix.shape[1]) for matrix in (words, grams)]
        for dense, terms in zip(asked, (query.words, query.grams), strict=True):
            dense[terms.columns] = terms.values
        known = sum(word in learned.space.known_words for word in read.words) / len(read.words)
        alike = W_WORDS * known**0.5 * (words @ asked[0]) + W_GRAMS * (grams @ asked[1])
        best: list[int] = []
        unfit = 0
        for row in np.argsort(
            -np.array(list(map(full_score, alike, strong, repeat(read.strong)))), kind="stable"
        ):
            unfit += not market.plain[row]
            if market.plain[row] or unfit <= MAX_UNFIT:
                best.append(int(row))
            if len(best) == 20:
                break
        found = market.search(read, limit=20)
        shares.append(len(set(found.rows.tolist()) & set(best)) / max(len(best), 1))
    return float(np.mean(shares))


def full_score(alike: float, theirs: StrongTokens, mine: StrongTokens) -> float:
    """Likeness with the agreement of strong tokens, where either title gives any; to six places, where sales tie."""
    if not mine and not theirs:
        return round(alike / (W_WORDS + W_GRAMS), 6)
    return round(alike + W_STRONG * len(mine & theirs) / len(mine | theirs), 6)


def report(
    metric: str, value: float, unit: str, goal: float | None, *, at_most: bool = True
) -> None:
    emit("estimate", metric, value, unit, goal=goal, at_most=at_most, rounds=ROUNDS)


def fit(factory: sessionmaker[Any], objects: Objects, category: str, now: datetime) -> int:
    """Fit a category's model and make it the active one, with no job rung for; gives how many sales it has."""
    with transaction(factory) as session:
        reading = models.read(
            session, category_id=category, currency="USD", permitted=True, now=now
        )
    fitted = models.fit(reading)
    objects.put(fitted.key, fitted.packed)
    with transaction(factory) as session:
        models.announce(session, reading, fitted, now=now)
        session.execute(sa.update(Model).where(Model.version == fitted.version).values(active=True))
    say(f"category {category}: {len(reading.comps):,} sales fitted")
    return len(reading.comps)


def run(factory: sessionmaker[Any]) -> None:
    now = utc_now()
    asked: dict[str, list[StreamedListing]] = {}
    for listing in stream_listings(ITEMS * 60, SEED, first=ROWS):
        asked.setdefault(listing.category_id, []).append(listing)
    chosen = sorted(asked, key=lambda category: -len(asked[category]))[:CATEGORIES]
    objects = Objects()
    began, fitted = process_time(), 0
    for category in chosen:
        fitted += fit(factory, objects, category, now)
    report("fit_s_per_100k", (process_time() - began) / fitted * 100_000, "s", 60)
    markets = Markets(permitted=True, storage=objects)
    with transaction(factory) as session:
        lent = {
            category: markets.lend(session, category_id=category, currency="USD", now=now)
            for category in chosen
        }
    single: list[list[float]] = []
    rates: list[float] = []
    for number in range(ROUNDS):
        took = []
        items = [(c, x) for c in chosen for x in asked[c][number::ROUNDS][: ITEMS // CATEGORIES]]
        random.Random(number).shuffle(items)
        with transaction(factory) as session:
            for category, listing in items:
                began = perf_counter()
                mine = markets.lend(session, category_id=category, currency="USD", now=now)
                worth_of(Item(listing.title, condition_of(listing), "USD"), mine, now=now)
                took.append((perf_counter() - began) * 1000)
        single.append(took)
        began_cpu = process_time()
        for category, listing in items:
            worth_of(Item(listing.title, condition_of(listing), "USD"), lent[category], now=now)
        rates.append(len(items) / (process_time() - began_cpu))
    report("estimate_p50_ms", median(quantile(took, 0.5) for took in single), "ms", None)
    report("estimate_p95_ms", median(quantile(took, 0.95) for took in single), "ms", 40)
    report("listings_per_s", median(rates), "1/s", 200, at_most=False)
    first = lent[chosen[0]].market
    assert first is not None
    report(
        "recall_top_20",
        recall(first, [x.title for x in asked[chosen[0]][:50]]),
        "share",
        0.95,
        at_most=False,
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    report("peak_rss_mb", peak, "MB", 1024)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="deal-scout-bench-") as directory:
        Path(directory).chmod(0o711)  # the database server may run as another user
        stack = Stack(Path(directory) / "data", {"postgres"}, {})
        with stack:
            url, owner = stack.env["DATABASE_URL"], stack.env["DATABASE_MIGRATION_URL"]
            both = {"DATABASE_URL": url, "DATABASE_MIGRATION_URL": owner}
            subprocess.run(
                [sys.executable, "-m", "alembic", "-c", str(ROOT / "alembic.ini"), "upgrade", "head"],
                env={**os.environ, "PYTHONPATH": str(ROOT / "backend"), **both},
                cwd=ROOT,
                check=True,
                stdout=sys.stderr,
            )  # fmt: skip
            with timed(f"{ROWS:,} sales"):
                fill(owner.replace("postgresql+psycopg://", "postgresql://"))
            engine = engine_from(Settings(database_url=url, demo_mode=True), pool_size=2)
            try:
                run(sessionmaker(engine, expire_on_commit=False))
            finally:
                engine.dispose()
        stack.destroy()


if __name__ == "__main__":
    main()
