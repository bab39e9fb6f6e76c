import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { alias: { "@": import.meta.dirname } },
  test: {
    environment: "jsdom",
    include: ["{app,components,features,lib,server,tests}/**/*.test.{ts,tsx}", "proxy.test.ts"],
    setupFiles: ["tests/setup.ts"],
    restoreMocks: true,
    // A busy machine draws slowly; a hang is still found.
    testTimeout: 20_000,
  },
});
