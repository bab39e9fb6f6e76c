import { cards, dealIds, expect, layoutShift, test, watchLayout } from "./test.ts";

test("a slow API shows a skeleton at once, and the deals take its place without a jump", async ({
  page,
  scenario,
}) => {
  await scenario({ delayMs: 2500 });
  await watchLayout(page);
  await page.goto("/deals", { waitUntil: "commit" });
  await expect(page.getByTestId("deals-skeleton")).toBeVisible({ timeout: 2500 });
  const place = await page.getByTestId("deals-skeleton").boundingBox();
  await expect(cards(page)).toHaveCount(24);
  const list = await page.locator("ul:has(> li > [data-deal])").boundingBox();
  expect(Math.abs((list?.y ?? 0) - (place?.y ?? 0))).toBeLessThan(2);
  expect(await layoutShift(page)).toBeLessThan(0.05);
});

test("a slow API shows the evidence's skeleton first", async ({ page, scenario }) => {
  await scenario({ delayMs: 2500 });
  await page.goto(`/deals/${dealIds[0]}`, { waitUntil: "commit" });
  await expect(page.getByTestId("evidence-skeleton")).toBeVisible({ timeout: 2500 });
  await expect(page.getByRole("heading", { name: "How the score adds up" })).toBeVisible();
});

test("no deals at all says what will appear", async ({ page, scenario }) => {
  await scenario({ empty: true, marketplace: "starting" });
  await page.goto("/deals");
  await expect(page.getByRole("heading", { name: "No deals yet" })).toBeVisible();
  await expect(page.getByText("The first scan of eBay is running.")).toBeVisible();
  await scenario({});
  await expect(cards(page)).toHaveCount(24, { timeout: 20_000 });
});

test("filters that match nothing offer to be cleared", async ({ page }) => {
  await page.goto("/deals?q=nothing+like+this");
  await expect(page.getByRole("heading", { name: "No deals match these filters" })).toBeVisible();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(page).toHaveURL("/deals");
  await expect(cards(page)).toHaveCount(24);
});

test("a failing API is said with its request, and trying again mends it", async ({ page, scenario }) => {
  await scenario({ fail: 503 });
  await page.goto("/deals?min_score=50");
  const alert = page.getByRole("alert").filter({ hasText: "The deals did not load" });
  await expect(alert).toContainText("The database did not answer for 5 s.");
  await expect(alert).toContainText("Request stub-request");
  await scenario({});
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(cards(page).first()).toBeVisible();
  await expect(page).toHaveURL(/min_score=50/);
});

test("a page that fails later keeps the deals that are there", async ({ page, scenario }) => {
  await page.goto("/deals");
  await scenario({ failMore: true });
  await page.getByRole("button", { name: "Load more" }).click();
  await expect(page.getByText("The deals above are still good.")).toBeVisible();
  await expect(cards(page)).toHaveCount(24);
  await scenario({});
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(cards(page)).toHaveCount(48);
});

test("a source that is behind is named, with the age of what is shown", async ({ page, scenario }) => {
  await scenario({ marketplace: "degraded" });
  await page.goto("/deals");
  const notice = page.getByRole("status").filter({ hasText: "eBay is not answering as it should." });
  await expect(notice).toContainText("Half of its answers could not be read.");
  await expect(notice).toContainText("25 min ago");
  await expect(cards(page)).toHaveCount(24);
});

test("sources that may not be mixed get a ranked list each", async ({ page, scenario }) => {
  await scenario({ marketplace: "two" });
  await page.goto("/deals");
  await expect(page.getByRole("heading", { level: 2 })).toHaveText(["eBay", "Second market", /No deals/]);
  const first = page.getByRole("region", { name: "eBay" });
  await expect(first.locator("[data-deal]")).toHaveCount(24);
  await expect(page.getByRole("region", { name: "Second market" }).locator("[data-deal]")).toHaveCount(0);
});

test("a deal that is gone is a page with a way on, and a 404", async ({ page }) => {
  const answer = await page.goto("/deals/0190a000-0000-7000-8000-00000000dead");
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("heading", { name: "This deal is not here any more" })).toBeVisible();
  await page.getByRole("link", { name: "See the deals that are live" }).click();
  await expect(cards(page)).toHaveCount(24);
});

test("an address that is no page says so", async ({ page }) => {
  const answer = await page.goto("/nowhere");
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("heading", { name: "There is no such page" })).toBeVisible();
});

test("evidence that does not load can be tried again", async ({ page, scenario }) => {
  await scenario({ fail: 503 });
  await page.goto(`/deals/${dealIds[0]}`);
  await expect(page.getByRole("heading", { name: "The evidence did not load" })).toBeVisible();
  await scenario({});
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "How the score adds up" })).toBeVisible();
});

const WITHHELD: [kind: string, index: number, words: RegExp][] = [
  ["no estimate", 7, /No estimate: too little comparable evidence/],
  ["unknown shipping", 5, /Not scored: the shipping cost is unknown/],
  ["a lot", 16, /Not scored: looks like a lot/],
];
for (const [kind, index, words] of WITHHELD) {
  test(`${kind}: the evidence page says why there is no score`, async ({ page, complaints }) => {
    await page.goto(`/deals/${dealIds[index]}`);
    await expect(page.getByText(words)).toBeVisible();
    await expect(page.getByText(/There is no score to add up/)).toBeVisible();
    await expect(page.getByRole("img", { name: "Not scored" }).first()).toBeVisible();
    expect(await page.locator("main").innerText()).not.toMatch(/NaN|undefined|null/);
    expect(complaints).toEqual([]);
  });
}

test("where a marketplace's prices may not be used, the pages say why and lead to the set-up", async ({
  page,
  scenario,
  complaints,
}) => {
  await scenario({ permitted: false });
  await page.goto("/deals");
  await expect(page.getByText("eBay’s prices feed no values here.")).toBeVisible();
  await expect(cards(page)).toHaveCount(24);
  await expect(cards(page).first()).toContainText("may not be used for one here");
  await page.goto(`/deals/${dealIds[0]}`);
  await expect(page.getByText(/No estimate: the marketplace’s prices may not be used/)).toBeVisible();
  await page.getByRole("main").getByRole("link", { name: "See the set-up" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Set-up" })).toBeVisible();
  const pricing = page.getByRole("region", { name: "Values from eBay’s prices" });
  await expect(pricing.getByText("Off", { exact: true })).toBeVisible();
  await expect(pricing.getByText("EBAY_CONTENT_PRICING_PERMITTED=false")).toBeVisible();
  expect(complaints).toEqual([]);
});

test("the set-up is in the menu, and can be tried again when it does not load", async ({
  page,
  scenario,
}) => {
  await page.goto("/deals");
  await expect(page.getByText(/prices feed no values here/)).toHaveCount(0);
  await scenario({ fail: 503 });
  await page
    .getByRole("navigation", { name: "Main", exact: true })
    .getByRole("link", { name: "Administration" })
    .click();
  await page
    .getByRole("navigation", { name: "Administration" })
    .getByRole("link", { name: "Set-up" })
    .click();
  await expect(page.getByRole("heading", { name: "The set-up did not load" })).toBeVisible();
  await scenario({});
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("region", { name: "Past sales from eBay" })).toContainText("Not granted");
});
