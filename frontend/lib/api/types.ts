// What the API sends, by the names that the pages use. The shapes come from the API's own description
// (`make api-client`). Money is integer cents, times are ISO-8601 UTC.
import type { Deal } from "./generated";

export type {
  ApiKeyList,
  ApiKeyMade,
  ApiKeyOut as ApiKey,
  AuditEventList,
  AuditEventOut as AuditEvent,
  BudgetOut as Budget,
  Category,
  CompOut as Comp,
  CycleOut as Cycle,
  Deal,
  DealEvidence,
  Distribution,
  Estimate,
  Flip,
  JobList,
  JobOut as Job,
  JobRow,
  MailSent,
  Marketplace,
  Me,
  OwnSession,
  OwnSessionList,
  PointParts,
  PriceLine,
  PriceOutcome,
  PricePoint,
  PriceSuggestion,
  Problem,
  RecoveryCodes,
  ScanPlan,
  ScanPlanEntryOut as ScanPlanEntry,
  ScorePart,
  SecondFactorBegun,
  SessionOut as Session,
  Setup,
  SourceList,
  SourceOut as Source,
  UserList,
  UserOut as User,
} from "./generated";

export type RiskCode = NonNullable<Deal["risk_code"]>;
export type NoScoreReason = NonNullable<Deal["no_score_reason"]>;

export type Page<Item> = { items: Item[]; next: string | null; total: number };
