"""The market at a moment: which listings are live, what was sold lately, and what tests have changed by hand.

Live and sold rows are views of one economy, filled as the clock moves: `live` holds every listing that can still be on the
market, `sales` the recorded share of what was sold. Moving the clock to any time by any steps gives the same market.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ebay_sim.world import catalog
from ebay_sim.world.clock import Clock
from ebay_sim.world.economy import DAY, MAX_LIFE_S, Bools, Economy, Kind, Listings, concatenate
from ebay_sim.world.randomness import Floats
from ebay_sim.world.search_index import SearchIndex
from ebay_sim.world.titles import titles

SALES_WINDOW_S = 90 * DAY
SOLD_SHARE = 0.67  # of all listings; only to size the record of sales
_BATCH = 65_536

Change = Callable[[Listings], Listings]


def sales_goal(live_listings: int) -> int:
    """How many sales of the last 90 days are on record: a bit over three for each live listing, fewer in huge markets."""
    return int(3.3 * min(live_listings, 20_000) + 0.3 * max(0, live_listings - 20_000))


class Truth(NamedTuple):
    """What a listing is, which no client may see."""

    value_cents: int
    condition: str
    kind: str


@dataclass(slots=True)
class Shelf:
    """Rows with their titles and the index over them, in order of arrival."""

    rows: Listings
    titles: list[str]
    index: SearchIndex

    def add(self, rows: Listings, texts: list[str]) -> None:
        """Appends rows with their titles."""
        if len(rows):
            self.rows = concatenate([self.rows, rows]) if len(self.rows) else rows
            self.titles.extend(texts)
            self.index.add(texts)

    def find_row(self, serial: int) -> int | None:
        """Where this serial stands on the shelf."""
        found = np.flatnonzero(self.rows.serial == serial)
        return int(found[0]) if len(found) else None


class World:
    """One market. `refresh` before reading; not for use by several threads."""

    def __init__(self, *, seed: int, listings: int, clock: Clock) -> None:
        self.seed = seed
        self.clock = clock
        self.economy = Economy(seed, listings)
        window_sales = self.economy.arrivals_per_s * SALES_WINDOW_S * SOLD_SHARE
        self.sale_stride = max(1, round(window_sales / sales_goal(listings)))
        self.planted: dict[int, Listings] = {}
        self.planted_titles: dict[int, str] = {}
        self._overrides: dict[int, Listings] = {}
        self._sold_by_hand: dict[int, str] = {}
        self.live, self.sales = self._empty_shelf(), self._empty_shelf()
        self._live_until = self._sales_until = 0
        self._now = 0.0
        self._fill(clock.now())

    # -- filling ------------------------------------------------------------------------------------------------------

    def _empty_shelf(self) -> Shelf:
        return Shelf(self.economy.draw(np.zeros(0, dtype=np.int64)), [], SearchIndex())

    def _fill(self, now: float) -> None:
        """Builds both shelves for `now` from nothing."""
        self._now = now
        self.live, self.sales = self._empty_shelf(), self._empty_shelf()
        until = self.economy.serial_at(now)
        self._live_until = self.economy.serial_at(now - MAX_LIFE_S)
        first = self.economy.serial_at(now - SALES_WINDOW_S - MAX_LIFE_S)
        self._sales_until = first - first % self.sale_stride
        self._extend_live(until, now)
        self._extend_sales(until)
        planted = sorted(self.planted, reverse=True)
        for serial in planted:
            self._shelve_planted(serial)
        for serial, rows in self._overrides.items():
            self._write(serial, rows)
        for serial, title in self._sold_by_hand.items():
            if self.sales.find_row(serial) is None:
                self.sales.add(
                    self.planted[serial] if serial < 0 else self._overrides[serial], [title]
                )

    def refresh(self) -> float:
        """Lets everything happen that is due; answers the market's time, which holds until the next refresh."""
        now = self.clock.now()
        until = self.economy.serial_at(now)
        arrived = until - self._live_until
        if (
            now < self._now
            or arrived > 0.5 * self.economy.live_listings
            or len(self.live.rows) > 3 * self.economy.live_listings + 5_000
        ):
            self._fill(now)
        elif arrived > 0:
            self._extend_live(until, now)
            self._extend_sales(until)
        self._now = now
        return now

    def _extend_live(self, until: int, now: float) -> None:
        kept: list[Listings] = []
        for start in range(self._live_until, until, _BATCH):
            rows = self.economy.draw(np.arange(start, min(until, start + _BATCH), dtype=np.int64))
            kept.append(rows.take(rows.ends > now))
        self._live_until = max(until, self._live_until)
        if kept:
            rows = concatenate(kept) if len(kept) > 1 else kept[0]
            self.live.add(rows, titles(rows))

    def _extend_sales(self, until: int) -> None:
        serials = np.arange(self._sales_until, until, self.sale_stride, dtype=np.int64)
        if len(serials):
            self._sales_until = int(serials[-1]) + self.sale_stride
            rows = self.economy.draw(serials)
            rows = rows.take(rows.sold)
            self.sales.add(rows, titles(rows))

    # -- reading ------------------------------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """The time of the last refresh, by which everything is answered."""
        return self._now

    def on_market(self) -> Bools:
        """Which rows of the live shelf are on the market now."""
        return (self.live.rows.ends > self._now) & (self.live.rows.listed <= self._now)

    def on_record(self) -> Bools:
        """Which rows of the sales shelf were sold within the last 90 days."""
        ends = self.sales.rows.ends
        return (ends <= self._now) & (ends > self._now - SALES_WINDOW_S)

    def find(self, serial: int) -> tuple[Listings, str] | None:
        """The one listing of this serial as a column of length 1, with its title; None when it has not arrived."""
        row = self.live.find_row(serial)
        if row is not None:
            return self.live.rows.take(np.array([row])), self.live.titles[row]
        if serial in self.planted:
            return self.planted[serial], self.planted_titles[serial]
        if serial < 0 or serial >= self.economy.serial_at(self._now) + 1:
            return None
        rows = self._overrides.get(serial)
        rows = self.economy.draw(np.array([serial])) if rows is None else rows
        return (rows, titles(rows)[0]) if rows.listed[0] <= self._now else None

    def truth(self, serial: int) -> Truth | None:
        """What the listing is at this moment, or was at its end; None when it never arrived."""
        found = self.find(serial)
        if found is None:
            return None
        rows, _ = found
        now = min(self._now, float(rows.ends[0]))
        value = float(self.economy.value(rows, now)[0])
        kind = Kind(int(rows.kind[0]))
        honest = kind in (Kind.NORMAL, Kind.PARTS)
        cheap = float(self.economy.total(rows, now)[0]) <= 0.8 * value
        word = "deal" if honest and cheap else "normal" if honest else kind.name.lower()
        category = catalog.CATEGORIES[int(rows.category[0])]
        return Truth(
            round(value), catalog.condition_of(category, int(rows.condition[0])).word, word
        )

    def prices(self, rows: Listings) -> Floats:
        """Prices on display now, or at the end for what has left the market."""
        return self.economy.price(rows, np.minimum(self._now, rows.ends))

    # -- changing by hand ---------------------------------------------------------------------------------------------

    def plant(self, rows: Listings, title: str) -> int:
        """Puts an extra listing on the market now; answers its serial, which is below zero."""
        serial = -1 - len(self.planted)
        self.planted[serial] = replace(rows, serial=np.array([serial]), item=np.array([serial]))
        self.planted_titles[serial] = title
        self._shelve_planted(serial)
        return serial

    def _shelve_planted(self, serial: int) -> None:
        rows, title = self.planted[serial], self.planted_titles[serial]
        if rows.ends[0] > self._now:
            self.live.add(rows, [title])

    def change_price(self, serial: int, cents: int) -> bool:
        """Sets the price of a live listing; its planned cuts are off. False when it is not on the market."""
        return self._change(serial, lambda rows: self._priced(rows, cents))

    @staticmethod
    def _priced(rows: Listings, cents: int) -> Listings:
        never = np.array([np.inf])
        raw_ending = (rows.bits | np.uint64(0b111000)).astype(
            np.uint64
        )  # the style that keeps cents as they are
        return replace(
            rows, ask=np.array([float(cents)]), bits=raw_ending, cut_at=never, cut2_at=never
        )

    def end(self, serial: int) -> bool:
        """Takes the listing off the market unsold."""
        now = np.array([self._now])
        return self._change(
            serial,
            lambda rows: replace(
                rows, ends=now, sold=np.array([False]), sold_cents=np.array([0.0])
            ),
        )

    def sell(self, serial: int) -> bool:
        """Sells the listing now at its price; the sale is always on record."""
        found = self.find(serial)
        if found is None or found[0].ends[0] <= self._now:
            return False
        rows, title = found
        paid = self.economy.price(rows, self._now)
        rows = replace(rows, ends=np.array([self._now]), sold=np.array([True]), sold_cents=paid)
        self._change(serial, lambda _: rows)
        self._sold_by_hand[serial] = title
        if self.sales.find_row(serial) is None:
            self.sales.add(rows, [title])
        return True

    def _change(self, serial: int, change: Change) -> bool:
        found = self.find(serial)
        if found is None or found[0].ends[0] <= self._now:
            return False
        rows = change(found[0])
        if serial < 0:
            self.planted[serial] = rows
        else:
            self._overrides[serial] = rows
        self._write(serial, rows)
        return True

    def _write(self, serial: int, rows: Listings) -> None:
        for shelf in (self.live, self.sales):
            row = shelf.find_row(serial)
            if row is not None:
                for name in ("ask", "bits", "cut_at", "cut2_at", "ends", "sold", "sold_cents"):
                    getattr(shelf.rows, name)[row] = getattr(rows, name)[0]
