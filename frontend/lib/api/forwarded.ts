// Pages drawn on the server ask the API for somebody: it must know for whom, or all of them share one limit.

export const FORWARDED_FOR = Symbol.for("deal-scout.forwarded-for");

export type ForwardedFor = { [FORWARDED_FOR]?: () => string | undefined };

/** The header that says so; nothing in the browser, which speaks for itself. */
export function forwardedFor(): Record<string, string> {
  const chain = (globalThis as ForwardedFor)[FORWARDED_FOR]?.();
  return chain ? { "X-Forwarded-For": chain } : {};
}
