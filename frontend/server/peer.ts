// What only the socket knows, put where the rest of the web server and the API behind it look for it.
// Next fills in X-Forwarded-* only where a client has not written them itself, and so would believe anybody.
import { AsyncLocalStorage } from "node:async_hooks";
import { type IncomingMessage, Server, type ServerResponse } from "node:http";
import { BlockList, isIP, isIPv6 } from "node:net";
import { FORWARDED_FOR, type ForwardedFor } from "@/lib/api/forwarded";
import { FILE_POLICY, SECURITY_HEADERS } from "./headers";

const FORWARDED = [
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-port",
  "forwarded",
];

/** TRUSTED_PROXIES as the API reads it: addresses and networks, comma-separated. */
export function trustedProxies(text: string): BlockList {
  const list = new BlockList();
  for (const part of text.split(",").map((one) => one.trim())) {
    if (part === "") continue;
    const [address = "", bits] = part.split("/");
    if (isIP(address) === 0) throw new Error(`TRUSTED_PROXIES: ${part} is no address or network`);
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** What is passed on as X-Forwarded-For: the peer, after what it says itself when it is a proxy of ours. */
export function noteThePeer(request: IncomingMessage, trusted: BlockList): string {
  const peer = (request.socket.remoteAddress ?? "").replace(/^::ffff:(?=\d+\.)/i, "");
  const isOurs = isIP(peer) !== 0 && trusted.check(peer, isIPv6(peer) ? "ipv6" : "ipv4");
  const before = isOurs ? request.headers["x-forwarded-for"] : undefined;
  if (!isOurs) for (const name of FORWARDED) delete request.headers[name];
  const chain = [before ?? "", peer].flat().filter(Boolean).join(", ");
  if (chain) request.headers["x-forwarded-for"] = chain;
  return chain;
}

/** What stands on every reply until something sets better: also where Next itself fails, or the API is away. */
export function standingHeaders(publicOrigin: string): (readonly [string, string])[] {
  const transport = ["Strict-Transport-Security", "max-age=31536000; includeSubDomains"] as const;
  const files = ["Content-Security-Policy", FILE_POLICY] as const;
  return [...SECURITY_HEADERS, files, ...(publicOrigin.startsWith("https://") ? [transport] : [])];
}

/** Next tells the browser to which address of ours it went; that is nobody's business. */
export function hideTheApi(response: Pick<ServerResponse, "writeHead" | "removeHeader">): void {
  const writeHead = response.writeHead;
  response.writeHead = function (this: ServerResponse, ...rest: Parameters<typeof writeHead>) {
    this.removeHeader("x-middleware-rewrite");
    return writeHead.apply(this, rest);
  } as typeof writeHead;
}

/** Do so for every request of this process's servers, and see to what every reply carries. */
export function standBehindTheSocket(env: Record<string, string | undefined>): void {
  const trusted = trustedProxies(env.TRUSTED_PROXIES ?? "");
  const standing = standingHeaders(env.PUBLIC_ORIGIN ?? "");
  const current = new AsyncLocalStorage<string>();
  (globalThis as ForwardedFor)[FORWARDED_FOR] = () => current.getStore();
  const emit = Server.prototype.emit;
  Server.prototype.emit = function (this: Server, event: string | symbol, ...rest: unknown[]): boolean {
    const go = () => emit.apply(this, [event, ...rest] as Parameters<typeof emit>);
    if (event !== "request") return go();
    const [request, response] = rest as [IncomingMessage, ServerResponse];
    for (const [name, value] of standing) response.setHeader(name, value);
    if (request.url?.startsWith("/api")) hideTheApi(response);
    return current.run(noteThePeer(request, trusted), go);
  };
}
