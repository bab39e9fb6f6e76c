// Answers to "what is it worth?", shaped as the API sends them: a usual one for any title, and words in the
// title that call for the others ("lot of", "holiday snaps", "tripod", "something").
import type { Comp, PriceOutcome, PriceSuggestion } from "../../lib/api/types.ts";
import { CATEGORIES, CONDITIONS, generator, MODELS, makeParts } from "./fixtures.ts";

export type Asked = {
  title: string;
  category: string | null;
  condition: PriceSuggestion["condition"];
  cost: number | null;
  goal: PriceSuggestion["goal"];
};

const DAY = 86_400_000;
const money = (cents: number) => `$${(cents / 100).toFixed(2)}`;
const round4 = (value: number) => Math.round(value * 10_000) / 10_000;

const SHIPPING = 0.06;
const fee = (price: number) => Math.round(price * 0.136) + 40;
const shipping = (price: number) => Math.round((price * SHIPPING) / (1 + SHIPPING));
const netOf = (price: number) => price - fee(price) - shipping(price);

/** Sales as at a constant rate that falls with the price: enough like a market for a page. */
function outcome(price: number, point: number, isKnown: boolean): PriceOutcome {
  const rate = 0.09 * (price / point) ** -4.5;
  const withdrawn = 0.012;
  const soldBy = (days: number) =>
    round4((rate / (rate + withdrawn)) * (1 - Math.exp(-(rate + withdrawn) * days)));
  const ever = rate / (rate + withdrawn);
  const median = ever > 0.5 ? -Math.log(1 - 0.5 / ever) / (rate + withdrawn) : null;
  return {
    price_cents: price,
    net_cents: netOf(price),
    median_days: isKnown && median !== null ? Math.round(median * 100) / 100 : null,
    p_sold_7d: isKnown ? soldBy(7) : null,
    p_sold_14d: isKnown ? soldBy(14) : null,
    p_sold_30d: isKnown ? soldBy(30) : null,
  };
}

function makeSales(title: string, point: number, now: number): Comp[] {
  const random = generator(point);
  const rejected: [string, string, number][] = [
    ["lot", "Several things sold together: “lot of 3”", 2.1],
    ["accessory", "An accessory, not the thing itself: “case for”", 0.2],
    ["outlier", "Price far from all the others", 1.9],
    ["other_variant", "Another model or variant", 1.3],
  ];
  return Array.from({ length: 32 }, (_, index) => {
    const left = index >= 28 ? rejected[index - 28] : undefined;
    const total = Math.round(point * (left ? left[2] : 1 + (random() + random() + random() - 1.5) * 0.3));
    const part = index % 4 === 0 ? 0 : Math.round(total * SHIPPING);
    return {
      id: `sale-${index}`,
      kind: "sold",
      title: index % 3 ? title : `${title}, tested`,
      price_cents: total - part,
      shipping_cents: part,
      total_cents: total,
      currency: "USD",
      condition: CONDITIONS[index % 4] ?? "used",
      sold_at: new Date(now - (1 + random() * 80) * DAY).toISOString(),
      similarity: round4(left ? 0.4 + random() * 0.3 : 0.7 + random() * 0.3),
      weight: left ? 0 : round4(0.2 + random() * 0.8),
      accepted: !left,
      reason: left?.[0] ?? null,
      reason_text: left?.[1] ?? null,
    };
  });
}

const NOTHING = {
  model_version: null,
  confidence: null,
  estimate: null,
  suggested: null,
  curve: [],
  distribution: null,
} satisfies Partial<PriceSuggestion>;

type Missing = NonNullable<PriceSuggestion["no_estimate"]>;

function missing(title: string, category: string | null): Missing | null {
  const named = /something|body cap/.test(title);
  if (category === null && named) {
    return {
      code: "category_unclear",
      explanation: "Similar things were sold in several categories, none of them clearly the right one.",
      would_help: ["Choose the category, perhaps Film Cameras.", "Choose the category, perhaps Lenses."],
      candidates: [
        { category: "15230", name: "Film Cameras", share: 0.52 },
        { category: "3323", name: "Lenses", share: 0.41 },
      ],
    };
  }
  if (/holiday snaps/.test(title)) {
    return {
      code: "too_few",
      explanation: "Too few similar sales are known to say what this is worth.",
      would_help: [
        "Name the brand, the model and what sets the variant apart: storage, size, year.",
        "Wait for more sales of such things, or import sales that you know of.",
      ],
      candidates: [],
    };
  }
  if (/lot of/.test(title)) {
    return {
      code: "lot",
      explanation: "A lot is not valued: the comparable sales are of single things.",
      would_help: ["Ask for one of the things at a time."],
      candidates: [],
    };
  }
  return null;
}

export function makeSuggestion(asked: Asked, now: number): PriceSuggestion {
  const title = asked.title.toLowerCase();
  const [word = ""] = title.split(" ");
  const model = MODELS.find((each) => each.title.toLowerCase().startsWith(word)) ?? MODELS[0];
  const point = model?.value ?? 14_600;
  const why = missing(title, asked.category);
  const isUnclear = why?.code === "category_unclear";
  const category = isUnclear ? null : (asked.category ?? model?.category ?? "15230");
  const isKnown = !/tripod/.test(title);
  const common = {
    currency: "USD",
    category,
    category_name: category && (CATEGORIES[category] ?? category),
    category_guessed: asked.category === null && category !== null,
    condition: asked.condition,
    goal: asked.goal,
    formula_version: "v1",
    no_estimate: why,
    speed: isKnown
      ? {
          basis: "turnover" as const,
          sold: 284,
          censored: 512,
          weight: 0.88,
          explanation:
            "Sales per day over 19.5 days (284) against what is for sale now (512 listings), by price compared with value. This takes the market as steady, what is for sale as known in full, and every listing of a price as equally likely to sell on any day. What comes and is not sold counts as withdrawn.",
        }
      : {
          basis: "none" as const,
          sold: 12,
          censored: 9,
          weight: 0,
          explanation:
            "Not enough is known: 12 sales and 9 live listings with a known value. It takes more sales and listings of this category.",
        },
  };
  const sales = makeSales(asked.title, point, now);
  if (why) {
    const comps = isUnclear ? [] : sales.slice(26).map((comp) => ({ ...comp, weight: 0, accepted: false }));
    return {
      ...NOTHING,
      ...common,
      comps: comps.map((comp) => ({ ...comp, reason: "too_dissimilar", reason_text: "Not similar enough" })),
      fee_schedule: null,
    };
  }
  const low = Math.round(point * 0.83);
  const high = Math.round(point * 1.2);
  const curve = Array.from({ length: 31 }, (_, index) =>
    outcome(Math.round(low * 0.85 * ((high * 1.15) / (low * 0.85)) ** (index / 30)), point, isKnown),
  );
  const factor = { fast: 0.94, balanced: 1.03, max: 1.14 }[asked.goal];
  const price = Math.round((point * factor) / 100) * 100;
  const suggested = outcome(price, point, isKnown);
  const profit = suggested.net_cents - (asked.cost ?? 0);
  const accepted = sales.filter((sale) => sale.accepted).map(({ total_cents }) => total_cents);
  const least = Math.min(...accepted);
  const most = Math.max(...accepted);
  const bins = Array.from({ length: 12 }, () => 0);
  for (const total of accepted) {
    const bin = Math.min(11, Math.floor(((total - least) / (most - least)) * 12));
    bins[bin] = (bins[bin] ?? 0) + Math.round(1000 / accepted.length);
  }
  return {
    ...common,
    model_version: null,
    confidence: /rare/.test(title) ? 0.31 : 0.81,
    estimate: { low_cents: low, point_cents: point, high_cents: high, parts: makeParts(point) },
    suggested: {
      ...suggested,
      fees_cents: fee(price),
      lines: [
        { label: "Buyer pays", amount_cents: price, detail: "with shipping" },
        {
          label: "Final value fee",
          amount_cents: 40 - fee(price),
          detail: "13.6 % of the total; on sales tax it comes on top",
        },
        { label: "Per-order fee", amount_cents: -40, detail: "per order" },
        {
          label: "Shipping",
          amount_cents: -shipping(price),
          detail: "what it usually costs in this category",
        },
        ...(asked.cost === null
          ? []
          : [
              { label: "What it cost you", amount_cents: -asked.cost, detail: "as you said" },
              {
                label: profit < 0 ? "Loss" : "Profit",
                amount_cents: profit,
                detail: "the sum of the lines above",
              },
            ]),
      ],
      reason: isKnown
        ? `What is left after fees times the chance to sell within 14 days is largest here: ${money(suggested.net_cents)} × ${Math.round((suggested.p_sold_14d ?? 0) * 100)} %.`
        : "How fast such things sell is not known, so this is the price that 50 % of what it may be worth lies under, the middle.",
    },
    curve,
    comps: sales,
    distribution: { low_cents: least, high_cents: most, bins },
    fee_schedule: {
      name: "eBay.com, sellers without a Store",
      version: "2025-02-14",
      source: "eBay's help page on selling fees (article 4822), as several readers quoted it word for word.",
      read_on: "2026-09-23",
    },
  };
}
