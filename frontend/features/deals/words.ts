// The words for codes: why a listing has no score, what speaks against it; conditions and shipping as everywhere.
import type { Deal, NoScoreReason, RiskCode } from "./queries";

export { CONDITION_WORDS, shippingWords } from "@/lib/words";

export const NO_SCORE_WORDS: Record<NoScoreReason, string> = {
  no_estimate: "No estimate: too little comparable evidence",
  not_permitted: "No estimate: the marketplace’s prices may not be used for one here",
  lot: "Not scored: looks like a lot of several items",
  accessory: "Not scored: looks like an accessory, not the item",
  for_parts: "Not scored: sold for parts or repair",
  far_below_interval: "Not scored: so far below its range that something may be wrong",
  too_risky: "Not scored: several signs speak against it",
  low_confidence: "Not scored: the evidence is too thin",
  shipping_unknown: "Not scored: the shipping cost is unknown",
  running_auction: "Not scored: bids can still rise",
};

/** The gravest rule that fired, as the card says it; the evidence page quotes what made it fire. */
export const RISK_WORDS: Record<RiskCode, string> = {
  far_below_interval: "far cheaper than things like it",
  unproven_seller: "seller without a past",
  new_seller_high_value: "new seller, high value",
  off_platform_payment: "asks for payment outside",
  outside_contact: "asks for contact outside",
  photo_reused: "photo used by another seller",
  text_copied: "same words from another place",
  fake_discount: "raised, then cut: no discount",
};

// Above the bar under which there is no score at all, and still not much to go by.
const LOW_CONFIDENCE = 0.5;

export function isThin(deal: Pick<Deal, "confidence" | "score">): boolean {
  return deal.score !== null && deal.confidence !== null && deal.confidence < LOW_CONFIDENCE;
}

/** "6 comparables, 41 days old": they may be sales or asking prices. */
export function evidenceWords(count: number, ageDays: number | null): string {
  const comparables = `${count} ${count === 1 ? "comparable" : "comparables"}`;
  return ageDays === null ? comparables : `${comparables}, ${ageDays} ${ageDays === 1 ? "day" : "days"} old`;
}

const KIND_WORDS: Record<string, string> = {
  sold: "sold",
  own_sale: "own sales",
  imported: "imported",
  asking: "asking prices",
};

/** "1,000 imported, 160 sold": what is known for a category, of which one kind is used. */
export function kindsWords(kinds: Record<string, number>, worded: (count: number) => string): string {
  const parts = Object.entries(kinds).map(([kind, count]) => `${worded(count)} ${KIND_WORDS[kind] ?? kind}`);
  return parts.join(", ") || "none";
}
