// Browser journeys. `stub` brings its own web server and a scripted API; `stack` walks a running product at BASE_URL.
import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const chromium = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
if (!existsSync(chromium)) {
  throw new Error(`No browser at ${chromium}: apt-get install chromium, or set CHROMIUM_PATH.`);
}

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  globalSetup: "./e2e/global-setup.ts",
  // One at a time: the stub's scenario is shared, and times are measured.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
    timezoneId: "UTC",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: chromium,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "stub", testMatch: /stub\/.*\.spec\.ts/ },
    ...(process.env.BASE_URL
      ? [{ name: "stack", testMatch: /stack\/.*\.spec\.ts/, use: { baseURL: process.env.BASE_URL } }]
      : []),
  ],
});
