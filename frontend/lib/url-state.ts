// The address bar is the state of the list: these parsers are the only reading and writing of it.
// Names equal the API's, except `listed`, a span ("24h") that becomes a moment when asked for.
import {
  createLoader,
  createSerializer,
  parseAsBoolean,
  parseAsFloat,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
} from "nuqs/server";

export const CONDITIONS = [
  "new",
  "open_box",
  "refurbished",
  "like_new",
  "excellent",
  "very_good",
  "used",
  "good",
  "acceptable",
  "for_parts",
  "unknown",
] as const;
export const SORTS = ["score", "newest", "discount", "price", "profit", "roi"] as const;
export const SPANS = ["1h", "24h", "3d", "7d"] as const;

export const dealParsers = {
  q: parseAsString,
  category: parseAsString,
  marketplace: parseAsString,
  condition: parseAsStringLiteral(CONDITIONS),
  min_price_cents: parseAsInteger,
  max_price_cents: parseAsInteger,
  min_discount: parseAsFloat,
  min_score: parseAsInteger,
  min_confidence: parseAsFloat,
  min_profit_cents: parseAsInteger,
  min_roi: parseAsFloat,
  free_shipping: parseAsBoolean,
  listed: parseAsStringLiteral(SPANS),
  sort: parseAsStringLiteral(SORTS).withDefault("score"),
};

export type DealFilters = {
  q: string | null;
  category: string | null;
  marketplace: string | null;
  condition: (typeof CONDITIONS)[number] | null;
  min_price_cents: number | null;
  max_price_cents: number | null;
  min_discount: number | null;
  min_score: number | null;
  min_confidence: number | null;
  min_profit_cents: number | null;
  min_roi: number | null;
  free_shipping: boolean | null;
  listed: (typeof SPANS)[number] | null;
  sort: (typeof SORTS)[number];
};

export const NO_FILTERS: DealFilters = {
  q: null,
  category: null,
  marketplace: null,
  condition: null,
  min_price_cents: null,
  max_price_cents: null,
  min_discount: null,
  min_score: null,
  min_confidence: null,
  min_profit_cents: null,
  min_roi: null,
  free_shipping: null,
  listed: null,
  sort: "score",
};

const within = (value: number | null, low: number, high: number) =>
  value === null || Number.isNaN(value) ? null : Math.min(high, Math.max(low, value));

/** The filters as the API will accept them: a hand-typed address never becomes an error page. */
export function tidyFilters(filters: DealFilters): DealFilters {
  const MAX_CENTS = 100_000_000;
  return {
    ...filters,
    q: filters.q?.trim().slice(0, 200) || null,
    category: filters.category?.slice(0, 40) || null,
    marketplace: filters.marketplace?.slice(0, 40) || null,
    min_price_cents: within(filters.min_price_cents, 0, MAX_CENTS),
    max_price_cents: within(filters.max_price_cents, 0, MAX_CENTS),
    min_discount: within(filters.min_discount, 0, 1),
    min_score: within(filters.min_score, 0, 100),
    min_confidence: within(filters.min_confidence, 0, 1),
    min_profit_cents: within(filters.min_profit_cents, -MAX_CENTS, MAX_CENTS),
    min_roi: within(filters.min_roi, -10, 1000),
    free_shipping: filters.free_shipping || null,
  };
}

export const loadDealFilters = createLoader(dealParsers);

const serialize = createSerializer(dealParsers);

/** The list's address with these filters: "/deals?min_score=80". */
export function dealsAddress(filters: Partial<DealFilters>): string {
  return serialize("/deals", filters);
}

const SPAN_SECONDS: Record<(typeof SPANS)[number], number> = {
  "1h": 3600,
  "24h": 86_400,
  "3d": 3 * 86_400,
  "7d": 7 * 86_400,
};

export function listedSince(span: DealFilters["listed"], now: number): string | null {
  return span ? new Date(now - SPAN_SECONDS[span] * 1000).toISOString() : null;
}

/** How many filters narrow the list; the order of it does not count. */
export function countFilters(filters: DealFilters): number {
  const { sort: _sort, min_price_cents, max_price_cents, ...rest } = filters;
  const price = min_price_cents !== null || max_price_cents !== null ? 1 : 0;
  return price + Object.values(rest).filter((value) => value !== null && value !== false).length;
}
