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
