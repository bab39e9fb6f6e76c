// "What is it worth?": asking, moving the price, the address, and what is said when there is no number.
import { pricingAddress } from "../../lib/pricing-address.ts";
import { expect, layoutShift, test, watchLayout } from "./test.ts";

const TITLE = "Canon AE-1 Program body";
const ASKED = pricingAddress({ title: TITLE });

/** Counts how often the page asks for a price. */
function countQuestions(page: import("@playwright/test").Page): () => number {
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/api/seller/pricing/suggest")) asked += 1;
  });
  return () => asked;
}

test("a seller gets from the menu to a price, and moves it by keys alone", async ({ page, complaints }) => {
  await page.goto("/deals", { waitUntil: "networkidle" });
  const questions = countQuestions(page);
  await expect(async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("p");
    await expect(page).toHaveURL("/pricing", { timeout: 2000 });
  }).toPass();
  await expect(page.getByRole("heading", { level: 1, name: "What is it worth?" })).toBeVisible();
  await expect(
    page.getByRole("heading", { name: "Write a title above, and this appears here" }),
  ).toBeVisible();
  await page.keyboard.press("/");
  await expect(page.getByRole("textbox", { name: "Title" })).toBeFocused();
  await page.keyboard.type(TITLE);
  expect(questions()).toBe(0);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(ASKED);
  await expect(page.locator("[data-section='suggestion'] strong")).toHaveText(/^\$\d+$/);
  expect(questions()).toBe(1);

  const handle = page.getByRole("slider", { name: "Price to ask" });
  await handle.focus();
  const price = () => handle.getAttribute("aria-valuenow").then(Number);
  const before = await price();
  await page.keyboard.press("ArrowRight");
  expect(await price()).toBeGreaterThan(before);
  await expect(handle).toHaveAttribute(
    "aria-valuetext",
    /^\$\d+: about \d+ days, \d+ % within 30 days, \$\d+ left after fees$/,
  );
  await page.keyboard.press("Home");
  expect(await price()).toBe(Number(await handle.getAttribute("aria-valuemin")));
  await page.keyboard.press("End");
  expect(await price()).toBe(Number(await handle.getAttribute("aria-valuemax")));
  await page.getByRole("button", { name: /^Back to the suggested/ }).click();
  expect(await price()).toBe(before);
  expect(questions()).toBe(1);
  expect(complaints).toEqual([]);
});

test("the price is dragged by a pointer, and stops only at prices that were sent", async ({ page }) => {
  await page.goto(ASKED);
  const handle = page.getByRole("slider", { name: "Price to ask" });
  await handle.scrollIntoViewIfNeeded();
  const box = await handle.boundingBox();
  const x = (box?.x ?? 0) + 22;
  const y = (box?.y ?? 0) + 22;
  const before = Number(await handle.getAttribute("aria-valuenow"));
  await expect(async () => {
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 90, y - 60, { steps: 6 });
    await page.mouse.up();
    expect(Number(await handle.getAttribute("aria-valuenow"))).toBeGreaterThan(before);
  }).toPass();
  const price = await page.locator("[data-price]").getAttribute("data-price");
  await page.getByText("The same as tables").click();
  const row = page.locator("[data-table='price-speed'] tbody tr").filter({
    hasText: `$${(Number(price) / 100).toFixed(2)}`,
  });
  const [net = ""] = await row.locator("td").allTextContents();
  await expect(page.locator("[data-price]")).toContainText(net);
  await page.mouse.move(x, y - 200);
  expect(await page.locator("[data-price]").getAttribute("data-price")).toBe(price);
});

test("on a phone a finger drags the price, everything fits, and targets are large enough", async ({
  browser,
  baseURL,
}) => {
  // Every touch waits for the page to have answered it.
  test.slow();
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
    ...(baseURL && { baseURL }),
  });
  const page = await context.newPage();
  await page.goto("/deals");
  await page.getByRole("navigation", { name: "Main, phone" }).getByRole("link", { name: "Pricing" }).tap();
  await page.getByRole("textbox", { name: "Title" }).fill(TITLE);
  const ask = page.getByRole("button", { name: "Price it" });
  expect((await ask.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  await ask.tap();
  const handle = page.getByRole("slider", { name: "Price to ask" });
  await handle.scrollIntoViewIfNeeded();
  const box = await handle.boundingBox();
  expect(box?.width).toBeGreaterThanOrEqual(44);
  const before = Number(await handle.getAttribute("aria-valuenow"));
  const wire = await context.newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", dx = 0) =>
    wire.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: type === "touchEnd" ? [] : [{ x: (box?.x ?? 0) + 22 + dx, y: (box?.y ?? 0) + 22 }],
    });
  await touch("touchStart");
  for (const dx of [-10, -25, -40, -60]) await touch("touchMove", dx);
  await touch("touchEnd");
  await expect.poll(() => handle.getAttribute("aria-valuenow").then(Number)).toBeLessThan(before);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  await context.close();
});

test("the address is the question: a link and Back give the same answer", async ({ page, browser }) => {
  await page.goto(ASKED, { waitUntil: "networkidle" });
  const price = page.locator("[data-section='suggestion'] strong");
  const balanced = await price.textContent();
  await page.getByRole("radio", { name: "Sell fast" }).check();
  await expect(page).toHaveURL(/goal=fast/);
  await expect(price).not.toHaveText(balanced ?? "");
  await page.getByLabel("Condition").selectOption("good");
  await expect(page).toHaveURL(/condition=good/);
  await page.getByLabel("What it cost you").fill("60");
  await page.getByLabel("What it cost you").press("Enter");
  await expect(page).toHaveURL(/cost=6000/);
  await page.getByRole("combobox", { name: "Category" }).fill("film");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/category=15230/);
  await expect(page.locator("[data-section='suggestion']")).toContainText("Good · Film Cameras");
  await expect(page.locator("[data-section='net']")).toContainText("Profit");

  const elsewhere = await browser.newPage();
  await elsewhere.goto(page.url());
  await expect(elsewhere.getByRole("radio", { name: "Sell fast" })).toBeChecked();
  await expect(elsewhere.getByLabel("What it cost you")).toHaveValue("60");
  await expect(elsewhere.getByRole("combobox", { name: "Category" })).toHaveValue("Film Cameras");
  await expect(elsewhere.locator("[data-section='suggestion'] strong")).toHaveText(
    (await price.textContent()) ?? "",
  );
  await elsewhere.close();

  for (let step = 0; step < 4; step += 1) await page.goBack();
  await expect(page).toHaveURL(ASKED);
  await expect(page.getByRole("radio", { name: "Balanced" })).toBeChecked();
  await expect(price).toHaveText(balanced ?? "");
});

test("the plots, their tables and the evidence say the same", async ({ page }) => {
  await page.goto(ASKED);
  await page.getByText("The same as tables").click();
  expect(await page.locator("[data-table='price-speed'] tbody tr").count()).toBe(32);
  expect(await page.locator("[data-table='distribution'] tbody tr").count()).toBe(12);
  const marks = page.locator("[data-plot='comps'] [data-accepted]");
  await page.getByRole("button", { name: /Show all \d+ sales/ }).click();
  expect(await page.locator("[data-table='comps'] tbody tr").count()).toBe(await marks.count());
  await expect(page.locator("[data-section='speed']")).toContainText("284");
  await expect(page.locator("[data-section='method']")).toContainText("v1");
});

test("an unclear category is chosen by a button, and then there is a price", async ({ page }) => {
  await page.goto(pricingAddress({ title: "something black" }), { waitUntil: "networkidle" });
  await expect(page.getByRole("heading", { name: "Which of these is it?" })).toBeVisible();
  await page.getByRole("button", { name: "Lenses" }).click();
  await expect(page).toHaveURL(/category=3323/);
  await expect(page.getByRole("slider", { name: "Price to ask" })).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Category" })).toHaveValue("Lenses");
});

test("no estimate says why and what would help, without a number", async ({ page, complaints }) => {
  await page.goto(pricingAddress({ title: "holiday snaps 1974" }));
  await expect(page.getByText(/Too few similar sales are known/)).toBeVisible();
  await expect(page.getByText(/Name the brand, the model/)).toBeVisible();
  await expect(page.getByRole("slider", { name: "Price to ask" })).toHaveCount(0);
  expect(await page.locator("main").innerText()).not.toMatch(/NaN|undefined|null/);
  expect(complaints).toEqual([]);
});

test("a failing API is said with its request, and trying again mends it", async ({ page, scenario }) => {
  await scenario({ fail: 503 });
  await page.goto(ASKED);
  const alert = page.getByRole("alert").filter({ hasText: "There is no answer yet" });
  await expect(alert).toContainText("The database did not answer for 5 s.");
  await expect(alert).toContainText("Request stub-request");
  await scenario({});
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("slider", { name: "Price to ask" })).toBeVisible();
  await expect(page).toHaveURL(ASKED);
});

test("a slow answer shows its shape first, and takes its place without a jump", async ({
  page,
  scenario,
}) => {
  await scenario({ delayMs: 2500 });
  await watchLayout(page);
  await page.goto(ASKED, { waitUntil: "commit" });
  await expect(page.getByTestId("pricing-skeleton")).toBeVisible({ timeout: 2500 });
  const place = await page.getByTestId("pricing-skeleton").boundingBox();
  await expect(page.locator("[data-section='suggestion']")).toBeVisible();
  const answer = await page.locator("[data-section='suggestion']").boundingBox();
  expect(Math.abs((answer?.y ?? 0) - (place?.y ?? 0))).toBeLessThan(2);
  expect(await layoutShift(page)).toBeLessThan(0.05);
});

test("an example can be tried, and the command menu prices what is typed there", async ({ page }) => {
  await page.goto("/pricing", { waitUntil: "networkidle" });
  await page.getByRole("button", { name: /^Canon AE-1/ }).click();
  await expect(page.getByRole("slider", { name: "Price to ask" })).toBeVisible();
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Go to a page, a category, or search the deals").fill("leica m6");
  await page.getByText("What is “leica m6” worth?").click();
  await expect(page).toHaveURL(/\/pricing\?title=leica\+m6/);
  await expect(page.getByRole("textbox", { name: "Title" })).toHaveValue("leica m6");
});
