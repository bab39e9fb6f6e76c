import { expect, test } from "vitest";
import {
  countFilters,
  dealsAddress,
  listedSince,
  loadDealFilters,
  NO_FILTERS,
  tidyFilters,
} from "./url-state";

test("an address gives its filters back", () => {
  const filters = {
    ...NO_FILTERS,
    q: "leica m6",
    min_score: 80,
    min_discount: 0.2,
    free_shipping: true,
    sort: "newest" as const,
  };
  const address = dealsAddress(filters);
  expect(address).toBe("/deals?q=leica+m6&min_discount=0.2&min_score=80&free_shipping=true&sort=newest");
  expect(loadDealFilters(new URL(address, "http://x").searchParams)).toEqual(filters);
});

test("the usual order is not written into the address", () => {
  expect(dealsAddress(NO_FILTERS)).toBe("/deals");
});

test("a hand-typed address never asks the API for what it refuses", () => {
  const typed = new URLSearchParams(
    "min_score=900&min_discount=-4&min_roi=5e9&min_profit_cents=20.5&min_price_cents=abc&condition=shiny&sort=best&q=%20%20&listed=9y",
  );
  expect(tidyFilters(loadDealFilters(typed))).toEqual({
    ...NO_FILTERS,
    min_score: 100,
    min_discount: 0,
    min_roi: 1000,
    min_profit_cents: 20,
  });
});

test("a search longer than the API takes is cut", () => {
  expect(tidyFilters({ ...NO_FILTERS, q: "x".repeat(10_000) }).q).toHaveLength(200);
});

test("a price range counts as one filter, the order as none", () => {
  expect(countFilters({ ...NO_FILTERS, sort: "price" })).toBe(0);
  expect(countFilters({ ...NO_FILTERS, min_price_cents: 0, max_price_cents: 100, free_shipping: true })).toBe(
    2,
  );
});

test("a span becomes a moment", () => {
  expect(listedSince("24h", Date.parse("2026-11-23T12:00:00Z"))).toBe("2026-11-22T12:00:00.000Z");
  expect(listedSince(null, 0)).toBeNull();
});
