// What selling a deal again would leave, as the API tells it: lines that add up to the profit.
import type { Deal, Flip } from "../../lib/api/types.ts";

const WITHOUT = {
  profit_cents: null,
  roi: null,
  lines: [],
  schedule: null,
  not_counted: [],
} satisfies Partial<Flip>;

const money = (cents: number) => `$${(cents / 100).toFixed(2)}`;

type Offer = Pick<Deal, "fair_value_cents" | "total_cost_cents" | "buying_option" | "no_score_reason">;

export function makeFlip(offer: Offer): Flip {
  const { fair_value_cents: resale, total_cost_cents: cost, buying_option } = offer;
  if (resale === null) {
    return {
      ...WITHOUT,
      reason: "no_estimate",
      explanation: "There is no estimate of what this would sell for.",
    };
  }
  if (offer.no_score_reason === "running_auction") {
    return {
      ...WITHOUT,
      reason: "running_auction",
      explanation: "Bids can still rise, so what it would cost is not known yet.",
    };
  }
  if (cost === null) {
    return {
      ...WITHOUT,
      reason: "shipping_unknown",
      explanation: "The seller does not say what shipping costs, so the total cost is unknown.",
    };
  }
  const fee = Math.round(resale * 0.136);
  const shipping = Math.round((resale * 0.05) / 1.05);
  const kept = resale - fee - 40 - shipping;
  const profit = kept - cost;
  const roi = Math.round((profit / cost) * 10_000) / 10_000;
  return {
    profit_cents: profit,
    roi,
    reason: null,
    explanation: `After fees and shipping ${money(kept)} would be left of the resale: ${money(Math.abs(profit))} ${profit < 0 ? "loss" : "profit"}, ${Math.round(Math.abs(roi) * 100)} % of what it costs.`,
    lines: [
      {
        name: "resale",
        label: "Sells again for",
        detail: "its fair value, shipping included",
        cents: resale,
      },
      { name: "fee", label: "Final value fee", detail: `13.6 % of ${money(resale)}`, cents: -fee },
      { name: "order_fee", label: "Per-order fee", detail: "fixed", cents: -40 },
      {
        name: "shipping",
        label: "Shipping to the buyer",
        detail: "what shipping usually is in this category",
        cents: -shipping,
      },
      {
        name: "cost",
        label: "Costs now",
        detail: `${buying_option === "auction" ? "current bid" : "price"} with shipping`,
        cents: -cost,
      },
    ],
    schedule: {
      name: "eBay.com, sellers without a Store",
      version: "2025-02-14",
      rates: "Most categories",
      source:
        "eBay's help page on selling fees (article 4822), as several readers quoted it word for word between August and October 2026; that it holds since 14 February 2025 is from reports of eBay's seller update.",
      address: "https://www.ebay.com/help/selling/fees-credits-invoices/selling-fees?id=4822",
      valid_from: "2025-02-14",
      read_on: "2026-09-23",
      first_hand: false,
    },
    not_counted: [
      "Fees for listing more than 250 things a month, for promotion, for buyers abroad and for sellers below eBay's standards.",
      "Sales tax and the fee on it, returns, and your time.",
    ],
  };
}
