// The words for the codes of things for sale: their condition, and what shipping costs.
import type { CONDITIONS } from "./url-state";

export type Condition = (typeof CONDITIONS)[number];

export const CONDITION_WORDS: Record<Condition, string> = {
  new: "New",
  open_box: "Open box",
  refurbished: "Refurbished",
  like_new: "Like new",
  excellent: "Excellent",
  very_good: "Very good",
  used: "Used",
  good: "Good",
  acceptable: "Acceptable",
  for_parts: "For parts",
  unknown: "Condition not stated",
};

/** A condition in words; one that is not known by its code is shown as it came. */
export function conditionWords(condition: string): string {
  return condition in CONDITION_WORDS
    ? CONDITION_WORDS[condition as Condition]
    : condition.replaceAll("_", " ");
}

/** "free shipping", "+ $9.50 shipping", "shipping unknown", with the amount already worded. */
export function shippingWords(shippingCents: number | null, worded: (cents: number) => string): string {
  if (shippingCents === null) return "shipping unknown";
  return shippingCents === 0 ? "free shipping" : `${worded(shippingCents)} shipping`;
}
