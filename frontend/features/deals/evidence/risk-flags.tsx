import { IconFlag, IconInfoCircle } from "@tabler/icons-react";
import { Section } from "@/components/section";
import type { DealEvidence } from "../queries";
import classes from "./risk-flags.module.css";

const LEVELS: Record<DealEvidence["risk_level"], string> = {
  none: "No risk rule fired for this listing.",
  low: "Low: a small sign, nothing more.",
  elevated: "Elevated: look twice before you buy.",
  high: "High: too much speaks against it for a score.",
};

/** The rules that fired, each with the words or the fact that made it fire, and how much it weighs. */
export function RiskFlags({ deal }: { deal: Pick<DealEvidence, "risk_level" | "risk_flags"> }) {
  return (
    <Section id="risk" title="Risk" hint={LEVELS[deal.risk_level]}>
      {deal.risk_flags.length > 0 && (
        <ul className={classes.flags} data-level={deal.risk_level}>
          {deal.risk_flags.map((flag) => (
            <li key={flag.code} data-rule={flag.code}>
              {flag.weight > 0 ? (
                <IconFlag size={16} aria-hidden />
              ) : (
                <IconInfoCircle size={16} aria-hidden />
              )}
              <div>
                <p>{flag.text}</p>
                {flag.quote && <blockquote>“{flag.quote}”</blockquote>}
              </div>
              {flag.weight > 0 && (
                <p className={classes.weight} title="Weights add up; from 70 on a score is withheld">
                  weighs {flag.weight}
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
