// A comparable as the plot and the table need it, and its words.
import { formatDate, formatMoney } from "@/lib/format";

export type Comp = {
  id: string;
  /** "asking" is a price that is only asked; all others are sales. */
  kind: string;
  title: string;
  price_cents: number;
  /** Null where nobody said what shipping cost. */
  shipping_cents: number | null;
  total_cents: number;
  currency: string;
  condition: string;
  /** Null where the day is not known. */
  sold_at: string | null;
  /** 0 to 1. */
  similarity: number;
  weight: number;
  accepted: boolean;
  /** Why it was left out. */
  reason_text: string | null;
};

/** What 8 in 10 such things sell for, and the likely value in it; null without an estimate. */
export type Interval = { low_cents: number | null; point_cents: number | null; high_cents: number | null };

/** A price that is set against the sales: "this listing", "suggested". */
export type PriceMark = { cents: number; name: string; legend: string };

export function compWords(comp: Comp): string {
  const when = comp.sold_at ? `on ${formatDate(comp.sold_at)}` : "on an unknown day";
  const sold = `${formatMoney(comp.total_cents, comp.currency)} ${when}`;
  return comp.accepted ? `${sold}, used` : `${sold}, left out: ${comp.reason_text ?? "no reason given"}`;
}
