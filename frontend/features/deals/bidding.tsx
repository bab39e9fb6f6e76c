"use client";
// An auction in words: how it stands, and where bidding stops being worth it.
import { useNow } from "@/components/now";
import { formatLeft, formatMoney } from "@/lib/format";
import type { Deal } from "./queries";

/** "6 days left, 2 bids", as of now. */
export function StateOfBidding({ deal }: { deal: Pick<Deal, "ends_at" | "bid_count"> }) {
  const now = useNow();
  const left = deal.ends_at === null ? [] : [formatLeft(deal.ends_at, now)];
  return [...left, ...bidsWords(deal.bid_count)].join(", ");
}

function bidsWords(bids: number | null): string[] {
  if (bids === null) return [];
  return [bids === 0 ? "no bids" : bids === 1 ? "1 bid" : `${bids} bids`];
}

export type BidLimit = {
  /** What is said of the amount: to stop there, or that it is passed. */
  label: string;
  amount: string;
  /** Where the amount is without shipping: what it is with it. */
  inAll: string | null;
  total: string;
  isPassed: boolean;
};

/** The highest bid that keeps a deal's discount, all in; null where nobody can say. */
export function bidLimit(
  deal: Pick<
    Deal,
    "bid_limit_cents" | "bid_limit_total_cents" | "price_cents" | "shipping_cents" | "currency"
  >,
): BidLimit | null {
  const { bid_limit_cents: limit, bid_limit_total_cents: total, currency } = deal;
  if (limit === null || total === null) return null;
  const isPassed = limit < deal.price_cents;
  return {
    label: isPassed ? "Was worth bidding up to" : "Worth bidding up to",
    amount: formatMoney(limit, currency),
    inAll: deal.shipping_cents ? `${formatMoney(total, currency)} with shipping` : null,
    total: formatMoney(total, currency),
    isPassed,
  };
}
