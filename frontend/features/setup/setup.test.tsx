import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { makeSetup } from "@/e2e/stub/setup";
import { renderInApp } from "@/tests/render";
import { SetupView } from "./setup-view";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const show = (permitted: boolean) =>
  renderInApp(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { staleTime: 60_000 } } })}>
      <SetupView given={{ data: makeSetup(NOW, permitted), at: Date.now() }} />
    </QueryClientProvider>,
    NOW,
  );
const card = (name: string) => within(screen.getByRole("region", { name }));

test("off is told with its reason, its source and the setting's name", () => {
  const { container } = show(false);
  const pricing = card("Values from eBay’s prices");
  expect(pricing.getByText("Off")).toBeVisible();
  expect(pricing.getByText(/nothing read from eBay feeds a value/)).toBeVisible();
  expect(pricing.getByRole("link", { name: /eBay API License Agreement/ })).toHaveAttribute(
    "href",
    "https://developer.ebay.com/join/api-license-agreement",
  );
  expect(container).toHaveTextContent("eBay API License Agreement (opens in a new tab), as of 23 Nov 2026.");
  expect(pricing.getByText("EBAY_CONTENT_PRICING_PERMITTED=false")).toBeVisible();
  expect(card("Past sales from eBay").getByText("EBAY_MARKETPLACE_INSIGHTS_ENABLED=false")).toBeVisible();
  expect(container.textContent).not.toMatch(/NaN|undefined|null/);
});

test("on with refused sales says what eBay said", () => {
  show(true);
  expect(card("Values from eBay’s prices").getByText("On")).toBeVisible();
  const insights = card("Past sales from eBay");
  expect(insights.getByText("Not granted")).toBeVisible();
  expect(insights.getByText(/eBay said: 1100: Access denied/)).toBeVisible();
});

test("comparables are counted by kind, asking prices apart", () => {
  show(false);
  const held = card("Comparables in the store");
  expect(held.getByText("1,212")).toBeVisible();
  expect(held.getByText("Imported sales")).toBeVisible();
  expect(held.getByText("Imported asking prices")).toBeVisible();
});
