// One's own account at the stub: enough for the settings to be drawn, changed and refused.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ApiKey, Me, OwnSession } from "../../lib/api/types.ts";
import { makeSession } from "./session.ts";

const AT = "2026-11-01T08:00:00Z";
const LATER = "2099-01-01T00:00:00Z";

export function makeOwnSessions(): OwnSession[] {
  const both = { ip: "203.0.113.7", second_factor: false, created_at: AT, expires_at: LATER };
  return [
    {
      ...both,
      id: "00000000-0000-7000-8000-0000000000b1",
      current: true,
      user_agent:
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
      last_seen_at: new Date().toISOString(),
    },
    {
      ...both,
      id: "00000000-0000-7000-8000-0000000000b2",
      current: false,
      user_agent:
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1",
      last_seen_at: AT,
    },
  ];
}

export function makeKey(): ApiKey {
  return {
    id: "00000000-0000-7000-8000-0000000000c1",
    name: "Ledger",
    shown_as: "ds_live_0123456789abcdef_…",
    scopes: ["read", "seller"],
    created_at: AT,
    expires_at: LATER,
    last_used_at: null,
    revoked_at: null,
  };
}

const me = ({ secondFactorOn }: Switched): Me => ({
  ...(makeSession("admin").user as Me),
  ...(secondFactorOn && { second_factor_since: AT, recovery_codes_left: 10 }),
});
const listOf = <Item>(items: Item[]) => ({ items, next: null, total: items.length });

type Send = (response: ServerResponse, status: number, body: unknown) => void;
type Refuse = (response: ServerResponse, status: number, code: string, detail: string) => void;
type Switched = { secondFactorOn: boolean };
type Asked = { path: string; method: string; body: string };

/** Answer what begins with /account or /auth; false when it is neither. */
export function answerAccount(
  { path, method, body }: Asked,
  scenario: Switched,
  request: IncomingMessage,
  response: ServerResponse,
  send: Send,
  problem: Refuse,
): boolean {
  const given = body ? (JSON.parse(body) as Record<string, string>) : {};
  if (path === "/auth/register") {
    if (given.password === "password") {
      send(response, 422, {
        type: "about:blank",
        title: "Invalid input",
        status: 422,
        code: "invalid_input",
        detail: "This password is among the first that are guessed. Choose another.",
        request_id: "stub",
        errors: [
          {
            loc: ["body", "password"],
            msg: "This password is among the first that are guessed. Choose another.",
            type: "weak_password",
          },
        ],
      });
    } else
      send(response, 202, {
        detail: "If this address can have an account here, a mail is on its way to it.",
      });
    return true;
  }
  if (path === "/auth/reset-request") {
    send(response, 202, { detail: "If this address can have an account here, a mail is on its way to it." });
    return true;
  }
  if (path === "/auth/verify" || path === "/auth/reset") {
    if (given.token === "used-up-token-of-a-mail")
      problem(response, 422, "link_not_valid", "This link has been used.");
    else empty(response);
    return true;
  }
  if (path === "/auth/login") {
    if (given.password === "right") send(response, 200, makeSession("admin"));
    else problem(response, 401, "wrong_credentials", "No account has this address and this password.");
    return true;
  }
  if (!path.startsWith("/account")) return false;
  if (method !== "GET" && request.headers["x-csrf-token"] !== "a-token-of-the-stub") {
    problem(response, 403, "foreign_page", "The page's token is missing or old.");
  } else if (given.current_password === "wrong") {
    problem(response, 401, "wrong_credentials", "This is not the account's password.");
  } else if (path === "/account/second-factor") {
    const secret = "JBSWY3DPEHPK3PXP";
    send(response, 200, {
      secret,
      address: `otpauth://totp/Deal%20Scout:ada?secret=${secret}&issuer=Deal%20Scout`,
    });
  } else if (path === "/account/second-factor/remove") {
    scenario.secondFactorOn = false;
    empty(response);
  } else if (path === "/account/second-factor/confirm") {
    scenario.secondFactorOn = true;
    send(response, 200, { recovery_codes: Array.from({ length: 10 }, (_, i) => `0123456789-abcde${i}`) });
  } else if (path === "/account/sessions" && method === "GET") {
    send(response, 200, listOf(makeOwnSessions()));
  } else if (path === "/account/keys") {
    if (method === "GET") send(response, 200, listOf([makeKey()]));
    else send(response, 201, { key: makeKey(), text: "ds_live_0123456789abcdef_a-secret-of-the-stub" });
  } else if (path === "/account") {
    send(response, 200, { ...me(scenario), ...(given.display_name && { display_name: given.display_name }) });
  } else empty(response);
  return true;
}

function empty(response: ServerResponse): void {
  response.writeHead(204);
  response.end();
}
