// A stand-in for the API, for the states that a healthy API does not show: slow, empty, failing, behind.
// `POST /stub/scenario` sets the state; everything else answers as the contract says.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Deal, Marketplace } from "../../lib/api/types.ts";
import { answerAccount } from "./account.ts";
import { makeAdministration } from "./admin.ts";
import { drawImage, makeCategories, makeDeals, makeEvidence, makeMarketplaces } from "./fixtures.ts";
import { type Asked, makeSuggestion } from "./pricing.ts";
import { makeSession } from "./session.ts";
import { makeSetup, unvalued } from "./setup.ts";

export type Scenario = {
  /** Wait before every answer under /buyer, and before every price. */
  delayMs: number;
  /** Answer /buyer/deals and the asking for a price with this problem instead. */
  fail: number | null;
  /** Fail only from the second page on. */
  failMore: boolean;
  empty: boolean;
  marketplace: "healthy" | "degraded" | "starting" | "two";
  /** Whether the marketplace's prices may feed values. */
  permitted: boolean;
  /** Who asks: an administrator who sells too, somebody who only buys, or nobody. */
  signedIn: "admin" | "buyer" | null;
  /** Whether administering takes a second factor, which nobody here has. */
  secondFactorNeeded: boolean;
  /** Whether the account has a second factor; the settings switch it. */
  secondFactorOn: boolean;
  /** Refuse changes under /admin and /scan with this problem. */
  failChanges: number | null;
};

const USUAL: Scenario = {
  delayMs: 0,
  fail: null,
  failMore: false,
  empty: false,
  marketplace: "healthy",
  permitted: true,
  signedIn: "admin",
  secondFactorNeeded: false,
  secondFactorOn: false,
  failChanges: null,
};
const LIMIT = 24;

type Options = { port: number; name?: string };

export function startStub({ port, name = "" }: Options): Promise<Server> {
  const now = Date.now();
  const origin = `http://127.0.0.1:${port}`;
  const deals = makeDeals(origin, now, 60, name);
  let scenario: Scenario = { ...USUAL };
  let administration = makeAdministration(now, false);

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", origin);
    if (url.pathname === "/stub/scenario" && request.method === "POST") {
      scenario = { ...USUAL, ...(JSON.parse(await bodyOf(request)) as Partial<Scenario>) };
      administration = makeAdministration(Date.now(), scenario.marketplace === "degraded");
      return send(response, 200, scenario);
    }
    const image = /^\/images\/(\d+)\.svg$/.exec(url.pathname);
    if (image) {
      response.writeHead(200, { "Content-Type": "image/svg+xml", "Cache-Control": "max-age=3600" });
      return response.end(drawImage(Number(image[1])));
    }
    if (url.pathname === "/marketplaces")
      return send(response, 200, listOf(marketplacesIn(scenario, Date.now())));
    if (url.pathname === "/categories") return send(response, 200, listOf(makeCategories(deals)));
    if (url.pathname === "/auth/session")
      return send(response, 200, makeSession(scenario.signedIn, scenario.secondFactorNeeded));
    if (/^\/(auth|account)(\/|$)/.test(url.pathname)) {
      const asked = { path: url.pathname, method: request.method ?? "GET", body: await bodyOf(request) };
      if (answerAccount(asked, scenario, request, response, send, problem)) return;
    }
    if (url.pathname === "/setup") {
      if (scenario.fail)
        return problem(response, scenario.fail, "unavailable", "The database did not answer for 5 s.");
      return send(response, 200, makeSetup(Date.now(), scenario.permitted));
    }
    if (/^\/(admin|scan|tasks|jobs)\//.test(url.pathname)) {
      await new Promise((resolve) => setTimeout(resolve, scenario.delayMs));
      return administer(request, response, url, scenario, administration);
    }
    if (url.pathname === "/metrics") return send(response, 200, { secret: "numbers" });
    if (url.pathname.startsWith("/buyer/deals")) {
      await new Promise((resolve) => setTimeout(resolve, scenario.delayMs));
      return answerDeals(url, response, deals, scenario, now);
    }
    if (url.pathname === "/seller/pricing/suggest" && request.method === "POST") {
      const asked = JSON.parse(await bodyOf(request)) as Asked;
      await new Promise((resolve) => setTimeout(resolve, scenario.delayMs));
      if (scenario.fail)
        return problem(response, scenario.fail, "unavailable", "The database did not answer for 5 s.");
      return send(response, 200, makeSuggestion(asked, now));
    }
    return problem(response, 404, "not_found", "There is no such address.");
  });
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
}

type Administration = ReturnType<typeof makeAdministration>;

async function administer(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  scenario: Scenario,
  answer: Administration,
): Promise<void> {
  const method = request.method ?? "GET";
  const refusal = scenario.fail ?? (method === "GET" ? null : scenario.failChanges);
  if (scenario.secondFactorNeeded)
    return problem(response, 403, "second_factor_needed", "Administering takes a second factor here.");
  if (refusal || (scenario.failMore && url.searchParams.has("cursor")))
    return problem(response, refusal ?? 503, "unavailable", "The database did not answer for 5 s.");
  const given = answer({ method, url, body: await bodyOf(request) });
  if (given === null) return problem(response, 404, "not_found", "There is no such address.");
  const { status, body } = given;
  if (scenario.empty && method === "GET")
    return send(response, status, { ...(body as object), items: [], next: null, total: 0 });
  if (status === 204) return void response.writeHead(204).end();
  return send(response, status, body);
}

function answerDeals(
  url: URL,
  response: ServerResponse,
  deals: Deal[],
  scenario: Scenario,
  now: number,
): void {
  const id = decodeURIComponent(url.pathname.slice("/buyer/deals/".length));
  const cursor = url.searchParams.get("cursor");
  const deal = deals.find((each) => each.id === id);
  if (scenario.fail || (scenario.failMore && cursor)) {
    problem(response, scenario.fail ?? 503, "unavailable", "The database did not answer for 5 s.");
  } else if (!id) {
    const known = scenario.permitted ? deals : deals.map(unvalued);
    const found = scenario.empty ? [] : select(known, url.searchParams);
    const start = cursor ? Number(atob(cursor)) : 0;
    const end = start + Number(url.searchParams.get("limit") ?? LIMIT);
    const next = end < found.length ? btoa(String(end)) : null;
    send(response, 200, { items: found.slice(start, end), next, total: found.length });
  } else if (deal) {
    send(response, 200, makeEvidence(scenario.permitted ? deal : unvalued(deal), now));
  } else {
    problem(response, 404, "deal_not_found", "This deal is not there any more.");
  }
}

function select(deals: Deal[], query: URLSearchParams): Deal[] {
  const text = (query.get("q") ?? "").toLowerCase();
  const least = (name: string, value: number | null) =>
    !query.has(name) || (value !== null && value >= Number(query.get(name)));
  const found = deals.filter(
    (deal) =>
      deal.title.toLowerCase().includes(text) &&
      (!query.has("marketplace") || deal.marketplace === query.get("marketplace")) &&
      (!query.has("category") || deal.category === query.get("category")) &&
      (!query.has("condition") || deal.condition === query.get("condition")) &&
      (!query.has("free_shipping") || deal.shipping_cents === 0) &&
      (!query.has("max_price_cents") || deal.price_cents <= Number(query.get("max_price_cents"))) &&
      (!query.has("listed_since") || deal.listed_at >= (query.get("listed_since") ?? "")) &&
      least("min_price_cents", deal.price_cents) &&
      least("min_discount", deal.discount) &&
      least("min_score", deal.score) &&
      least("min_confidence", deal.confidence) &&
      least("min_profit_cents", deal.profit_cents) &&
      least("min_roi", deal.roi),
  );
  const orders: Record<string, (deal: Deal) => number> = {
    score: (deal) => -(deal.score ?? -1),
    newest: (deal) => -Date.parse(deal.listed_at),
    discount: (deal) => -(deal.discount ?? -9),
    price: (deal) => deal.price_cents,
    profit: (deal) => -(deal.profit_cents ?? -1e12),
    roi: (deal) => -(deal.roi ?? -99),
  };
  const order = orders[query.get("sort") ?? "score"] ?? (() => 0);
  return found.sort((one, other) => order(one) - order(other));
}

function marketplacesIn(scenario: Scenario, now: number): Marketplace[] {
  const [usual] = makeMarketplaces(now, scenario.empty ? 0 : 20_114) as [Marketplace];
  const ebay: Marketplace = { ...usual, pricing_permitted: scenario.permitted };
  if (scenario.marketplace === "degraded") {
    return [
      {
        ...ebay,
        state: "degraded",
        reason: "Half of its answers could not be read.",
        last_scan_at: new Date(now - 25 * 60_000).toISOString(),
      },
    ];
  }
  if (scenario.marketplace === "starting")
    return [{ ...ebay, state: "starting", last_scan_at: null, live_listings: 0 }];
  if (scenario.marketplace === "two") {
    return [ebay, { ...ebay, id: "second", name: "Second market", live_listings: 40, simulated: false }];
  }
  return [ebay];
}

const listOf = <Item>(items: Item[]) => ({ items, next: null, total: items.length });

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json", "X-Request-Id": "stub-request" });
  response.end(JSON.stringify(body));
}

function problem(response: ServerResponse, status: number, code: string, detail: string): void {
  response.writeHead(status, { "Content-Type": "application/problem+json", "X-Request-Id": "stub-request" });
  response.end(
    JSON.stringify({ type: "about:blank", title: detail, status, code, detail, request_id: "stub-request" }),
  );
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

if (import.meta.main) {
  const port = Number(process.env.STUB_PORT ?? 8010);
  await startStub({ port, name: process.env.STUB_NAME ?? "" });
  console.log(`stub on http://127.0.0.1:${port}`);
}
