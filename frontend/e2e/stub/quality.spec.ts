// The bars: accessible, still, quick, small, and safe.
import AxeBuilder from "@axe-core/playwright";
import { freePort, startWeb } from "../servers.ts";
import { startStub } from "./server.ts";
import { cards, dealIds, expect, largestPaint, layoutShift, stubOrigin, test, watchLayout } from "./test.ts";

const PAGES = {
  deals: "/deals",
  evidence: `/deals/${dealIds[1]}`,
  setup: "/admin/setup",
  settings: "/settings",
  register: "/register",
  reset: "/reset",
  verify: "/verify",
  sources: "/admin/sources",
  plan: "/admin/scan-plan",
  jobs: "/admin/jobs?state=failed",
  users: "/admin/users",
  audit: "/admin/audit",
  pricing: "/pricing?title=Canon+AE-1+Program+body&cost=6000",
};
const WIDTHS = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const MAX_SHIFT = 0.05;
const MAX_PAINT_MS = 1200;
const MAX_SCRIPT_BYTES = 260 * 1024;

for (const [name, path] of Object.entries(PAGES)) {
  for (const [device, viewport] of Object.entries(WIDTHS)) {
    for (const colorScheme of ["light", "dark"] as const) {
      test(`${name}, ${device}, ${colorScheme}: no accessibility fault, no shift, no sideways scroll`, async ({
        browser,
        baseURL,
      }) => {
        const context = await browser.newContext({ viewport, colorScheme, ...(baseURL && { baseURL }) });
        const page = await context.newPage();
        await watchLayout(page);
        await page.goto(path, { waitUntil: "networkidle" });
        const found = await new AxeBuilder({ page })
          .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
          .analyze();
        expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
        expect(found.passes.length).toBeGreaterThan(20);
        expect(await layoutShift(page)).toBeLessThan(MAX_SHIFT);
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(
          true,
        );
        await context.close();
      });
    }
  }
}

test("withheld, open menu and dialogs have no accessibility fault", async ({ page }) => {
  const check = async () => {
    const found = await new AxeBuilder({ page })
      .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"])
      .analyze();
    expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  };
  await page.goto(`/deals/${dealIds[7]}`);
  await check();
  await page.goto("/deals?min_score=50&free_shipping=true", { waitUntil: "networkidle" });
  await page.getByRole("button", { name: "Condition", exact: true }).click();
  await expect(page.getByRole("menu", { name: "Condition" })).toBeVisible();
  await check();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await page.waitForTimeout(200);
  await check();
});

for (const [name, path] of Object.entries(PAGES)) {
  test(`${name}: the first view is there within ${MAX_PAINT_MS} ms (median of 3)`, async ({
    browser,
    baseURL,
  }) => {
    const paints: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const context = await browser.newContext({ viewport: WIDTHS.desktop, ...(baseURL && { baseURL }) });
      const page = await context.newPage();
      await watchLayout(page);
      await page.goto(path, { waitUntil: "networkidle" });
      paints.push(await largestPaint(page));
      await context.close();
    }
    const median = paints.sort((a, b) => a - b)[1] ?? Number.NaN;
    test.info().annotations.push({ type: "LCP ms", description: paints.map(Math.round).join(", ") });
    console.log(`LCP ${name}: ${paints.map(Math.round).join(", ")} ms`);
    expect(median).toBeLessThanOrEqual(MAX_PAINT_MS);
  });

  test(`${name}: the first load brings at most ${MAX_SCRIPT_BYTES / 1024} KB of scripts`, async ({
    browser,
    baseURL,
  }) => {
    const context = await browser.newContext({ viewport: WIDTHS.desktop, ...(baseURL && { baseURL }) });
    const page = await context.newPage();
    const wire = await context.newCDPSession(page);
    await wire.send("Network.enable");
    const scripts = new Set<string>();
    let bytes = 0;
    wire.on("Network.responseReceived", ({ requestId, type }) => {
      if (type === "Script") scripts.add(requestId);
    });
    wire.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      if (scripts.has(requestId)) bytes += encodedDataLength;
    });
    await page.goto(path, { waitUntil: "networkidle" });
    console.log(`scripts ${name}: ${Math.round(bytes / 1024)} KB`);
    expect(scripts.size).toBeGreaterThan(3);
    expect(bytes).toBeLessThanOrEqual(MAX_SCRIPT_BYTES);
    await context.close();
  });
}

test("every page carries its own script nonce, and nothing breaks the policy", async ({
  page,
  complaints,
}) => {
  const policies = new Set<string>();
  for (const path of [PAGES.deals, PAGES.evidence, "/deals"]) {
    const answer = await page.goto(path, { waitUntil: "networkidle" });
    const policy = answer?.headers()["content-security-policy"] ?? "";
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
    expect(policy).not.toContain("'unsafe-eval'");
    expect(policy).toMatch(/script-src [^;]*'strict-dynamic'/);
    expect(policy).not.toMatch(/script-src [^;]*'unsafe-inline'/);
    const inline = await page
      .locator("script:not([src])")
      .evaluateAll((all) => all.map((script) => (script as HTMLScriptElement).nonce));
    expect(inline.every((each) => each === nonce)).toBe(true);
    policies.add(policy);
  }
  await page.keyboard.press("Control+k");
  await expect(page.getByPlaceholder("Go to a page, a category, or search the deals")).toBeVisible();
  expect(policies.size).toBe(3);
  expect(complaints).toEqual([]);
});

test("one build serves two APIs, each by the address it is started with", async ({ page }) => {
  const port = await freePort();
  const second = await startStub({ port, name: "Second: " });
  const web = await startWeb(`http://127.0.0.1:${port}`);
  try {
    await page.goto(`${web.origin}/deals`);
    await expect(cards(page).first()).toContainText("Second: ");
    await page.getByRole("button", { name: "Load more" }).click();
    await expect(cards(page)).toHaveCount(48);
    await expect(cards(page).nth(40)).toContainText("Second: ");
    await page.goto("/deals");
    await expect(cards(page).first()).not.toContainText("Second: ");
  } finally {
    web.stop();
    second.closeAllConnections();
    second.close();
  }
});

test("the API's own numbers are not behind the browser's door", async ({ request }) => {
  expect((await fetch(`${stubOrigin()}/metrics`)).status).toBe(200);
  const ways = ["/api/metrics", "/api/metrics/", "/api/%6Detrics", "/api//metrics", "/api/%2Fmetrics"];
  for (const path of [...ways, "/api/x/%2e%2e/metrics", "/api/metrics%2F", "/api/./metrics"]) {
    const answer = await request.get(path);
    expect(answer.status()).toBe(404);
    expect(await answer.text()).not.toContain("numbers");
  }
});

test("the API's failures pass through with their words and request id", async ({ request }) => {
  const answer = await request.get("/api/buyer/deals/none");
  expect(answer.status()).toBe(404);
  expect(answer.headers()["content-type"]).toContain("application/problem+json");
  expect(answer.headers()["x-request-id"]).toBe("stub-request");
});
