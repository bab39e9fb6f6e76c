import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { PointParts } from "@/components/point-parts";
import { makeDeals, makeEvidence } from "@/e2e/stub/fixtures";
import { renderInApp } from "@/tests/render";
import type { DealEvidence } from "../queries";
import { CompsSection } from "./comps-section";
import { Facts } from "./facts";
import { Flip } from "./flip";
import { Method } from "./method";
import { PriceHistory } from "./price-history";
import { RiskFlags } from "./risk-flags";
import { ScoreParts } from "./score-parts";
import { Verdict } from "./verdict";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const all = makeDeals("http://127.0.0.1:1", NOW).map((deal) => makeEvidence(deal, NOW));
const scored = all.find(({ score }) => score !== null) as DealEvidence;
const unscored = all.find(({ no_score_reason }) => no_score_reason === "no_estimate") as DealEvidence;

test("the parts shown add up to the score shown", () => {
  const { container } = renderInApp(<ScoreParts deal={scored} />);
  const parts = Array.from(container.querySelectorAll<HTMLElement>("tbody tr"));
  const sum = parts.reduce(
    (total, row) => total + Number.parseFloat(row.lastElementChild?.textContent ?? ""),
    0,
  );
  expect(parts.length).toBeGreaterThan(2);
  expect(sum).toBeCloseTo(scored.score ?? Number.NaN, 6);
});

test("a part that takes points away starts where the sum before it was", () => {
  const parts = [
    { name: "a", label: "A", points: 80, max_points: 80, detail: "" },
    { name: "b", label: "B", points: -20, max_points: 0, detail: "" },
  ];
  const { container } = renderInApp(<ScoreParts deal={{ ...scored, score: 60, score_parts: parts }} />);
  const bar = container.querySelector<HTMLElement>("[data-negative]");
  expect(bar?.style.left).toBe("60%");
  expect(bar?.style.width).toBe("20%");
});

test("without a score the page says why, in place of numbers", () => {
  const { container } = renderInApp(
    <>
      <Verdict deal={unscored} />
      <ScoreParts deal={unscored} />
    </>,
  );
  expect(screen.getAllByText(/too few for a range/)).toHaveLength(2);
  expect(container.textContent).not.toMatch(/NaN|null|undefined/);
});

test("the lines of a flip add up to its profit, and say where the fees are from", () => {
  const { container } = renderInApp(<Flip deal={scored} />);
  const inCents = (row: Element) => {
    const text = row.lastElementChild?.textContent ?? "";
    return (text.startsWith("−") ? -1 : 1) * Math.round(Number(text.replace(/[^\d.]/g, "")) * 100);
  };
  const lines = Array.from(container.querySelectorAll("tr[data-cents]:not([data-sum])"), inCents);
  expect(lines).toHaveLength(5);
  const sum = lines.reduce((total, cents) => total + cents, 0);
  expect(Array.from(container.querySelectorAll("tr[data-sum]"), inCents)).toEqual([sum]);
  expect(sum).toBe(scored.flip?.profit_cents);
  const source = screen.getByRole("link", { name: /Source, read 23 Sept? 2026/ });
  expect(source).toHaveAttribute("href", scored.flip?.schedule?.address);
});

test("a loss is called a loss", () => {
  const flip = { ...(scored.flip as NonNullable<DealEvidence["flip"]>), profit_cents: -1234, roi: -0.1 };
  renderInApp(<Flip deal={{ ...scored, flip }} />);
  expect(screen.getByText("Loss")).toBeVisible();
  expect(screen.getByText("−$12.34")).toBeVisible();
});

test("without a profit the page says why, or that it is still to come", () => {
  renderInApp(<Flip deal={unscored} />);
  expect(screen.getByText(/No profit can be told\. There is no estimate/)).toBeVisible();
  renderInApp(<Flip deal={{ ...scored, flip: null }} />);
  expect(screen.getByText(/comes with the next valuation/)).toBeVisible();
});

test("sales can be put in order by any column, and left-out ones keep their reason", async () => {
  const user = userEvent.setup();
  const { container } = renderInApp(<CompsSection deal={scored} />);
  await user.click(screen.getByText(/^Show all/));
  const total = screen.getByText("Total");
  await user.click(total);
  expect(total.closest("th")).toHaveAttribute("aria-sort", "descending");
  const rows = Array.from(container.querySelectorAll("tbody tr"));
  const totals = rows.map((row) =>
    Number.parseFloat(row.children[2]?.textContent?.replace(/[$,]/g, "") ?? ""),
  );
  expect(totals).toEqual([...totals].sort((a, b) => b - a));
  expect(rows).toHaveLength(scored.comps.length);
  for (const comp of scored.comps.filter(({ accepted }) => !accepted)) {
    expect(screen.getByText(comp.reason_text ?? "")).toBeVisible();
  }
});

test("the plot is read with the arrow keys", async () => {
  const user = userEvent.setup();
  renderInApp(<CompsSection deal={scored} />);
  const plot = screen.getByRole("slider");
  plot.focus();
  await user.keyboard("{ArrowRight}");
  expect(plot).toHaveAttribute("aria-valuenow", "1");
  expect(plot.getAttribute("aria-valuetext")).toMatch(/^\$[\d,.]+ on .+(used|left out: .+)$/);
  await user.keyboard("{End}");
  expect(plot).toHaveAttribute("aria-valuenow", String(scored.comps.length));
});

test("the price history's table holds every change", () => {
  const points = [
    { observed_at: "2026-11-01T10:00:00Z", price_cents: 12_000, shipping_cents: 0 },
    { observed_at: "2026-11-10T10:00:00Z", price_cents: 9_900, shipping_cents: null },
  ];
  renderInApp(<PriceHistory points={points} currency="USD" until="2026-11-23T10:00:00Z" />);
  const rows = within(screen.getByRole("table", { hidden: true })).getAllByRole("row", { hidden: true });
  expect(rows.slice(1).map((row) => row.textContent)).toEqual([
    "1 Nov 2026, 10:00 UTC$120.00free",
    "10 Nov 2026, 10:00 UTC$99.00unknown",
  ]);
});

test("each risk rule quotes what made it fire and says what it weighs", () => {
  const risky = all.find(({ risk_level }) => risk_level === "high") as DealEvidence;
  renderInApp(<RiskFlags deal={risky} />);
  expect(screen.getByText(/^High/)).toBeVisible();
  for (const { text, quote, weight } of risky.risk_flags) {
    const rule = within(screen.getByText(text).closest("li") as HTMLElement);
    expect(rule.getByText(`“${quote}”`)).toBeVisible();
    expect(rule.getByText(`weighs ${weight}`)).toBeVisible();
  }
});

test("a fact that is no risk has no weight, and no rule says so in words", () => {
  const auction = all.find(({ buying_option, score }) => buying_option === "auction" && score !== null);
  renderInApp(<RiskFlags deal={auction as DealEvidence} />);
  expect(screen.getByText("No risk rule fired for this listing.")).toBeVisible();
  expect(screen.getByText(/^An auction/)).toBeVisible();
  expect(screen.queryByText(/^weighs/)).toBeNull();
});

test("asking prices are called so, and what else is known is counted", () => {
  const comps = scored.comps.map((comp) => ({ ...comp, kind: "asking", sold_at: null }));
  const estimate = { ...scored.estimate, kinds: { imported: 3, asking: 1_212 } };
  renderInApp(
    <>
      <CompsSection deal={{ ...scored, comps, estimate }} />
      <Method deal={{ ...scored, comps, estimate }} />
    </>,
  );
  expect(screen.getByRole("heading", { name: "What alike items are offered for" })).toBeVisible();
  expect(screen.getAllByText("asking price").length).toBeGreaterThan(2);
  expect(screen.getByText("3 imported, 1,212 asking prices")).toBeVisible();
});

test("a running auction says where to stop bidding, in place of a discount", () => {
  const running = all.find((deal) => deal.no_score_reason === "running_auction") as DealEvidence;
  const { container } = renderInApp(
    <>
      <Verdict deal={running} />
      <Facts deal={running} />
      <Flip deal={running} />
    </>,
    NOW,
  );
  expect(screen.getAllByText(/^(Worth|Was worth) bidding up to$/)).toHaveLength(2);
  expect(screen.getAllByText(/^Bids can still rise: /)[0]).toBeVisible();
  expect(screen.getByText("Current bid in all")).toBeVisible();
  expect(container.textContent).not.toMatch(/Against likely|% under|null|NaN/);
  expect(screen.getByText(/No profit can be told. Bids can still rise/)).toBeVisible();
});

test("the value's parts are told with their amounts and how much they count", () => {
  const parts = {
    comps_cents: 14_200,
    comps_weight: 0.6,
    title_cents: 15_500,
    title_weight: 0.4,
    blend_cents: 14_706,
    correction: 0.99277,
    correction_cents: -106,
    point_cents: 14_600,
  };
  const { container, rerender } = renderInApp(
    <PointParts parts={parts} currency="USD" used={14} asked={false} />,
  );
  const cells = (part: string) =>
    Array.from(container.querySelectorAll(`[data-worth=${part}] td`), (cell) => cell.textContent);
  expect(cells("comps")).toEqual(["counts 60 %", "$142.00"]);
  expect(cells("title")).toEqual(["counts 40 %", "$155.00"]);
  expect(cells("blend")).toEqual(["", "$147.06"]);
  expect(cells("correction")).toEqual(["× 0.9928", "−$1.06"]);
  expect(cells("point")).toEqual(["", "$146.00"]);
  expect(screen.getByText(/were 0.7 % too high in the middle/)).toBeVisible();
  expect(screen.getByText(/comparables \^ 0.6 × title \^ 0.4 × 0.99277, rounded/)).toBeVisible();

  const alone = { ...parts, title_cents: null, title_weight: 0, comps_weight: 1 };
  rerender(<PointParts parts={alone} currency="USD" used={14} asked />);
  expect(cells("title")).toEqual(["counts 0 %", "none"]);
  expect(screen.getByText(/weighted middle of 14 asking prices/)).toBeVisible();
  rerender(<PointParts parts={null} currency="USD" used={14} asked={false} />);
  expect(screen.getByText(/come with the next valuation/)).toBeVisible();
});
