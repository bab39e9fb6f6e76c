import { expect, test } from "vitest";
import { listSections } from "./list-sections";
import type { Marketplace } from "./queries";

const source = (id: string, rest: Partial<Marketplace> = {}): Marketplace => ({
  id,
  name: id,
  state: "healthy",
  reason: null,
  last_scan_at: null,
  live_listings: 10,
  max_age_seconds: 21_600,
  mixable: false,
  simulated: false,
  pricing_permitted: true,
  sales_state: "granted",
  sales_reason: null,
  ...rest,
});
const shape = (...args: Parameters<typeof listSections>) =>
  listSections(...args).map(({ source: named, filter }) => [named?.id ?? null, filter]);

test("one source gives one list under its name", () => {
  expect(shape([source("ebay")], null)).toEqual([["ebay", null]]);
});

test("sources that may not be mixed get a list each", () => {
  expect(shape([source("ebay"), source("other", { mixable: true })], null)).toEqual([
    ["ebay", "ebay"],
    ["other", "other"],
  ]);
});

test("sources that may be mixed share one list", () => {
  const mixable = { mixable: true };
  expect(shape([source("a", mixable), source("b", mixable)], null)).toEqual([[null, null]]);
});

test("a source without listings makes no section", () => {
  expect(shape([source("ebay"), source("empty", { live_listings: 0 })], null)).toEqual([["ebay", null]]);
});

test("a chosen source is the only list", () => {
  expect(shape([source("ebay"), source("other")], "other")).toEqual([["other", "other"]]);
});

test("nothing known yet is one list without a name", () => {
  expect(shape([], null)).toEqual([[null, null]]);
});
