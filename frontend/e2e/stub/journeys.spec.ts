import { cards, dealIds, expect, test } from "./test.ts";

test("the front door leads to the deals", async ({ page, complaints }) => {
  await page.goto("/");
  await expect(page).toHaveURL(/\/deals$/);
  await expect(page.getByRole("heading", { level: 1, name: "Deals" })).toBeVisible();
  await expect(page.getByText("Demo marketplace.")).toBeVisible();
  await expect(cards(page)).toHaveCount(24);
  expect(complaints).toEqual([]);
});

test("a buyer gets from the list to the evidence and back by keyboard alone", async ({ page }) => {
  await page.goto("/deals");
  await expect(cards(page)).toHaveCount(24);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-deal-link") ?? null);
  const links = await page
    .locator("[data-deal-link]")
    .evaluateAll((all) => all.map((link) => link.getAttribute("data-deal-link")));

  await expect(async () => {
    await page.keyboard.press("j");
    expect(await focused()).not.toBeNull();
  }).toPass();
  while ((await focused()) !== links[0]) await page.keyboard.press("k");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  expect(await focused()).toBe(links[2]);
  await page.keyboard.press("k");
  expect(await focused()).toBe(links[1]);

  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`/deals/${links[1]}`);
  await expect(page.getByRole("heading", { name: "How the score adds up" })).toBeVisible();

  await page.keyboard.press("Escape");
  await expect(page).toHaveURL("/deals");
  await expect.poll(focused).toBe(links[1]);

  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox", { name: "Search deals" })).toBeFocused();
  await page.keyboard.type("leica");
  await expect(page).toHaveURL(/q=leica/);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("searchbox", { name: "Search deals" })).not.toBeFocused();
});

test("? shows the keys and Ctrl-K goes anywhere; both give the focus back", async ({ page }) => {
  await page.goto("/deals");
  const link = page.locator("[data-deal-link]").first();
  await link.focus();
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(help).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(help).toBeHidden();
  await expect(link).toBeFocused();

  await page.keyboard.press("Control+k");
  const field = page.getByPlaceholder("Go to a page, a category, or search the deals");
  await expect(field).toBeFocused();
  await page.keyboard.type("wristw");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/category=31387/);
  await expect(cards(page).first()).toBeVisible();
});

test("the address is the state of the list", async ({ page, browser }) => {
  await page.goto("/deals");
  await page.getByRole("button", { name: "Score", exact: true }).click();
  await page.getByRole("menuitemradio", { name: "70 or more" }).click();
  await expect(page).toHaveURL(/min_score=70/);
  await page.getByRole("button", { name: "Free shipping" }).click();
  await page.getByRole("combobox", { name: "Sort by" }).selectOption("price");
  await expect(page).toHaveURL(/sort=price/);
  await expect(page.getByRole("button", { name: "Remove filter Score: 70 or more" })).toBeVisible();
  const titles = () => page.locator("[data-deal-link]").allTextContents();
  await expect.poll(async () => (await titles()).length).toBeLessThan(24);
  await expect(page.locator("ul[aria-busy='true']")).toHaveCount(0);
  const seen = await titles();
  expect(seen.length).toBeGreaterThan(0);

  const elsewhere = await browser.newPage();
  await elsewhere.goto(page.url());
  await expect(elsewhere.locator("[data-deal-link]")).toHaveText(seen);
  await elsewhere.close();

  await page.goBack();
  await expect(page.getByRole("combobox", { name: "Sort by" })).toHaveValue("score");
  await page.getByRole("button", { name: "Clear all" }).first().click();
  await expect(page).toHaveURL("/deals");
  await expect(cards(page)).toHaveCount(24);
});

test("deals can be put in order of what selling them again would leave, and held to a least", async ({
  page,
}) => {
  await page.goto("/deals");
  await page.getByRole("button", { name: "Profit", exact: true }).click();
  await page.getByRole("menuitemradio", { name: "$50 or more" }).click();
  await page.getByRole("button", { name: "ROI", exact: true }).click();
  await page.getByRole("menuitemradio", { name: "25 % or more" }).click();
  await page.getByRole("combobox", { name: "Sort by" }).selectOption({ label: "Largest profit" });
  await expect(page).toHaveURL(/min_profit_cents=5000&min_roi=0.25&sort=profit/);
  await expect(page.getByRole("button", { name: "Remove filter Profit: $50 or more" })).toBeVisible();
  await expect(page.locator("ul[aria-busy='true']")).toHaveCount(0);
  const nets = await page.locator("[data-deal]").evaluateAll((all) =>
    all.flatMap((card) => {
      const words = /net ([+−])\$([\d,]+)/.exec((card as HTMLElement).innerText);
      return words ? [Number(words[2]?.replaceAll(",", "")) * (words[1] === "+" ? 1 : -1)] : [];
    }),
  );
  expect(nets.length).toBeGreaterThan(3);
  expect(nets).toEqual([...nets].sort((a, b) => b - a));
  expect(Math.min(...nets)).toBeGreaterThanOrEqual(50);
});

test("a price range is checked before it is applied", async ({ page }) => {
  await page.goto("/deals");
  await page.getByRole("button", { name: "Price", exact: true }).click();
  const range = page.getByRole("dialog", { name: "Price range" });
  await range.getByLabel("Price from").fill("500");
  await range.getByLabel("Price to").fill("90");
  await range.getByRole("button", { name: "Set price" }).click();
  await expect(range.getByRole("alert")).toHaveText("The least is above the most");
  await range.getByLabel("Price from").fill("50");
  await range.getByRole("button", { name: "Set price" }).click();
  await expect(page).toHaveURL(/min_price_cents=5000&max_price_cents=9000/);
  await expect(page.getByRole("button", { name: "Remove filter Price: $50 to $90" })).toBeVisible();
});

test("load more adds below without a jump, and Back returns to the same place", async ({ page }) => {
  await page.goto("/deals");
  const more = page.getByRole("button", { name: "Load more" });
  await more.scrollIntoViewIfNeeded();
  const before = await page.evaluate(() => window.scrollY);
  const last = cards(page).nth(23);
  const placeOfLast = (await last.boundingBox())?.y;
  await more.click();
  await expect(cards(page)).toHaveCount(48);
  expect((await last.boundingBox())?.y).toBeCloseTo(placeOfLast ?? Number.NaN, 0);
  expect(await page.evaluate(() => window.scrollY)).toBe(before);
  const ids = await page
    .locator("[data-deal]")
    .evaluateAll((all) => all.map((card) => card.getAttribute("data-deal")));
  expect(new Set(ids).size).toBe(48);

  const target = page.locator("[data-deal-link]").nth(40);
  await target.scrollIntoViewIfNeeded();
  const place = await page.evaluate(() => window.scrollY);
  await target.click();
  await expect(page.getByRole("heading", { name: "What alike items sold for" })).toBeVisible();
  await page.goBack();
  await expect(cards(page)).toHaveCount(48);
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBeGreaterThan(place - 40);
  await expect(target).toBeInViewport();
  await more.click();
  await expect(cards(page)).toHaveCount(60);
  await expect(more).toBeHidden();
  await expect(page.getByText("That is all: 60 deals")).toBeVisible();
});

test("every scored deal's parts add up to its score, and its plot and table agree", async ({ page }) => {
  for (const id of [dealIds[0], dealIds[6], dealIds[30]]) {
    await page.goto(`/deals/${id}`);
    const score = Number(await page.locator("[data-total]").getAttribute("data-total"));
    const shown = await page.locator("[data-part] td:last-child").allTextContents();
    const sum = shown.reduce((total, text) => total + Number.parseFloat(text), 0);
    expect(sum).toBeCloseTo(score, 6);
    await expect(page.getByRole("img", { name: `Score ${score} of 100` }).first()).toBeVisible();

    const marks = page.locator("[data-plot='comps'] [data-accepted]");
    await page.getByRole("button", { name: /Show all \d+ sales/ }).click();
    const rows = page.locator("[data-table='comps'] tbody tr");
    expect(await rows.count()).toBe(await marks.count());
    expect(await page.locator("[data-plot='comps'] [data-accepted='false']").count()).toBe(
      await page.locator("[data-table='comps'] tbody tr[data-accepted='false']").count(),
    );
  }
});

test("the reason for a left-out sale shows on hover and by keys", async ({ page }) => {
  await page.goto(`/deals/${dealIds[0]}`);
  const readout = page.locator("[data-section='comps'] figcaption");
  await page.locator("[data-plot='comps'] [data-accepted='false']").first().hover();
  await expect(readout).toContainText("left out:");
  await page.getByRole("slider").focus();
  await page.keyboard.press("Home");
  await expect(readout).toContainText(/\$[\d,.]+ on \d+ \w+ \d{4}/);
});

test("the way out is a plain link to the marketplace", async ({ page }) => {
  await page.goto(`/deals/${dealIds[0]}`);
  const link = page.getByRole("link", { name: /View on eBay/ }).first();
  await expect(link).toHaveAttribute("href", /^https:\/\/www\.ebay\.com\/itm\//);
  await expect(link).toHaveAttribute("rel", /noopener/);
  await expect(link).toHaveAttribute("target", "_blank");
});

test("the theme follows the system until it is chosen, then stays, without a flash", async ({
  browser,
  baseURL,
}) => {
  const context = await browser.newContext({ colorScheme: "dark", ...(baseURL && { baseURL }) });
  const page = await context.newPage();
  const scheme = () =>
    page.evaluate(() => document.documentElement.getAttribute("data-mantine-color-scheme"));
  await page.goto("/deals");
  expect(await scheme()).toBe("dark");
  await expect(cards(page).first()).toBeVisible();
  await expect(async () => {
    await page.getByRole("button", { name: "Switch between light and dark" }).first().click();
    expect(await scheme()).toBe("light");
  }).toPass();

  // Before any of the app's scripts run, the page is already light.
  await page.addInitScript(() => {
    const colours = window as unknown as { first: string | null };
    colours.first = null;
    const look = () => {
      if (document.body && colours.first === null) {
        colours.first = document.documentElement.getAttribute("data-mantine-color-scheme");
      }
      if (colours.first === null) requestAnimationFrame(look);
    };
    look();
  });
  await page.reload();
  await expect(cards(page).first()).toBeVisible();
  expect(await page.evaluate(() => (window as unknown as { first: string }).first)).toBe("light");
  expect(await scheme()).toBe("light");
  await context.close();
});

test("a phone gets the filters in a sheet, the summary under the thumb, and no sideways scroll", async ({
  browser,
  baseURL,
}) => {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
    ...(baseURL && { baseURL }),
  });
  const page = await context.newPage();
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
  await page.goto("/deals");
  await expect(cards(page)).toHaveCount(24);
  expect(await fits()).toBe(true);
  await page.getByRole("button", { name: /^Filters/ }).tap();
  const sheet = page.getByRole("dialog", { name: "Filters" });
  await sheet.getByLabel("Score").selectOption("80");
  await sheet.getByRole("button", { name: "Show deals" }).tap();
  await expect(sheet).toBeHidden();
  await expect(page.getByRole("button", { name: "Remove filter Score: 80 or more" })).toBeVisible();

  await page.locator("[data-deal-link]").first().tap();
  await expect(page.getByRole("region", { name: "Summary" })).toBeInViewport();
  expect(await fits()).toBe(true);
  for (const id of [dealIds[7], dealIds[5]]) {
    await page.goto(`/deals/${id}`);
    expect(await fits()).toBe(true);
  }
  await context.close();
});
