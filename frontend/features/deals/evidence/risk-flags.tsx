import { IconFlag } from "@tabler/icons-react";
import type { RiskFlag } from "../queries";
import classes from "./risk-flags.module.css";
import { Section } from "./section";

/** The rules that fired, each with the words that made it fire. */
export function RiskFlags({ flags }: { flags: RiskFlag[] }) {
  if (flags.length === 0) {
    return (
      <Section id="risk" title="Risk" hint="No risk rule fired for this listing.">
        {null}
      </Section>
    );
  }
  return (
    <Section id="risk" title="Risk" hint={`${flags.length} ${flags.length === 1 ? "rule" : "rules"} fired.`}>
      <ul className={classes.flags}>
        {flags.map((flag) => (
          <li key={`${flag.code}-${flag.quote}`}>
            <IconFlag size={16} aria-hidden />
            <div>
              <p>{flag.text}</p>
              {flag.quote && <blockquote>“{flag.quote}”</blockquote>}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
