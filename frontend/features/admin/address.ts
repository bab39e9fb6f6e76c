// The address is the state of the lists of administration, as it is of the deals.
import { createLoader, type inferParserType, parseAsString, parseAsStringLiteral } from "nuqs/server";
import { AUDIT_KINDS, JOB_STATES } from "./words";

export const jobParsers = { state: parseAsStringLiteral(JOB_STATES), kind: parseAsString };
export const userParsers = { q: parseAsString };
export const auditParsers = { kind: parseAsStringLiteral(AUDIT_KINDS), actor: parseAsString };

export type JobFilters = Partial<inferParserType<typeof jobParsers>>;
export type UserFilters = Partial<inferParserType<typeof userParsers>>;
export type AuditFilters = Partial<inferParserType<typeof auditParsers>>;

export const loadJobFilters = createLoader(jobParsers);
export const loadUserFilters = createLoader(userParsers);
export const loadAuditFilters = createLoader(auditParsers);

/** Filters without those that are not set, so that equal questions are equal. */
export function withoutEmpty(filters: object): object {
  return Object.fromEntries(
    Object.entries(filters).filter(([, value]) => value !== null && value !== undefined && value !== ""),
  );
}
