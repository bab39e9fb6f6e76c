// The pages of administration: what an admin does there, what is refused, and the states of each list.
import type { Page } from "@playwright/test";
import { expect, test } from "./test.ts";

const PAGES = [
  {
    path: "/admin/sources",
    title: "Sources",
    row: (page: Page) => page.getByRole("region", { name: /^eBay/ }),
  },
  { path: "/admin/scan-plan", title: "Scan plan", row: (page: Page) => page.locator("[data-entry]") },
  { path: "/admin/jobs", title: "Jobs", row: (page: Page) => page.locator("[data-job]") },
  { path: "/admin/users", title: "Users", row: (page: Page) => page.locator("[data-user]") },
  { path: "/admin/audit", title: "Audit log", row: (page: Page) => page.locator("[data-event]") },
];
const user = (page: Page, name: string) => page.locator("[data-user]").filter({ hasText: name });
const entry = (page: Page, name: string) => page.locator("[data-entry]").filter({ hasText: name });
const undo = (page: Page) => page.getByRole("button", { name: "Undo" });

test("one way in leads to every page of administration", async ({ page, complaints }) => {
  await page.goto("/admin");
  await expect(page).toHaveURL(/\/admin\/sources$/);
  const bar = page.getByRole("navigation", { name: "Administration" });
  for (const { path, title, row } of PAGES) {
    await bar.getByRole("link", { name: title }).click();
    await expect(page).toHaveURL(path);
    await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
    await expect(row(page).first()).toBeVisible();
    await expect(bar.locator("[aria-current='page']")).toHaveText(title);
    expect(await page.locator("main").innerText()).not.toMatch(/NaN|undefined|null|\[object/);
  }
  await bar.getByRole("link", { name: "Set-up" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Set-up" })).toBeVisible();
  await page.keyboard.press("Control+k");
  await expect(page.getByPlaceholder(/^Go to a page/)).toBeFocused();
  await page.keyboard.type("audit");
  await page.getByText("Audit log: who did what").click();
  await expect(page).toHaveURL("/admin/audit");
  expect(complaints).toEqual([]);
});

for (const { path, title, row } of PAGES) {
  test(`${title}: whoever is no admin sees nothing of it`, async ({ page, scenario }) => {
    await scenario({ signedIn: "buyer" });
    await page.goto(path);
    await expect(page.getByRole("heading", { name: "This page is for administrators" })).toBeVisible();
    await expect(row(page)).toHaveCount(0);
    await expect(page.getByRole("navigation", { name: "Administration" })).toHaveCount(0);
    await scenario({ signedIn: null });
    await page.goto(path);
    await expect(page).toHaveURL(/\/login\?next=/);
  });

  test(`${title}: an admin without the second factor is told where to set one up`, async ({
    page,
    scenario,
  }) => {
    await scenario({ secondFactorNeeded: true });
    await page.goto(path);
    await expect(
      page.getByRole("heading", { name: "Administering takes a second factor here" }),
    ).toBeVisible();
    await expect(page.getByRole("link", { name: "Set one up in Settings" })).toHaveAttribute(
      "href",
      "/settings",
    );
  });

  test(`${title}: failing is said with its request, and trying again mends it`, async ({
    page,
    scenario,
  }) => {
    await scenario({ fail: 503 });
    await page.goto(path);
    const alert = page.getByRole("alert").filter({ hasText: "did not load" });
    await expect(alert).toContainText("The database did not answer for 5 s. Nothing was changed.");
    await expect(alert).toContainText("Request stub-request");
    await scenario({});
    await alert.getByRole("button", { name: "Try again" }).click();
    await expect(row(page).first()).toBeVisible();
  });

  test(`${title}: a slow API shows a skeleton, an empty one says what will appear`, async ({
    page,
    scenario,
  }) => {
    await scenario({ delayMs: 2_500 });
    await page.goto(path, { waitUntil: "commit" });
    await expect(page.getByTestId("admin-skeleton")).toBeVisible({ timeout: 2_500 });
    await expect(row(page).first()).toBeVisible();
    await scenario({ empty: true });
    await page.goto(path);
    await expect(page.locator("main").getByRole("heading", { level: 2 })).toHaveText(
      /^(No |Nothing |Scans ask for nothing)/,
    );
    await expect(row(page)).toHaveCount(0);
  });
}

test("a role is given and taken at once, and taken back", async ({ page }) => {
  await page.goto("/admin/users");
  const seller = user(page, "Grace").getByRole("button", { name: "Seller" });
  await expect(seller).toHaveAttribute("aria-pressed", "false");
  await seller.click();
  await expect(seller).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByText("Grace is now seller.")).toBeVisible();
  await undo(page).click();
  await expect(seller).toHaveAttribute("aria-pressed", "false");
  await page.reload();
  await expect(seller).toHaveAttribute("aria-pressed", "false");
});

test("a refused change is shown as it is, with the reason", async ({ page, scenario }) => {
  await page.goto("/admin/users");
  const admin = user(page, "Ada").getByRole("button", { name: "Admin", exact: true });
  await admin.click();
  await expect(user(page, "Ada").getByRole("alert")).toContainText("the last account that can administer");
  await expect(admin).toHaveAttribute("aria-pressed", "true");
  await expect(undo(page)).toHaveCount(0);
  await scenario({ failChanges: 503 });
  await page.getByRole("button", { name: "Disable the account of Grace" }).click();
  await expect(user(page, "Grace").getByRole("alert")).toContainText("Nothing was changed");
  await expect(user(page, "Grace")).not.toContainText("Disabled");
});

test("an account is disabled, enabled again, and found by a part of its name", async ({ page }) => {
  await page.goto("/admin/users");
  await page.getByRole("searchbox", { name: "Search" }).fill("lin");
  await expect(page).toHaveURL(/q=lin/);
  await expect(page.locator("[data-user]")).toHaveCount(1);
  await page.getByRole("button", { name: "Disable the account of Linus" }).click();
  await expect(user(page, "Linus")).toContainText("Disabled");
  await undo(page).click();
  await expect(page.getByRole("button", { name: "Disable the account of Linus" })).toBeVisible();
  await page.getByRole("searchbox", { name: "Search" }).fill("nobody");
  await expect(page.getByRole("heading", { name: "No account matches" })).toBeVisible();
});

test("the log is read by kind and by account, and on to its end", async ({ page, scenario }) => {
  await page.goto("/admin/audit");
  const events = page.locator("[data-event]");
  await expect(events).toHaveCount(50);
  await expect(events.nth(1)).toContainText("Changed an account’s roles");
  await expect(events.nth(1)).toContainText("buyer → buyer, seller");
  await expect(events.first().locator("time")).toHaveAttribute("title", /\d{4}, \d\d:\d\d/);
  await scenario({ failMore: true });
  await page.getByRole("button", { name: "Load more" }).click();
  await expect(page.getByText("What is above is still good.")).toBeVisible();
  await scenario({});
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(events).toHaveCount(70);
  await page.getByRole("combobox", { name: "What" }).selectOption("Made an API key");
  await expect(page).toHaveURL(/kind=key.made/);
  await expect(events).toHaveCount(10);
  await events.first().getByRole("button", { name: "grace@people.example" }).click();
  await expect(page).toHaveURL(/actor=/);
  await expect(page.getByRole("combobox", { name: "Account" })).toHaveValue("grace@people.example");
  await page.getByRole("combobox", { name: "What" }).selectOption("Started a scan");
  await expect(page.getByRole("heading", { name: "Nothing like this was done" })).toBeVisible();
  await page.getByRole("button", { name: "Show everything" }).click();
  await expect(events).toHaveCount(70);
});

test("a failed job tells why and is queued anew", async ({ page, scenario }) => {
  await page.goto("/admin/jobs");
  const bar = page.getByRole("progressbar").first();
  const before = Number(await bar.getAttribute("aria-valuenow"));
  await expect.poll(async () => Number(await bar.getAttribute("aria-valuenow"))).toBeGreaterThan(before);
  await page.getByRole("button", { name: "Dead letters 1" }).click();
  await expect(page).toHaveURL(/state=dead/);
  const job = page.locator("[data-job]");
  await expect(job).toContainText("Attempt 8 of 8");
  await job.getByText("Why it failed").click();
  await expect(job.getByText(/did not answer for 40 s\s+while asking/)).toBeVisible();
  await scenario({ failChanges: 503 });
  await job.getByRole("button", { name: "Retry: Scan marketplaces" }).click();
  await expect(job.getByRole("alert")).toContainText("It was not queued");
  await scenario({});
  await job.getByRole("button", { name: "Retry: Scan marketplaces" }).click();
  await expect(page.getByRole("heading", { name: "No dead letters" })).toBeVisible();
  await page.getByRole("button", { name: "Waiting 3" }).click();
  await expect(page.locator("[data-job]").filter({ hasText: "Scan marketplaces" })).toContainText(
    "Attempt 0 of 8",
  );
});

test("jobs are held to a kind, and finished ones say what they brought", async ({ page }) => {
  await page.goto("/admin/jobs?state=done");
  await expect(page.locator("[data-job]")).toHaveCount(50);
  await expect(async () => {
    await page.getByRole("combobox", { name: "Kind of work" }).selectOption("Scan marketplaces");
    await expect(page).toHaveURL(/kind=scan/, { timeout: 1_000 });
  }).toPass();
  await expect(page.locator("[data-job]")).toHaveCount(20);
  await expect(page.locator("[data-job]").first()).toContainText("34 new · 12 changed · 40 calls");
});

test("the plan is added to, put in order, switched off, deleted and taken back", async ({ page }) => {
  await page.goto("/admin/scan-plan");
  const entries = page.locator("[data-entry]");
  await expect(entries).toHaveCount(6);
  await expect(entries.first()).toContainText("“leica m6” in Film Cameras");
  const form = page.getByRole("form", { name: "Add to the plan" });
  await expect(form.getByRole("button", { name: "Add" })).toBeDisabled();
  await form.getByLabel("Words").fill("nikon f3");
  await form.getByLabel("Priority").fill("0");
  await expect(form.getByRole("button", { name: "Add" })).toBeDisabled();
  await form.getByLabel("Priority").fill("15");
  await form.getByRole("button", { name: "Add" }).click();
  await expect(entries.nth(1)).toContainText("“nikon f3”");
  await form.getByLabel("Words").fill("nikon f3");
  await form.getByRole("button", { name: "Add" }).click();
  await expect(form.getByRole("alert")).toContainText("The plan has this entry already.");

  await page.getByLabel("Priority of “nikon f3”").fill("5");
  await page.keyboard.press("Enter");
  await expect(entries.first()).toContainText("“nikon f3”");
  const onOff = page.getByRole("switch", { name: "Scan for “nikon f3”" });
  await onOff.click();
  await expect(onOff).toHaveAttribute("aria-checked", "false");
  await expect(entry(page, "nikon f3")).toContainText("Switched off");
  await page.getByRole("button", { name: "Delete “nikon f3”" }).click();
  await expect(entries).toHaveCount(6);
  await undo(page).click();
  await expect(entry(page, "nikon f3")).toContainText("Switched off");
});

test("a change of the plan that is refused is not shown as made", async ({ page, scenario }) => {
  await page.goto("/admin/scan-plan");
  await scenario({ failChanges: 503 });
  const onOff = page.getByRole("switch", { name: "Scan for Lenses" });
  await onOff.click();
  await expect(entry(page, "Lenses").getByRole("alert")).toContainText("It is as it was.");
  await expect(onOff).toHaveAttribute("aria-checked", "true");
  await page.getByRole("button", { name: "Delete Lenses" }).click();
  await expect(page.getByText("The plan is as it was.")).toBeVisible();
  await expect(page.locator("[data-entry]")).toHaveCount(6);
});

test("a degraded source says why, and what is used up is said in words", async ({ page, scenario }) => {
  await scenario({ marketplace: "degraded" });
  await page.goto("/admin/sources");
  const source = page.getByRole("region", { name: /^eBay/ });
  await expect(source).toContainText("Degraded");
  await expect(source).toContainText("Why: only 42 % of the rows from eBay can be read");
  await expect(source).toContainText("3,120 of 5,000");
  await expect(source).toContainText("1,880 left today");
  await expect(source).toContainText("Used up. No more calls until it resets.");
  await expect(source.getByRole("row")).toHaveCount(7);
  await page.setViewportSize({ width: 390, height: 844 });
  const [outer, inner] = await Promise.all([
    source.boundingBox(),
    source.getByText(/^Why:/).last().boundingBox(),
  ]);
  expect(inner?.x ?? 0).toBeGreaterThan(outer?.x ?? 0);
  expect((inner?.x ?? 0) + (inner?.width ?? 999)).toBeLessThan((outer?.x ?? 0) + (outer?.width ?? 0));
});

test("a scan is started and followed to its end", async ({ page, scenario }) => {
  await page.goto("/admin/sources");
  await page.getByRole("button", { name: "Scan now" }).click();
  const job = page.locator("[data-task='scan']");
  await expect(job).toContainText("waiting");
  await expect(job).toContainText("340 new");
  await expect(job).toContainText("done · 871 new · 40 calls");
  await expect(page.getByRole("button", { name: "Scan now" })).toBeEnabled();
  await scenario({ failChanges: 503 });
  await page.getByRole("button", { name: "Recompute comparables" }).click();
  await expect(page.locator("[data-task='recompute-comps']")).toContainText("was not started");
});
