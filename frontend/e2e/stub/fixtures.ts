// Sixty deals of every kind, made from a seed: the same on every run, shaped exactly as the API sends them.
import type {
  Category,
  Comp,
  Deal,
  DealEvidence,
  Marketplace,
  PointParts,
  PricePoint,
  ScorePart,
} from "../../lib/api/types.ts";
import { makeFlip } from "./flips.ts";

type Model = { title: string; category: string; value: number; hue: number };

export const CATEGORIES: Record<string, string> = {
  "15230": "Film Cameras",
  "3323": "Lenses",
  "33034": "Electric Guitars",
  "175672": "Laptops",
  "31387": "Wristwatches",
  "139971": "Video Game Consoles",
};

export const MODELS: Model[] = [
  { title: "Canon AE-1 35mm SLR film camera body", category: "15230", value: 14600, hue: 28 },
  { title: "Nikon FM2n black body, meter works", category: "15230", value: 31800, hue: 210 },
  { title: "Olympus OM-1 with 50mm f/1.8 Zuiko, new light seals", category: "15230", value: 17900, hue: 155 },
  { title: "Pentax K1000 SE brown leatherette", category: "15230", value: 15200, hue: 18 },
  { title: "Leica M6 0.72 classic rangefinder, boxed with papers", category: "15230", value: 264000, hue: 0 },
  { title: "Canon EF 70-200mm f/2.8L IS II USM", category: "3323", value: 82500, hue: 345 },
  { title: "Nikkor 105mm f/2.5 AI-S portrait lens", category: "3323", value: 16900, hue: 260 },
  { title: "Fender Player Stratocaster HSS, 3-color sunburst", category: "33034", value: 58900, hue: 36 },
  { title: "Epiphone Les Paul Standard '60s iced tea", category: "33034", value: 43800, hue: 12 },
  { title: "Lenovo ThinkPad X1 Carbon Gen 9 i7 16GB 512GB", category: "175672", value: 46900, hue: 230 },
  { title: "Apple MacBook Air M1 8GB 256GB space grey", category: "175672", value: 49900, hue: 220 },
  { title: "Seiko SKX007 automatic diver 200m on bracelet", category: "31387", value: 28600, hue: 200 },
  { title: "Omega Seamaster 2531.80 blue wave dial", category: "31387", value: 248000, hue: 215 },
  { title: "Nintendo Switch OLED white joy-con console", category: "139971", value: 22900, hue: 350 },
];

/** A small, well-spread generator (mulberry32): tests need the same numbers every time. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const DAY = 86_400_000;
export const CONDITIONS: Deal["condition"][] = [
  "good",
  "used",
  "like_new",
  "refurbished",
  "acceptable",
  "open_box",
  "new",
];
const round2 = (value: number) => Math.round(value * 100) / 100;

function uuid(index: number): string {
  return `0190a000-0000-7000-8000-${String(index).padStart(12, "0")}`;
}

function bins(random: () => number): number[] {
  const peak = 4.5 + random() * 2;
  const width = 1.6 + random() * 1.4;
  return Array.from({ length: 12 }, (_, index) =>
    round2(Math.max(0, Math.exp(-((index - peak) ** 2) / (2 * width ** 2)) + (random() - 0.5) * 0.16)),
  );
}

export function makeDeals(origin: string, now: number, count = 60, prefix = ""): Deal[] {
  return Array.from({ length: count }, (_, index) => makeDeal(index, origin, now, prefix));
}

function makeDeal(index: number, origin: string, now: number, prefix: string): Deal {
  const random = generator(1000 + index);
  const model = MODELS[index % MODELS.length] as Model;
  const fair = Math.round(model.value * (0.94 + random() * 0.12));
  const low = Math.round(fair * (0.84 + random() * 0.05));
  const high = Math.round(fair * (1.1 + random() * 0.09));
  const discount = round2(0.46 - index * 0.0115 + (random() - 0.5) * 0.03);
  const shippingUnknown = index % 9 === 5;
  const shipping = shippingUnknown ? null : index % 3 === 0 ? 0 : Math.round(495 + random() * 1400);
  const total = Math.round(fair * (1 - discount));
  const price = Math.max(500, total - (shipping ?? 0));
  const reason: Deal["no_score_reason"] = shippingUnknown
    ? "shipping_unknown"
    : index % 13 === 7
      ? "no_estimate"
      : index === 16
        ? "lot"
        : index === 27
          ? "accessory"
          : index === 38
            ? "far_below_interval"
            : null;
  const hasEstimate = reason !== "no_estimate";
  const auction = index % 11 === 3;
  // The auction that ends first is in its last hour: its bid counts. The others run.
  const runs = auction && index > 3 && reason === null;
  const noScore = runs ? "running_auction" : reason;
  const thin = noScore === null && index % 8 === 6;
  const confidence = !hasEstimate
    ? null
    : thin
      ? round2(0.18 + random() * 0.15)
      : round2(0.58 + random() * 0.38);
  const flip = makeFlip({
    fair_value_cents: hasEstimate ? fair : null,
    total_cost_cents: shipping === null ? null : price + shipping,
    buying_option: auction ? "auction" : "fixed_price",
    no_score_reason: noScore,
  });
  const limit =
    auction && noScore !== "no_estimate" && shipping !== null
      ? Math.max(0, Math.floor(fair / 1.25) - shipping)
      : null;
  const listed = new Date(now - (4 + index * 47) * 60_000).toISOString();
  return {
    id: uuid(index + 1),
    marketplace: "ebay",
    external_id: `v1|1100000${String(index).padStart(5, "0")}|0`,
    title: `${prefix}${model.title}${index >= MODELS.length ? ["", ", tested", ", read description", " — near mint"][index % 4] : ""}`,
    url: `https://www.ebay.com/itm/1100000${String(index).padStart(5, "0")}`,
    image_url: index % 20 === 19 ? null : `${origin}/images/${index}.svg`,
    category: model.category,
    category_name: CATEGORIES[model.category] ?? "",
    condition: CONDITIONS[index % CONDITIONS.length] ?? "used",
    price_cents: price,
    shipping_cents: shipping,
    total_cost_cents: shipping === null ? null : price + shipping,
    currency: "USD",
    fair_value_cents: hasEstimate ? fair : null,
    interval_low_cents: hasEstimate ? low : null,
    interval_high_cents: hasEstimate ? high : null,
    discount: hasEstimate && shipping !== null && !runs ? discount : null,
    profit_cents: flip.profit_cents,
    roi: flip.roi,
    score:
      noScore === null ? Math.max(3, Math.min(97, Math.round(96 - index * 1.5 - (thin ? 20 : 0)))) : null,
    no_score_reason: noScore,
    risk_code: reason === "far_below_interval" ? reason : index === 2 ? "photo_reused" : null,
    confidence,
    evidence_count: hasEstimate ? (thin ? 6 : 14 + Math.floor(random() * 34)) : 2,
    evidence_age_days: hasEstimate ? (thin ? 41 : 9 + Math.floor(random() * 16)) : null,
    distribution: hasEstimate
      ? { low_cents: Math.round(fair * 0.45), high_cents: Math.round(fair * 1.45), bins: bins(random) }
      : null,
    formula_version: hasEstimate ? "v1" : null,
    buying_option: auction ? "auction" : "fixed_price",
    bid_count: auction ? index % 5 : null,
    bid_limit_cents: limit,
    bid_limit_total_cents: limit === null ? null : limit + (shipping ?? 0),
    ends_at: auction ? new Date(now + (runs ? 2 + index : 0.6) * 3_600_000).toISOString() : null,
    listed_at: listed,
    seen_at: new Date(now - 120_000).toISOString(),
    simulated: true,
  };
}

function scoreParts(score: number, discount: number): ScorePart[] {
  const parts: [string, string, number, string][] = [
    ["discount", "Under fair value", 40, `${Math.round(discount * 100)} % under fair value`],
    ["certainty", "Chance that it really is a deal", 35, "92 % chance to be worth 25 % more than it costs"],
    ["liquidity", "How readily it sells", 10, "9 similar sales in the last 30 days"],
    ["condition", "Condition", 5, "good"],
    ["seller", "Seller", 5, "99.1 % positive of 1,200"],
    ["freshness", "Freshly listed", 5, "listed today"],
  ];
  let left = score;
  return parts.map(([name, label, max, detail], index) => {
    const points = index === parts.length - 1 ? round2(left) : Math.min(max, round2((score * max) / 100));
    left = round2(left - points);
    return { name, label, points, max_points: max, detail };
  });
}

function makeComps(deal: Deal, now: number): Comp[] {
  if (deal.fair_value_cents === null) return [];
  const fair = deal.fair_value_cents;
  const random = generator(deal.price_cents);
  const count = deal.evidence_count + 5;
  const reasons: [string, string, number][] = [
    ["outlier_high", "Priced far above the others", 1.95],
    ["outlier_low", "Priced far below the others", 0.3],
    ["lot", "Sold as a lot of three", 2.2],
    ["accessory", "A case, not the camera", 0.16],
    ["too_old", "Sold more than 90 days ago", 1.05],
  ];
  return Array.from({ length: count }, (_, index) => {
    const rejected = index >= deal.evidence_count ? reasons[index - deal.evidence_count] : undefined;
    const spread = 1 + (random() + random() + random() - 1.5) * 0.24;
    const total = Math.round(fair * (rejected ? rejected[2] : spread));
    const shipping = index % 4 === 0 ? 0 : Math.round(400 + random() * 1200);
    const age = rejected?.[0] === "too_old" ? 104 : 1 + random() * 85;
    return {
      id: `comp-${deal.id}-${index}`,
      kind: "sold",
      title:
        deal.title.replace(/ — near mint|, tested|, read description/, "") +
        (index % 3 ? "" : " great condition"),
      price_cents: Math.max(100, total - shipping),
      shipping_cents: shipping,
      total_cents: total,
      currency: deal.currency,
      condition: CONDITIONS[index % 4] ?? "used",
      sold_at: new Date(now - age * DAY).toISOString(),
      similarity: round2(rejected ? 0.35 + random() * 0.4 : 0.72 + random() * 0.27),
      weight: rejected ? 0 : round2(0.2 + random() * 0.8),
      accepted: !rejected,
      reason: rejected?.[0] ?? null,
      reason_text: rejected?.[1] ?? null,
    };
  });
}

function makeHistory(deal: Deal, now: number): PricePoint[] {
  const steps =
    deal.score !== null && deal.score % 4 === 1
      ? []
      : [1.22, 1.12, 1.3, 1.05].slice(0, 1 + (deal.price_cents % 4));
  const started = Math.max(now - 40 * DAY, new Date(deal.listed_at).getTime() - 30 * DAY);
  return [...steps.map((factor) => Math.round(deal.price_cents * factor)), deal.price_cents].map(
    (price_cents, index, all) => ({
      observed_at: new Date(started + ((now - started) * index) / (all.length + 0.5)).toISOString(),
      price_cents,
      shipping_cents: deal.shipping_cents,
    }),
  );
}

const money = (cents: number) => `$${(cents / 100).toFixed(2)}`;

function verdict(deal: Deal): string {
  const cost =
    deal.total_cost_cents === null
      ? "shipping is unknown"
      : `${deal.buying_option === "auction" ? "the current bid is" : "costs"} ${money(deal.total_cost_cents)} with shipping`;
  if (deal.fair_value_cents === null) return `No estimate: only two alike sales; ${cost}.`;
  const likely = `Likely $${Math.round(deal.fair_value_cents / 100)}; ${cost}`;
  if (deal.no_score_reason === "running_auction" && deal.bid_limit_cents !== null)
    return `${likely} and can rise. Worth bidding up to ${money(deal.bid_limit_cents)}.`;
  if (deal.discount === null) return `${likely}.`;
  return `${likely}; ${Math.abs(Math.round(deal.discount * 100))} % ${deal.discount >= 0 ? "under" : "over"}.`;
}

function makeRisk(deal: Deal): Pick<DealEvidence, "risk_level" | "risk_flags"> {
  if (deal.no_score_reason === "far_below_interval") {
    return {
      risk_level: "high",
      risk_flags: [
        {
          code: "far_below_interval",
          text: "Far cheaper than similar things ever sold for.",
          quote: "48 % of the likely value",
          weight: 50,
        },
        {
          code: "outside_contact",
          text: "Leads to a contact outside the marketplace.",
          quote: "WhatsApp +1 503 555 0188",
          weight: 40,
        },
      ],
    };
  }
  if (deal.risk_code === "photo_reused") {
    return {
      risk_level: "elevated",
      risk_flags: [
        {
          code: "photo_reused",
          text: "The same photo is used by another seller.",
          quote: `1 other seller, with: ${deal.title}`,
          weight: 40,
        },
      ],
    };
  }
  if (deal.buying_option === "auction") {
    return {
      risk_level: "none",
      risk_flags: [
        {
          code: "auction",
          text: "An auction: the current bid is not the final price.",
          quote: null,
          weight: 0,
        },
      ],
    };
  }
  return { risk_level: "none", risk_flags: [] };
}

/** Parts that make this point: 60 % comparables, 40 % title, and a correction that closes the gap. */
export function makeParts(point: number): PointParts {
  const comps = Math.round(point * 0.98);
  const title = Math.round(point * 1.06);
  const blend = comps ** 0.6 * title ** 0.4;
  const blendCents = Math.round(blend);
  return {
    comps_cents: comps,
    comps_weight: 0.6,
    title_cents: title,
    title_weight: 0.4,
    blend_cents: blendCents,
    correction: point / blend,
    correction_cents: point - blendCents,
    point_cents: point,
  };
}

export function makeEvidence(deal: Deal, now: number): DealEvidence {
  const comps = makeComps(deal, now);
  const used = comps.filter(({ accepted }) => accepted).length;
  const valued = deal.fair_value_cents !== null;
  return {
    ...deal,
    no_score_explanation:
      deal.no_score_reason === null
        ? null
        : deal.no_score_reason === "shipping_unknown"
          ? "The seller does not say what shipping to you costs, so the whole cost cannot be compared."
          : deal.no_score_reason === "no_estimate"
            ? "Two alike sales in 90 days are too few for a range that you could rely on."
            : deal.no_score_reason === "running_auction"
              ? `Bids can still rise: ${deal.bid_count} bids. Many bid in the last minutes only, so the current bid says little of what it will cost.`
              : "The title and price do not look like the item itself, so it is kept out of the ranking.",
    verdict: verdict(deal),
    seller: { feedback_percent: 99.1, feedback_score: 1200 },
    location: "US",
    score_parts: deal.score === null ? [] : scoreParts(deal.score, deal.discount ?? 0),
    estimate: {
      point_cents: deal.fair_value_cents,
      low_cents: deal.interval_low_cents,
      high_cents: deal.interval_high_cents,
      effective_n: valued ? round2(used * 0.72) : 1.4,
      used,
      rejected: comps.length - used,
      best_similarity: valued ? 0.97 : null,
      median_age_days: deal.evidence_age_days,
      reason: valued ? null : "too_few",
      explanation: valued
        ? `${used} sales of alike items in 90 days, weighted to recent and similar ones; 8 in 10 sold inside the range.`
        : "Only two alike sales were found; a range needs an effective sample of five.",
      kinds: { sold: valued ? comps.length : 2 },
      parts: deal.fair_value_cents === null ? null : makeParts(deal.fair_value_cents),
    },
    comps,
    ...makeRisk(deal),
    flip: makeFlip(deal),
    price_history: makeHistory(deal, now),
    method: {
      formula_version: "v1",
      model_version: valued ? "v1-3f9c2a71b04e" : null,
      valued_at: new Date(now - 130_000).toISOString(),
      comps_refreshed_at: new Date(now - 5 * 3_600_000).toISOString(),
      source_policy:
        "Shown for at most 6 hours after it was last seen on eBay; not ranked together with other sources.",
    },
  };
}

export function makeMarketplaces(now: number, live: number): Marketplace[] {
  return [
    {
      id: "ebay",
      name: "eBay",
      state: "healthy",
      reason: null,
      last_scan_at: new Date(now - 130_000).toISOString(),
      live_listings: live,
      max_age_seconds: 21_600,
      mixable: false,
      simulated: true,
      pricing_permitted: true,
      sales_state: "granted",
      sales_reason: null,
    },
  ];
}

export function makeCategories(deals: Deal[]): Category[] {
  return Object.entries(CATEGORIES).map(([id, name]) => ({
    id,
    name,
    marketplace: "ebay",
    deals: deals.filter(({ category }) => category === id).length,
  }));
}

/** A quiet picture of an object on a coloured ground. */
export function drawImage(index: number): string {
  const model = MODELS[index % MODELS.length] as Model;
  const hue = (model.hue + index * 7) % 360;
  const shapes: Record<string, string> = {
    "15230": `<rect x="90" y="110" width="220" height="120" rx="16" fill="#26292b"/><rect x="165" y="88" width="70" height="34" rx="8" fill="#34383a"/><circle cx="200" cy="170" r="50" fill="#15181a"/><circle cx="200" cy="170" r="34" fill="hsl(${hue} 45% 32%)"/><circle cx="188" cy="158" r="10" fill="#fff" opacity=".35"/>`,
    "3323": `<rect x="150" y="70" width="100" height="170" rx="14" fill="#202426"/><rect x="142" y="110" width="116" height="34" rx="6" fill="#363b3e"/><ellipse cx="200" cy="74" rx="44" ry="12" fill="hsl(${hue} 45% 42%)"/>`,
    "33034": `<path d="M120 215c-20-40 20-80 60-66l110-92 14 16-96 106c24 44-10 80-48 70-18-4-32-14-40-34z" fill="hsl(${hue} 62% 40%)"/><circle cx="172" cy="192" r="18" fill="#1b1512"/>`,
    "175672": `<rect x="110" y="80" width="180" height="116" rx="8" fill="#2a2e31"/><rect x="120" y="90" width="160" height="96" fill="hsl(${hue} 50% 60%)"/><path d="M86 200h228l14 22H72z" fill="#b9bfc3"/>`,
    "31387": `<rect x="172" y="40" width="56" height="220" rx="10" fill="#3b3f42"/><circle cx="200" cy="150" r="66" fill="#c9ced1"/><circle cx="200" cy="150" r="54" fill="hsl(${hue} 55% 30%)"/><path d="M200 150V112M200 150l26 14" stroke="#fff" stroke-width="5" stroke-linecap="round"/>`,
    "139971": `<rect x="70" y="100" width="260" height="110" rx="22" fill="#f2f4f5"/><rect x="118" y="110" width="164" height="90" rx="6" fill="#1c2022"/><circle cx="94" cy="134" r="10" fill="#3a4043"/><circle cx="306" cy="172" r="10" fill="#3a4043"/>`,
  };
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300"><defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop stop-color="hsl(${hue} 32% 88%)"/><stop offset="1" stop-color="hsl(${hue} 26% 74%)"/></linearGradient></defs><rect width="400" height="300" fill="url(#g)"/><ellipse cx="200" cy="244" rx="130" ry="14" fill="#000" opacity=".12"/>${shapes[model.category] ?? ""}</svg>`;
}
