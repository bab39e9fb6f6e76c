import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { makeDeals } from "@/e2e/stub/fixtures";
import { renderInApp } from "@/tests/render";
import { DealCard } from "./deal-card";
import type { Deal } from "./queries";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const [usual] = makeDeals("http://127.0.0.1:1", NOW) as [Deal];
const show = (changes: Partial<Deal>) =>
  renderInApp(<DealCard deal={{ ...usual, ...changes }} sourceName="eBay" />, NOW);

test("says what it costs in all, and of what that is made", () => {
  show({ price_cents: 8999, shipping_cents: 950, total_cost_cents: 9949 });
  expect(screen.getByText("$99.49")).toBeVisible();
  expect(screen.getByText("$89.99 + $9.50 shipping")).toBeVisible();
});

test("never calls unknown shipping free", () => {
  show({
    price_cents: 8999,
    shipping_cents: null,
    total_cost_cents: null,
    score: null,
    discount: null,
    no_score_reason: "shipping_unknown",
  });
  expect(screen.getByText("$89.99")).toBeVisible();
  expect(screen.getByText("shipping unknown")).toBeVisible();
  expect(screen.getByText("Not scored: the shipping cost is unknown")).toBeVisible();
  expect(screen.getByRole("img", { name: "Not scored" })).toBeVisible();
});

test("says the range first and the point second", () => {
  show({ interval_low_cents: 12_800, interval_high_cents: 16_500, fair_value_cents: 14_600 });
  expect(screen.getByText("worth $128–165, likely $146")).toBeVisible();
});

test("thin evidence is said, and its discount is not green", () => {
  const { container } = show({
    confidence: 0.2,
    evidence_count: 6,
    evidence_age_days: 41,
    discount: 0.32,
    score: 60,
  });
  expect(screen.getByText("thin evidence: 6 comparables, 41 days old")).toBeVisible();
  expect(container.querySelector("[data-under]")).toBeNull();
});

test("says what selling it again would leave, in whole money", () => {
  const { rerender } = show({ profit_cents: 3149, roi: 0.316 });
  expect(screen.getByText("net +$31")).toHaveAttribute("title", expect.stringMatching(/^Profit .+ 32 % of/));
  rerender(<DealCard deal={{ ...usual, profit_cents: -860, roi: -0.08 }} sourceName="eBay" />);
  expect(screen.getByText("net −$9")).toHaveAttribute("title", expect.stringMatching(/^Loss .+ 8 % of/));
  rerender(<DealCard deal={{ ...usual, profit_cents: null, roi: null }} sourceName="eBay" />);
  expect(screen.getByText("net unknown")).toBeVisible();
});

test("no estimate is never a blank or a zero", () => {
  const { container } = show({
    fair_value_cents: null,
    interval_low_cents: null,
    interval_high_cents: null,
    distribution: null,
    discount: null,
    score: null,
    confidence: null,
    no_score_reason: "no_estimate",
  });
  expect(screen.getByText("No estimate: too little comparable evidence")).toBeVisible();
  expect(container.textContent).not.toMatch(/\$0|NaN|null|undefined/);
});

test("the title is the one link, to the evidence", () => {
  show({});
  const links = screen.getAllByRole("link");
  expect(links).toHaveLength(1);
  expect(links[0]).toHaveAttribute("href", `/deals/${usual.id}`);
});

test("the gravest risk is flagged, once", () => {
  const { unmount } = show({ risk_code: "photo_reused", no_score_reason: "too_risky", score: null });
  expect(screen.getByText("photo used by another seller")).toBeVisible();
  expect(screen.getByText("Not scored: several signs speak against it")).toBeVisible();
  unmount();
  const { container } = show({ risk_code: "far_below_interval", no_score_reason: "far_below_interval" });
  expect(container.querySelector("[data-risk]")).toBeNull();
});

const RUNNING = {
  buying_option: "auction",
  price_cents: 4000,
  shipping_cents: 950,
  total_cost_cents: 4950,
  bid_count: 2,
  bid_limit_cents: 10_730,
  bid_limit_total_cents: 11_680,
  ends_at: new Date(Date.now() + 6.2 * 86_400_000).toISOString(),
  score: null,
  no_score_reason: "running_auction",
  discount: null,
  profit_cents: null,
  roi: null,
} satisfies Partial<Deal>;

test("a running auction tells its bid, its value and where to stop, and no discount", () => {
  const { container } = show(RUNNING);
  expect(screen.getByText("current bid $40.00 + $9.50 shipping")).toBeVisible();
  expect(screen.getByText(/^worth \$/)).toBeVisible();
  expect(container).toHaveTextContent("Worth bidding up to $107.30$116.80 with shipping");
  expect(container).toHaveTextContent("Not scored: bids can still rise: 6 days left, 2 bids");
  expect(container.textContent).not.toMatch(/−\d+ %|net |null|NaN/);
});

test("a bid over the limit is said to be past it", () => {
  const { container } = show({ ...RUNNING, price_cents: 12_000, shipping_cents: 0, bid_count: 1 });
  expect(container).toHaveTextContent("Was worth bidding up to $107.30Not scored");
  expect(container).toHaveTextContent("6 days left, 1 bid");
});

test("in its last hour an auction's discount is called that of the current bid", () => {
  show({
    ...RUNNING,
    score: 71,
    no_score_reason: null,
    discount: 0.2,
    ends_at: new Date(Date.now() + 1_800_000).toISOString(),
  });
  expect(screen.getByText("−20 %")).toBeVisible();
  expect(screen.getByText("at the current bid")).toBeVisible();
});
