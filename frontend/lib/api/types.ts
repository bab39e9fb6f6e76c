// What the API sends, as the browser uses it. Money is integer cents, times are ISO-8601 UTC.

export type Condition =
  | "new"
  | "open_box"
  | "refurbished"
  | "like_new"
  | "used"
  | "good"
  | "acceptable"
  | "for_parts"
  | "unknown";

export type NoScoreReason =
  | "no_estimate"
  | "lot"
  | "accessory"
  | "for_parts"
  | "far_below_interval"
  | "shipping_unknown";

export type SortOrder = "score" | "newest" | "discount" | "price";

export type Distribution = { low_cents: number; high_cents: number; bins: number[] };

export type Deal = {
  id: string;
  marketplace: string;
  external_id: string;
  title: string;
  url: string;
  image_url: string | null;
  category: string;
  category_name: string;
  condition: Condition;
  price_cents: number;
  shipping_cents: number | null;
  total_cost_cents: number | null;
  currency: string;
  fair_value_cents: number | null;
  interval_low_cents: number | null;
  interval_high_cents: number | null;
  discount: number | null;
  score: number | null;
  no_score_reason: NoScoreReason | null;
  confidence: number | null;
  evidence_count: number;
  evidence_age_days: number | null;
  distribution: Distribution | null;
  formula_version: string | null;
  buying_option: "fixed_price" | "auction";
  ends_at: string | null;
  listed_at: string;
  seen_at: string;
  simulated: boolean;
};

export type ScorePart = { name: string; label: string; points: number; max_points: number; detail: string };

export type Estimate = {
  point_cents: number | null;
  low_cents: number | null;
  high_cents: number | null;
  effective_n: number;
  used: number;
  rejected: number;
  best_similarity: number | null;
  median_age_days: number | null;
  reason: "too_few" | "too_spread" | "not_permitted" | null;
  explanation: string;
};

export type Comp = {
  id: string;
  kind: "sold";
  title: string;
  price_cents: number;
  shipping_cents: number | null;
  total_cents: number;
  currency: string;
  condition: Condition;
  sold_at: string;
  similarity: number;
  weight: number;
  accepted: boolean;
  reason: string | null;
  reason_text: string | null;
};

export type RiskFlag = { code: string; text: string; quote: string | null };

export type PricePoint = { observed_at: string; price_cents: number; shipping_cents: number | null };

export type DealEvidence = Deal & {
  no_score_explanation: string | null;
  verdict: string;
  seller: { feedback_percent: number | null; feedback_score: number | null };
  location: string | null;
  score_parts: ScorePart[];
  estimate: Estimate;
  comps: Comp[];
  risk_flags: RiskFlag[];
  price_history: PricePoint[];
  method: {
    formula_version: string | null;
    valued_at: string | null;
    comps_refreshed_at: string | null;
    source_policy: string;
  };
};

export type Marketplace = {
  id: string;
  name: string;
  state: "healthy" | "degraded" | "starting";
  reason: string | null;
  last_scan_at: string | null;
  live_listings: number;
  max_age_seconds: number;
  mixable: boolean;
  simulated: boolean;
};

export type Category = { id: string; name: string; marketplace: string; deals: number };

export type Page<Item> = { items: Item[]; next: string | null; total: number };

export type Problem = {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string | null;
  request_id: string | null;
  errors?: { loc: (string | number)[]; msg: string; type: string }[];
};
