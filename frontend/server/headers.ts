// What every page and file says to browsers; the policy for contents is a page's own (proxy.ts).
// Strict-Transport-Security is added where our address is known, when the server runs (peer.ts).

export const SECURITY_HEADERS: readonly (readonly [string, string])[] = [
  ["X-Content-Type-Options", "nosniff"],
  ["X-Frame-Options", "DENY"],
  ["Referrer-Policy", "strict-origin-when-cross-origin"],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["Permissions-Policy", "geolocation=(), microphone=(), payment=(), usb=()"],
];

/** Files load nothing. An image opened by itself may still be styled by what stands in it. */
export const FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/** Paths that the proxy does not see. */
export const FILES = ["/_next/static/:path*", "/_next/image", "/icon.svg"];
