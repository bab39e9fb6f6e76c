// What the API sends, by the names that the pages use. The shapes come from the API's own description
// (`make api-client`). Money is integer cents, times are ISO-8601 UTC.
import type { Deal } from "./generated";

export type {
  Category,
  CompOut as Comp,
  Deal,
  DealEvidence,
  Distribution,
  Estimate,
  Flip,
  Marketplace,
  PointParts,
  PriceLine,
  PriceOutcome,
  PricePoint,
  PriceSuggestion,
  Problem,
  ScorePart,
  Setup,
} from "./generated";

export type RiskCode = NonNullable<Deal["risk_code"]>;
export type NoScoreReason = NonNullable<Deal["no_score_reason"]>;

export type Page<Item> = { items: Item[]; next: string | null; total: number };
