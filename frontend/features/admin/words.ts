// Plain words for what the API calls by name: states and kinds of jobs, kinds of events, budgets. Pure.
import { formatCount } from "@/lib/format";

export const JOB_STATES = ["running", "queued", "failed", "dead", "done"] as const;
export type JobState = (typeof JOB_STATES)[number];

/** The tabs, in the order in which work is looked at. */
export const JOB_STATE_WORDS: Record<JobState, { tab: string; one: string; none: string; noneMore: string }> =
  {
    running: {
      tab: "Working",
      one: "Working",
      none: "Nothing is being worked on",
      noneMore: "Work shows up here while a worker has it.",
    },
    queued: {
      tab: "Waiting",
      one: "Waiting",
      none: "Nothing is waiting",
      noneMore: "Work waits here for a worker, or for its next attempt.",
    },
    failed: {
      tab: "Failed",
      one: "Failed",
      none: "Nothing has failed",
      noneMore:
        "What is refused for a reason that trying again would not change stays here until you retry it.",
    },
    dead: {
      tab: "Dead letters",
      one: "Given up",
      none: "No dead letters",
      noneMore: "Work whose attempts are all used up stays here until you retry it.",
    },
    done: {
      tab: "Done",
      one: "Done",
      none: "Nothing was finished in the last week",
      noneMore: "Finished work is kept for seven days.",
    },
  };

const JOB_KINDS: Record<string, string> = {
  scan: "Scan marketplaces",
  value: "Value listings",
  refresh_comps: "Read past sales",
  revalue: "Mark listings for valuation",
  fit_model: "Fit a price model",
  follow_choice: "Follow the pricing choice",
  forget_import: "Delete an import",
  sweep_stale: "Hide stale listings",
  housekeeping: "Tidy up",
  send_account_mail: "Send a letter",
};

export const jobKindWords = (kind: string) => JOB_KINDS[kind] ?? inWords(kind);

export const AUDIT_KIND_WORDS = {
  "account.registered": "Registered",
  "account.email_verified": "Verified their address",
  "account.signed_in": "Signed in",
  "account.sign_in_refused": "Was refused at sign-in",
  "account.signed_out": "Signed out",
  "account.session_ended": "Ended a session",
  "account.password_changed": "Changed their password",
  "account.password_reset": "Reset their password",
  "account.second_factor_added": "Added a second factor",
  "account.second_factor_removed": "Removed the second factor",
  "account.recovery_code_used": "Used a recovery code",
  "account.exported": "Exported their data",
  "account.deleted": "Deleted their account",
  "account.created_by_operator": "Was created by the operator",
  "key.made": "Made an API key",
  "key.rotated": "Rotated an API key",
  "key.revoked": "Revoked an API key",
  "admin.roles_changed": "Changed an account’s roles",
  "admin.account_disabled": "Disabled an account",
  "admin.account_enabled": "Enabled an account",
  "admin.job_retried": "Retried a job",
  "admin.scan_queued": "Started a scan",
  "admin.comps_refresh_queued": "Started recomputing comparables",
  "admin.comps_imported": "Imported comparables",
  "admin.comps_deleted": "Deleted an import",
  "admin.scan_plan_changed": "Changed the scan plan",
} as const;

export type AuditKind = keyof typeof AUDIT_KIND_WORDS;
export const AUDIT_KINDS = Object.keys(AUDIT_KIND_WORDS) as AuditKind[];
export const AUDIT_GROUPS = { account: "Accounts", key: "API keys", admin: "Administration" } as const;

export const auditKindWords = (kind: string) =>
  kind in AUDIT_KIND_WORDS ? AUDIT_KIND_WORDS[kind as AuditKind] : inWords(kind.replace(".", ": "));

type Details = Record<string, string | number | boolean | string[] | null>;

/** What an event was about, in one line; "" when its kind says it all. */
export function detailWords(kind: string, details: Details): string {
  if (kind === "admin.roles_changed") return `${listed(details.before)} → ${listed(details.after)}`;
  if (kind === "admin.job_retried") return jobKindWords(String(details.kind));
  if (kind === "admin.scan_plan_changed") {
    const asks = [
      details.query && `“${details.query}”`,
      details.category && `category ${details.category}`,
    ].filter(Boolean);
    const state = details.enabled ? `priority ${details.priority}` : "switched off";
    return `${inWords(String(details.change))} ${asks.join(" in ")}, ${state}`;
  }
  if (kind === "admin.comps_imported" && details.finished === false)
    return `Begun: ${listed(details.stored)} stored so far`;
  return Object.entries(details)
    .filter(([name, value]) => name !== "finished" && value !== null && value !== "" && !isId(value))
    .map(([name, value]) =>
      typeof value === "boolean"
        ? `${name.replaceAll("_", " ")}: ${value ? "yes" : "no"}`
        : `${name.replaceAll("_", " ")}: ${listed(value)}`,
    )
    .join(" · ");
}

/** The end of an id, which tells ids apart (their beginnings are times); other names as they are. */
export const shortId = (name: string) => (/^[0-9a-f-]{30,}$/.test(name) ? `…${name.slice(-8)}` : name);

const isId = (value: unknown) => typeof value === "string" && /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value);

const listed = (value: Details[string] | undefined) =>
  Array.isArray(value)
    ? value.join(", ") || "none"
    : typeof value === "number"
      ? formatCount(value)
      : String(value ?? "none");

/** The numbers that a job noted, such as "12 calls · 340 new"; "" when it noted none. */
export function countsWords(noted: Record<string, unknown> | null): string {
  return Object.entries(noted ?? {})
    .filter(([name, value]) => typeof value === "number" && value !== 0 && name !== "done" && name !== "of")
    .map(([name, value]) => `${formatCount(value as number)} ${name.replaceAll("_", " ")}`)
    .join(" · ");
}

/** How much of its work a job has done, 0 to 1, where it says of how much; else null. */
export function shareDone(progress: Record<string, unknown> | null): number | null {
  const { done, of } = progress ?? {};
  if (typeof done !== "number" || typeof of !== "number" || of <= 0) return null;
  return Math.min(1, done / of);
}

export const BUDGET_WORDS: Record<string, string> = {
  ebay_browse: "Searches and listings",
  ebay_insights: "Past sales",
  ebay_oauth: "Access tokens",
};

export type BudgetTone = "plain" | "doubt" | "danger";

/** What is left of a day's calls, and how worrying that is. */
export function budgetWords({ used, allowed }: { used: number; allowed: number }): {
  words: string;
  tone: BudgetTone;
} {
  const left = Math.max(0, allowed - used);
  if (left === 0) return { words: "Used up. No more calls until it resets.", tone: "danger" };
  const words = `${formatCount(left)} left today`;
  return { words, tone: left < allowed * 0.1 ? "doubt" : "plain" };
}

export const ROLE_WORDS = { buyer: "Buyer", seller: "Seller", admin: "Admin" } as const;

/** Words with the full stop that they may lack. */
export const asSentence = (words: string) => (/[.!?]$/.test(words) ? words : `${words}.`);

function inWords(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
