// The words for codes: conditions, and why a listing has no score.
import type { Deal, NoScoreReason } from "./queries";

export const CONDITION_WORDS: Record<Deal["condition"], string> = {
  new: "New",
  open_box: "Open box",
  refurbished: "Refurbished",
  like_new: "Like new",
  used: "Used",
  good: "Good",
  acceptable: "Acceptable",
  for_parts: "For parts",
  unknown: "Condition not stated",
};

/** A condition in words; one that is not known by its code is shown as it came. */
export function conditionWords(condition: string): string {
  return condition in CONDITION_WORDS
    ? CONDITION_WORDS[condition as Deal["condition"]]
    : condition.replaceAll("_", " ");
}

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

/** "free shipping", "+ $9.50 shipping", "shipping unknown", with the amount already worded. */
export function shippingWords(shippingCents: number | null, worded: (cents: number) => string): string {
  if (shippingCents === null) return "shipping unknown";
  return shippingCents === 0 ? "free shipping" : `${worded(shippingCents)} shipping`;
}
