import { fireEvent, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { type Asked, makeSuggestion } from "@/e2e/stub/pricing";
import type { PricingAddress } from "@/lib/pricing-address";
import { renderInApp } from "@/tests/render";
import { Answer } from "./answer";
import { NoEstimate } from "./no-estimate";
import { choosable, daysWords, nearest, outcomeWords } from "./outcomes";
import { barsOf, priceAxis } from "./price-axis";
import { PriceSpeed } from "./price-speed";
import type { Priced, PriceSuggestion } from "./queries";
import { QuestionForm } from "./question-form";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const ASKED: Asked & { title: string } = {
  title: "Canon AE-1 Program body",
  category: null,
  condition: "used",
  cost: null,
  goal: "balanced",
};
function answerTo(changes: Partial<Asked> = {}): PriceSuggestion {
  const asked = { ...ASKED, ...changes };
  return { ...makeSuggestion(asked, NOW), asked };
}
const priced = (changes: Partial<Asked> = {}) => answerTo(changes) as Priced;
const inCents = (text: string | null) =>
  (text?.startsWith("−") ? -1 : 1) * Math.round(Number((text ?? "").replace(/[^\d.]/g, "")) * 100);

test("the prices to choose are the API's own, the suggested one among them, cheapest first", () => {
  const answer = priced();
  const points = choosable(answer);
  const prices = points.map(({ price_cents }) => price_cents);
  expect(points).toHaveLength(answer.curve.length + 1);
  expect(prices).toEqual([...prices].sort((one, other) => one - other));
  expect(points[nearest(points, answer.suggested.price_cents)]).toBe(answer.suggested);
  for (const point of points) expect([...answer.curve, answer.suggested]).toContain(point);
});

test.each([
  [{ median_days: 9.4, p_sold_30d: 0.82 }, "$146: about 9 days, 82 % within 30 days, $121 left after fees"],
  [{ median_days: 1.2, p_sold_30d: 0.99 }, "$146: about 1 day, 99 % within 30 days, $121 left after fees"],
  [{ median_days: 0.3, p_sold_30d: 1 }, "$146: under a day, 100 % within 30 days, $121 left after fees"],
  [
    { median_days: null, p_sold_30d: 0.31 },
    "$146: under half ever sell, 31 % within 30 days, $121 left after fees",
  ],
  [{ median_days: null, p_sold_30d: null }, "$146: how fast it sells is not known, $121 left after fees"],
])("%j is said as %s", (speed, words) => {
  const outcome = { price_cents: 14_600, net_cents: 12_080, p_sold_7d: 0.4, p_sold_14d: 0.6, ...speed };
  expect(outcomeWords(outcome, priced())).toBe(words);
});

test("without a fee schedule nothing says that fees were taken off", () => {
  const answer = { ...priced(), fee_schedule: null };
  expect(outcomeWords(answer.suggested, answer)).toMatch(/left before fees$/);
  renderInApp(<Answer answer={answer} />);
  expect(screen.queryByText("Left after fees")).toBeNull();
  expect(screen.getByText(/fees for this category are not known/)).toBeVisible();
});

test("the axis holds the whole curve, and no sale can squeeze it", () => {
  const points = choosable(priced());
  const axis = priceAxis(points, { low_cents: 100, high_cents: 9_000_000, bins: [1] }, 6);
  const span = axis.at(points.at(-1)?.price_cents ?? 0) - axis.at(points[0]?.price_cents ?? 0);
  expect(span).toBeGreaterThan(50);
  expect(axis.ticks.every((tick) => axis.at(tick) >= 0 && axis.at(tick) <= 100)).toBe(true);
  const bars = barsOf({ low_cents: 1000, high_cents: 2200, bins: [100, 300, 600, 0] });
  expect(bars.map(({ low_cents }) => low_cents)).toEqual([1000, 1300, 1600, 1900]);
  expect(bars.map(({ share }) => share)).toEqual([0.1, 0.3, 0.6, 0]);
});

test("the price is moved by keys, from one sent price to the next, and back to the suggested one", async () => {
  const user = userEvent.setup();
  const answer = priced();
  const points = choosable(answer);
  const at = points.indexOf(answer.suggested);
  const { container } = renderInApp(<PriceSpeed answer={answer} />);
  const handle = screen.getByRole("slider", { name: "Price to ask" });
  const shown = () => Number(container.querySelector("[data-price]")?.getAttribute("data-price"));
  expect(shown()).toBe(answer.suggested.price_cents);
  expect(screen.getByText("This is the suggested price.")).toBeVisible();

  handle.focus();
  for (const [key, index] of [
    ["{ArrowRight}", at + 1],
    ["{ArrowUp}", at + 2],
    ["{ArrowLeft}", at + 1],
    ["{PageDown}", at - 4],
    ["{Home}", 0],
    ["{ArrowDown}", 0],
    ["{End}", points.length - 1],
    ["{ArrowRight}", points.length - 1],
  ] as const) {
    await user.keyboard(key);
    const point = points[index] as (typeof points)[number];
    expect(shown()).toBe(point.price_cents);
    expect(handle).toHaveAttribute("aria-valuenow", String(point.price_cents / 100));
    expect(handle).toHaveAttribute("aria-valuetext", outcomeWords(point, answer));
  }
  await user.click(screen.getByRole("button", { name: /^Back to the suggested/ }));
  expect(shown()).toBe(answer.suggested.price_cents);
});

test("a press on the plot takes the nearest sent price", () => {
  const answer = priced();
  const points = choosable(answer);
  const { container } = renderInApp(<PriceSpeed answer={answer} />);
  const plot = container.querySelector("[data-plot='price-speed']") as HTMLElement;
  plot.getBoundingClientRect = () => new DOMRect(100, 0, 400, 300);
  plot.setPointerCapture = () => undefined;
  fireEvent.pointerDown(plot, { button: 0, clientX: 100, pointerType: "mouse" });
  const shown = Number(container.querySelector("[data-price]")?.getAttribute("data-price"));
  expect(shown).toBe(points[0]?.price_cents);
});

test("where speed is not known, the price still moves and no chance is made up", () => {
  const answer = priced({ title: "Canon tripod" });
  const { container } = renderInApp(<Answer answer={answer} />);
  expect(container.querySelector("[data-chance]")).toBeNull();
  expect(screen.getByRole("slider", { name: "Price to ask" })).toHaveAttribute(
    "aria-valuetext",
    expect.stringContaining("how fast it sells is not known"),
  );
  expect(screen.getByText("Not known for this category yet.")).toBeVisible();
  expect(container.textContent).not.toMatch(/NaN|null|undefined/);
});

test("the lines add up to what is left, and with a cost to the profit", () => {
  const answer = priced({ cost: 6000 });
  const { container } = renderInApp(<Answer answer={answer} />);
  const net = container.querySelector("[data-section='net']") as HTMLElement;
  const groups = Array.from(net.querySelectorAll("tbody"), (body) =>
    Array.from(body.rows, (row) => inCents(row.lastElementChild?.textContent ?? null)),
  );
  const sum = (cents: number[]) => cents.reduce((total, each) => total + each, 0);
  const [ofPrice = [], ofCost = []] = groups;
  expect(ofPrice.at(-1)).toBe(answer.suggested.net_cents);
  expect(sum(ofPrice.slice(0, -1))).toBe(answer.suggested.net_cents);
  expect(ofCost.at(-1)).toBe(answer.suggested.net_cents - 6000);
  expect(within(net).getByText(/eBay.com, sellers without a Store, read 23 Sept? 2026/)).toBeVisible();
});

test("the range is said before the point, and thin evidence is said", () => {
  const { container } = renderInApp(<Answer answer={priced({ title: "Canon rare" })} />);
  const names = Array.from(
    container.querySelectorAll("[data-section='suggestion'] dt"),
    (dt) => dt.textContent,
  );
  expect(names.indexOf("8 in 10 sell for")).toBeLessThan(names.indexOf("Likely"));
  expect(screen.getByText(/Thin evidence: 28 sales in use/)).toBeVisible();
});

test("every drawing is also a table", () => {
  const answer = priced();
  const { container } = renderInApp(<PriceSpeed answer={answer} />);
  const rows = (name: string) => container.querySelectorAll(`[data-table='${name}'] tbody tr`);
  expect(rows("price-speed")).toHaveLength(answer.curve.length + 1);
  expect(rows("distribution")).toHaveLength(answer.distribution?.bins.length ?? Number.NaN);
  const suggested = container.querySelector("[data-suggested]");
  expect(suggested?.textContent).toContain(daysWords(answer.suggested));
});

test("an unclear category is a choice of buttons", async () => {
  const user = userEvent.setup();
  const choose = vi.fn();
  renderInApp(<NoEstimate answer={answerTo({ title: "something black" })} onChoose={choose} />);
  await user.click(screen.getByRole("button", { name: "Lenses" }));
  expect(choose).toHaveBeenCalledExactlyOnceWith("3323");
});

test("no estimate says why, what would help, and what was looked at", () => {
  const answer = answerTo({ title: "holiday snaps" });
  const { container } = renderInApp(<NoEstimate answer={answer} onChoose={() => undefined} />);
  expect(screen.getByText(/Too few similar sales/)).toBeVisible();
  for (const words of answer.no_estimate?.would_help ?? []) expect(screen.getByText(words)).toBeVisible();
  expect(container.querySelectorAll("[data-table='comps'] tbody tr")).toHaveLength(answer.comps.length);
  expect(container.textContent).not.toMatch(/NaN|null|undefined/);
});

const EMPTY: PricingAddress = {
  title: null,
  category: null,
  condition: "used",
  cost: null,
  goal: "balanced",
};
const CATEGORIES = [
  { id: "15230", name: "Film Cameras", marketplace: "ebay", deals: 9 },
  { id: "3323", name: "Lenses", marketplace: "ebay", deals: 3 },
];
function showForm(address: PricingAddress = EMPTY) {
  const ask = vi.fn();
  renderInApp(
    <QuestionForm address={address} categories={CATEGORIES} categoryName={null} busy={false} onAsk={ask} />,
  );
  return ask;
}

test("typing asks nothing; Enter asks once, with everything that is filled in", async () => {
  const user = userEvent.setup();
  const ask = showForm();
  await user.type(screen.getByLabelText("What it cost you"), "60.50");
  await user.type(screen.getByLabelText("Title"), "  Canon AE-1");
  await user.click(screen.getByRole("radio", { name: "Sell fast" }));
  expect(ask).not.toHaveBeenCalled();
  await user.type(screen.getByLabelText("Title"), "{Enter}");
  expect(ask).toHaveBeenCalledExactlyOnceWith({ ...EMPTY, title: "Canon AE-1", cost: 6050, goal: "fast" });
});

test("what cannot be asked is said at its field, and is not asked", async () => {
  const user = userEvent.setup();
  const ask = showForm();
  await user.type(screen.getByLabelText("What it cost you"), "cheap");
  await user.click(screen.getByRole("button", { name: "Price it" }));
  expect(screen.getByText("Write what it is, brand and model first")).toBeVisible();
  expect(screen.getByText("Write a price such as 45 or 89.99")).toBeVisible();
  expect(ask).not.toHaveBeenCalled();
});

test("once there is an answer, another goal asks again at once", async () => {
  const user = userEvent.setup();
  const ask = showForm({ ...EMPTY, title: "Canon AE-1" });
  await user.click(screen.getByRole("radio", { name: "Get the most" }));
  expect(ask).toHaveBeenCalledExactlyOnceWith({ ...EMPTY, title: "Canon AE-1", goal: "max" });
});

test("a category is found by typing, taken by Enter and given back", async () => {
  const user = userEvent.setup();
  const ask = showForm({ ...EMPTY, title: "Canon AE-1", category: "15230" });
  const field = screen.getByRole("combobox", { name: "Category" });
  expect(field).toHaveValue("Film Cameras");
  await user.clear(field);
  await user.type(field, "len");
  expect(
    within(screen.getByRole("listbox"))
      .getAllByRole("option")
      .map((option) => option.textContent),
  ).toEqual(["Lenses"]);
  await user.keyboard("{Enter}");
  expect(ask).toHaveBeenLastCalledWith({ ...EMPTY, title: "Canon AE-1", category: "3323" });

  await user.click(field);
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("listbox")).toBeNull();
  await user.keyboard("{ArrowDown}{Enter}");
  expect(ask).toHaveBeenLastCalledWith({ ...EMPTY, title: "Canon AE-1", category: null });
});
