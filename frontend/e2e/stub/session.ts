// Who is signed in at the stub.
import type { Session } from "../../lib/api/types.ts";

export function makeSession(signedIn: "admin" | "buyer" | null, secondFactorNeeded = false): Session {
  return {
    user: signedIn && {
      id: "00000000-0000-7000-8000-0000000000aa",
      email: "ada@people.example",
      display_name: "Ada",
      roles: signedIn === "admin" ? ["admin", "buyer", "seller"] : ["buyer"],
      email_verified_at: "2026-01-01T00:00:00Z",
      second_factor_since: null,
      recovery_codes_left: 0,
      created_at: "2026-01-01T00:00:00Z",
    },
    csrf_token: signedIn && "a-token-of-the-stub",
    second_factor: false,
    second_factor_needed: secondFactorNeeded,
    sign_in: {
      registration_open: true,
      why_closed: null,
      demo_accounts: [
        { email: "buyer@demo.example", display_name: "Demo buyer", password: "demo-1", roles: ["buyer"] },
        { email: "seller@demo.example", display_name: "Demo seller", password: "demo-2", roles: ["seller"] },
        { email: "admin@demo.example", display_name: "Demo admin", password: "demo-3", roles: ["admin"] },
      ],
    },
  };
}
