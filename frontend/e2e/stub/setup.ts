// What the API says about the set-up, and how deals look where a marketplace's prices may not be used.
import type { Deal, Setup } from "../../lib/api/types.ts";

export function makeSetup(now: number, permitted: boolean): Setup {
  return {
    simulated: false,
    pricing: {
      setting: "EBAY_CONTENT_PRICING_PERMITTED",
      permitted,
      now: permitted
        ? "On: eBay content feeds values and scores. This is allowed only with eBay's written permission."
        : "Off: nothing read from eBay feeds a value or a score.",
      meanings: [
        "Off: listings of eBay are shown with their facts. Values and scores come from your own sales and from what you import; where there is neither, the pages say so.",
        "On: past sales and listings of eBay feed values and scores as well. Only with eBay's written permission.",
      ],
      how_to_change:
        "Set EBAY_CONTENT_PRICING_PERMITTED to true or false where the product's settings are kept (.env) and restart it.",
      source: {
        title: "eBay API License Agreement",
        url: "https://developer.ebay.com/join/api-license-agreement",
        read_on: "2026-11-23",
        how_read: "Read in three independent readers' quotations: read it yourself before you decide.",
        rules: ["eBay content may not be used to suggest or model prices of items listed on eBay."],
      },
    },
    insights: {
      setting: "EBAY_MARKETPLACE_INSIGHTS_ENABLED",
      state: permitted ? "not_granted" : "off",
      now: permitted
        ? "Not granted: eBay refuses past sales to this keyset. Nothing else stands in for them, asking prices neither."
        : "Off: eBay is not asked for past sales (EBAY_MARKETPLACE_INSIGHTS_ENABLED is false).",
      reason: permitted ? "1100: Access denied (this keyset has not been granted the call)" : null,
      since: permitted ? new Date(now - 3_600_000).toISOString() : null,
    },
    comparables: [
      { kind: "imported", comps: 1_000, newest_at: new Date(now - 86_400_000).toISOString() },
      { kind: "asking", comps: 212, newest_at: new Date(now - 7_200_000).toISOString() },
    ],
    how_to_import:
      "Send a CSV file with the columns title and price to POST /comps/import with the admin key.",
  };
}

/** A deal as it is where nothing may be estimated. */
export function unvalued(deal: Deal): Deal {
  return {
    ...deal,
    fair_value_cents: null,
    interval_low_cents: null,
    interval_high_cents: null,
    discount: null,
    score: null,
    no_score_reason: "not_permitted",
    confidence: null,
    evidence_count: 0,
    evidence_age_days: null,
    distribution: null,
    formula_version: null,
  };
}
