// A seller asks the running demo what a thing is worth: real market, real estimate, real speed.
import { expect, test } from "@playwright/test";
import { pricingAddress } from "../../lib/pricing-address.ts";

const DEALS_DEADLINE_MS = 90_000;

test("a title of the demo's market gets a price with its evidence, and the price can be moved", async ({
  page,
}) => {
  await page.goto("/login");
  await page.getByRole("button", { name: "Seller" }).click();
  await page.waitForURL(/\/deals/);
  await page.goto("/deals?min_score=1&min_confidence=0.5");
  const title = await page.locator("[data-deal-link]").first().textContent({ timeout: DEALS_DEADLINE_MS });
  await page.goto(pricingAddress({ title, cost: 1000 }));
  const suggestion = page.locator("[data-section='suggestion']");
  await expect(suggestion).toBeVisible({ timeout: 30_000 });
  await expect(suggestion.locator("strong")).toHaveText(/^\$[\d,.]+$/);
  await expect(page.locator("[data-section='net']")).toContainText(/Profit|Loss/);

  const lines = await page
    .locator("[data-section='net'] tbody")
    .first()
    .locator("tr")
    .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute("data-cents"))));
  const left = lines.pop();
  expect(lines.reduce((sum, cents) => sum + cents, 0)).toBe(left);

  const handle = page.getByRole("slider", { name: "Price to ask" });
  await expect(async () => {
    const before = Number(await handle.getAttribute("aria-valuenow"));
    await handle.press("ArrowLeft");
    expect(Number(await handle.getAttribute("aria-valuenow"))).toBeLessThan(before);
  }).toPass();
  expect(await page.locator("[data-plot='comps'] [data-accepted='true']").count()).toBeGreaterThan(2);
  expect(await page.locator("main").innerText()).not.toMatch(/NaN|undefined|null/);
});
