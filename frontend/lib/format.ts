// Words for numbers: money, shares, ages. Pure, and the same on the server and in the browser.
// Money is only formatted here, never added up.

const LOCALE = "en-US";

/** "$89.99"; "$1,250" when there are no cents and `whole` is asked for. */
export function formatMoney(cents: number, currency: string, { whole = false } = {}): string {
  const digits = whole || (cents % 100 === 0 && Math.abs(cents) >= 100_000) ? 0 : 2;
  return new Intl.NumberFormat(LOCALE, {
    style: "currency",
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(cents / 100);
}

/** "+$31.00", "−$19.86": what comes in or goes out. */
export function formatSignedMoney(
  cents: number,
  currency: string,
  options: { whole?: boolean } = {},
): string {
  const sign = cents < 0 ? "−" : cents > 0 ? "+" : "±";
  return `${sign}${formatMoney(Math.abs(cents), currency, options)}`;
}

/** "$128–165": a range says its currency once. */
export function formatMoneyRange(lowCents: number, highCents: number, currency: string): string {
  const low = formatMoney(lowCents, currency, { whole: true });
  const high = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 }).format(highCents / 100);
  return `${low}–${high}`;
}

/** "32 % under", "8 % over", "at its value". */
export function formatDiscount(discount: number): string {
  const percent = Math.round(Math.abs(discount) * 100);
  if (percent === 0) return "at its value";
  return `${percent} % ${discount > 0 ? "under" : "over"}`;
}

/** "−32 %" when cheaper than its value, "+8 %" when dearer. */
export function formatDiscountShort(discount: number): string {
  const percent = Math.round(Math.abs(discount) * 100);
  if (percent === 0) return "±0 %";
  return `${discount > 0 ? "−" : "+"}${percent} %`;
}

export function formatPercent(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}

/** "5.7 %": a share of a whole, where whole per cent would be too rough. */
export function formatShare(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}

export function formatCount(count: number): string {
  return new Intl.NumberFormat(LOCALE).format(count);
}

/** Totals are counted up to a cap; past it the list says "1,000+". */
export const TOTAL_CAP = 1000;

export function formatTotal(total: number): string {
  return total > TOTAL_CAP ? `${formatCount(TOTAL_CAP)}+` : formatCount(total);
}

export function formatPoints(points: number): string {
  return new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 }).format(points);
}

/** A sentence whose per cent signs stay with their numbers when the line breaks. */
export function keepPercents(sentence: string): string {
  return sentence.replace(/(\d) %/g, "$1\u00a0%");
}

const AGE_STEPS: readonly [limitSeconds: number, divisor: number, unit: string][] = [
  [3600, 60, "min"],
  [48 * 3600, 3600, "h"],
  [60 * 86_400, 86_400, "days"],
  [730 * 86_400, 30.44 * 86_400, "months"],
  [Number.POSITIVE_INFINITY, 365.25 * 86_400, "years"],
];

function inUnits(seconds: number): string {
  const [, divisor, unit] = AGE_STEPS.find(([limit]) => seconds < limit) ?? [0, 1, "s"];
  const count = Math.max(1, Math.floor(seconds / divisor));
  return `${count} ${count === 1 ? unit.replace(/s$/, "") : unit}`;
}

/** "just now", "12 min ago", "in 3 h". */
export function formatAge(at: string | Date, now: number): string {
  const seconds = (now - new Date(at).getTime()) / 1000;
  if (Math.abs(seconds) < 60) return seconds < 0 ? "in under a minute" : "just now";
  return seconds > 0 ? `${inUnits(seconds)} ago` : `in ${inUnits(-seconds)}`;
}

/** "6 days left", "under a minute left": until something ends. */
export function formatLeft(until: string | Date, now: number): string {
  const seconds = (new Date(until).getTime() - now) / 1000;
  return seconds < 60 ? "under a minute left" : `${inUnits(seconds)} left`;
}

/** "3 Nov 2026". */
export function formatDate(at: string | Date, timeZone = "UTC"): string {
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone,
  }).format(new Date(at));
}

/** "3 Nov 2026, 14:05 UTC"; the reader's own zone when none is given. */
export function formatDateTime(at: string | Date, timeZone?: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
    timeZone,
  }).format(new Date(at));
}
