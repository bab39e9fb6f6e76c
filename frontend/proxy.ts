// The door of the web server: forwards /api/* to the API and gives every page its own script nonce.
import { type NextRequest, NextResponse } from "next/server";
import { SECURITY_HEADERS } from "./server/headers";

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Read on every request, so that one build serves any API. */
function apiOrigin(): URL {
  return new URL(process.env.API_ORIGIN ?? "http://127.0.0.1:8000");
}

/** The path behind /api, decoded and without doubled slashes; null when it cannot be decoded. */
export function upstreamPath(pathname: string): string | null {
  try {
    return decodeURIComponent(pathname.slice("/api".length)).replace(/\/{2,}/g, "/") || "/";
  } catch {
    return null;
  }
}

/** Operational numbers stay inside the house; the browser's door does not lead to them. */
export function isForwardable(path: string | null): boolean {
  return path !== null && !/^\/metrics(\/|$)/i.test(path);
}

export function contentSecurityPolicy(nonce: string, api: URL, development: boolean): string {
  // In a demo the marketplace is a program on this machine; its photos have no https.
  const demoImages = LOOPBACK.has(api.hostname) ? " http://127.0.0.1:* http://localhost:*" : "";
  const evalInDevelopment = development ? " 'unsafe-eval'" : "";
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${evalInDevelopment}`,
    "style-src 'self' 'unsafe-inline'", // Mantine positions with style attributes
    `img-src 'self' data: blob: https:${demoImages}`,
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function forward(request: NextRequest): NextResponse {
  const path = upstreamPath(request.nextUrl.pathname);
  if (!isForwardable(path)) {
    return NextResponse.json(
      { type: "about:blank", title: "Not found", status: 404, code: "not_found", detail: "No such address." },
      {
        status: 404,
        headers: {
          "Content-Type": "application/problem+json",
          "Cache-Control": "no-store",
          "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
          ...Object.fromEntries(SECURITY_HEADERS),
        },
      },
    );
  }
  const target = apiOrigin();
  target.pathname = request.nextUrl.pathname.slice("/api".length) || "/";
  target.search = request.nextUrl.search;
  return NextResponse.rewrite(target);
}

export function proxy(request: NextRequest): NextResponse {
  const { pathname } = request.nextUrl;
  if (pathname === "/api" || pathname.startsWith("/api/")) return forward(request);

  const nonce = btoa(crypto.randomUUID());
  const policy = contentSecurityPolicy(nonce, apiOrigin(), process.env.NODE_ENV === "development");
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  headers.set("Content-Security-Policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("Content-Security-Policy", policy);
  for (const [name, value] of SECURITY_HEADERS) response.headers.set(name, value);
  return response;
}

export const config = {
  matcher: ["/((?!_next/static|_next/image|icon.svg).*)"],
};
