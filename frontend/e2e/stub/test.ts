// The test of the `stub` project: a page at the stub's web server, a way to script the API, and no unseen errors.
import { test as base, expect, type Page } from "@playwright/test";
import { makeDeals } from "./fixtures.ts";
import type { Scenario } from "./server.ts";

type Fixtures = {
  /** Sets what the API does from now on; every test starts with an API that is well. */
  scenario: (changes: Partial<Scenario>) => Promise<void>;
  /** Messages of the browser's console that no page should cause. */
  complaints: string[];
};

const need = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: the global setup did not run.`);
  return value;
};

export const stubOrigin = () => need("STUB_ORIGIN");
export const dealIds = makeDeals("http://127.0.0.1", Date.now()).map(({ id }) => id);

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures wanted from the pattern
  baseURL: async ({}, use) => use(need("STUB_WEB_ORIGIN")),
  scenario: [
    // biome-ignore lint/correctness/noEmptyPattern: see above
    async ({}, use) => {
      const set = async (changes: Partial<Scenario>) => {
        const answer = await fetch(`${stubOrigin()}/stub/scenario`, {
          method: "POST",
          body: JSON.stringify(changes),
        });
        expect(answer.status).toBe(200);
      };
      await set({});
      await use(set);
      await set({});
    },
    { auto: true },
  ],
  complaints: async ({ page }, use) => {
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" || /Content Security Policy|hydrat/i.test(message.text())) {
        complaints.push(message.text());
      }
    });
    await use(complaints);
  },
});

export { expect };

export const cards = (page: Page) => page.locator("[data-deal]");

/** Sums the shifts of the layout from the first paint on; read with `layoutShift`. */
export async function watchLayout(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen = window as unknown as { shift: number; paint: number };
    seen.shift = 0;
    seen.paint = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number;
        hadRecentInput: boolean;
      })[]) {
        if (!entry.hadRecentInput) seen.shift += entry.value;
      }
    }).observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.paint = entry.startTime;
    }).observe({ type: "largest-contentful-paint", buffered: true });
  });
}

export const layoutShift = (page: Page) =>
  page.evaluate(() => (window as unknown as { shift: number }).shift);
export const largestPaint = (page: Page) =>
  page.evaluate(() => (window as unknown as { paint: number }).paint);
