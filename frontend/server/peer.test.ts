// @vitest-environment node
import type { IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import { noteThePeer, trustedProxies } from "./peer";

const request = (remoteAddress: string, headers: Record<string, string> = {}) =>
  ({ socket: { remoteAddress }, headers: { host: "deals.example.com", ...headers } }) as IncomingMessage & {
    socket: { remoteAddress: string };
  };

const OURS = trustedProxies("10.0.0.0/8, 2001:db8::/32, 192.0.2.1");

describe("what is passed on as the client's address", () => {
  test("is the peer, whatever it writes itself", () => {
    const asked = request("203.0.113.7", {
      "x-forwarded-for": "1.2.3.4",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "https",
      "x-forwarded-port": "1",
      forwarded: "for=1.2.3.4",
    });
    expect(noteThePeer(asked, OURS)).toBe("203.0.113.7");
    expect(asked.headers).toEqual({ host: "deals.example.com", "x-forwarded-for": "203.0.113.7" });
  });

  test.each(["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::9", "192.0.2.1"])(
    "is what %s says, and then that",
    (peer) => {
      const asked = request(peer, {
        "x-forwarded-for": "203.0.113.7",
        "x-forwarded-host": "deals.example.com",
      });
      expect(noteThePeer(asked, OURS)).toBe(`203.0.113.7, ${peer.replace("::ffff:", "")}`);
      expect(asked.headers["x-forwarded-host"]).toBe("deals.example.com");
    },
  );

  test("is believed of nobody when no proxy is named", () => {
    const asked = request("127.0.0.1", { "x-forwarded-for": "1.2.3.4" });
    expect(noteThePeer(asked, trustedProxies(""))).toBe("127.0.0.1");
  });

  test("a list that cannot be read keeps the server from starting", () => {
    expect(() => trustedProxies("10.0.0.0/8, everybody")).toThrow("everybody");
  });
});
