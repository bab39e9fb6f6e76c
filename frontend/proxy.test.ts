// @vitest-environment node
import { NextRequest } from "next/server";
import { describe, expect, test, vi } from "vitest";
import { contentSecurityPolicy, proxy } from "./proxy";

const ask = (path: string) => proxy(new NextRequest(`http://127.0.0.1:3000${path}`));

describe("the way to the API", () => {
  test("goes to the address of the moment, with path and query kept", () => {
    for (const origin of ["http://127.0.0.1:8000", "http://api.internal:9000"]) {
      vi.stubEnv("API_ORIGIN", origin);
      const target = ask("/api/buyer/deals?q=a%26b&limit=5").headers.get("x-middleware-rewrite");
      expect(target).toBe(`${origin}/buyer/deals?q=a%26b&limit=5`);
    }
    vi.unstubAllEnvs();
  });

  test.each([
    "/api/metrics",
    "/api/metrics/",
    "/api//metrics",
    "/api/%6Detrics",
    "/api/x/../metrics",
    "/api/METRICS",
    "/api/metrics//",
    "/api/./metrics",
    "/api/%2Fmetrics",
    "/api/metrics%2F",
    "/api///metrics",
    "/api/x/%2e%2e/metrics",
    "/api/%6d%65%74%72%69%63%73",
    "/api\\metrics",
    "/api/metrics?x=1",
  ])("%s is not there", (path) => {
    const answer = ask(path);
    expect(answer.status).toBe(404);
    expect(answer.headers.get("x-middleware-rewrite")).toBeNull();
  });

  test("a path that cannot be decoded is not there either", () => {
    expect(ask("/api/%E0%A4%A").status).toBe(404);
  });
});

describe("what stands on every page", () => {
  test("and on what is refused here", () => {
    for (const answer of [ask("/deals"), ask("/api/metrics")]) {
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect(answer.headers.get("x-frame-options")).toBe("DENY");
      expect(answer.headers.get("referrer-policy")).toBe("strict-origin-when-cross-origin");
      expect(answer.headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(answer.headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(answer.headers.get("permissions-policy")).toContain("microphone=()");
      expect(answer.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    }
  });
});

describe("a page's policy", () => {
  test("has a nonce of its own every time", () => {
    const [one, two] = [ask("/deals"), ask("/deals")].map((answer) =>
      answer.headers.get("content-security-policy"),
    );
    expect(one).toMatch(/script-src 'self' 'nonce-[\w+/=]+' 'strict-dynamic'/);
    expect(one).not.toBe(two);
  });

  test("lets photos come without https from this machine only in a demo", () => {
    expect(contentSecurityPolicy("n", new URL("http://127.0.0.1:8000"), false)).toContain(
      "http://127.0.0.1:*",
    );
    expect(contentSecurityPolicy("n", new URL("http://api:8000"), false)).not.toContain("http:");
  });
});
