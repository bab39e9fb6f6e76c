// What stands between the web server and the world, and between it and the API.
import { createServer } from "node:http";
import { freePort, startWeb } from "../servers.ts";
import { expect, test } from "./test.ts";

test("the API is told who asks, by the socket and not by who asks", async ({ request }) => {
  const told: (string | undefined)[] = [];
  const port = await freePort();
  const api = createServer((asked, response) => {
    told.push(asked.headers["x-forwarded-for"]?.toString());
    response.setHeader("Content-Type", "application/json").end('{"items":[],"next":null,"total":0}');
  }).listen(port, "127.0.0.1");
  const headers = { "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Host": "evil.example" };
  try {
    for (const [trusted, seen] of [
      ["", "127.0.0.1"],
      ["127.0.0.0/8", "203.0.113.7, 127.0.0.1"],
    ] as const) {
      const web = await startWeb(`http://127.0.0.1:${port}`, { TRUSTED_PROXIES: trusted });
      told.length = 0;
      await request.get(`${web.origin}/api/marketplaces`, { headers });
      await request.get(`${web.origin}/deals`, { headers }); // a page drawn here asks too
      web.stop();
      expect(told.length).toBeGreaterThan(1);
      expect(new Set(told)).toEqual(new Set([seen]));
    }
  } finally {
    api.closeAllConnections();
    api.close();
  }
});

test("every reply carries the security headers: pages, files, failures", async ({ request }) => {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const web = await startWeb(nobody, { PUBLIC_ORIGIN: "https://deals.example.com" });
  try {
    const page = await request.get(`${web.origin}/deals`);
    const script = /\/_next\/static\/[^"]+\.js/.exec(await page.text())?.[0] ?? "no script";
    for (const path of [
      "/deals",
      script,
      "/icon.svg",
      "/no/such/page",
      "/api/marketplaces",
      "/api/metrics",
    ]) {
      const answer = (await request.get(web.origin + path)).headers();
      expect(answer["x-content-type-options"], path).toBe("nosniff");
      expect(answer["x-frame-options"], path).toBe("DENY");
      expect(answer["content-security-policy"], path).toContain("frame-ancestors 'none'");
      expect(answer["referrer-policy"], path).toBeTruthy();
      expect(answer["permissions-policy"], path).toContain("geolocation=()");
      expect(answer["cross-origin-opener-policy"], path).toBe("same-origin");
      expect(answer["cross-origin-resource-policy"], path).toBe("same-origin");
      expect(answer["strict-transport-security"], path).toBe("max-age=31536000; includeSubDomains");
      expect(answer["x-middleware-rewrite"], path).toBeUndefined();
    }
  } finally {
    web.stop();
  }
});
