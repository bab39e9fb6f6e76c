import { Button } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { Comps } from "@/components/comps/comps";
import { Section } from "@/components/section";
import { formatPercent } from "@/lib/format";
import { countWords } from "./comps-words";
import classes from "./no-estimate.module.css";
import type { PriceSuggestion } from "./queries";

type Props = { answer: PriceSuggestion; onChoose: (category: string) => void };

const NO_INTERVAL = { low_cents: null, point_cents: null, high_cents: null };

/** Why there is no price, what would help, and what was looked at. */
export function NoEstimate({ answer, onChoose }: Props) {
  const why = answer.no_estimate;
  const candidates = why?.candidates ?? [];
  return (
    <div className={classes.parts}>
      <section className={classes.why} aria-labelledby="no-estimate-title" data-section="no-estimate">
        <span className={classes.icon} aria-hidden="true">
          <IconInfoCircle size={20} />
        </span>
        <div>
          <h2 id="no-estimate-title">No estimate</h2>
          <p>{why?.explanation ?? "The evidence is too thin for a number."}</p>
          {answer.category_name && (
            <p className={classes.category}>
              Looked for in {answer.category_name}
              {answer.category_guessed && ", guessed from the title"}.
            </p>
          )}
          {candidates.length > 0 ? (
            <>
              <h3>Which of these is it?</h3>
              <ul className={classes.candidates}>
                {candidates.map(({ category, name, share }) => (
                  <li key={category}>
                    <Button variant="default" onClick={() => onChoose(category)}>
                      {name}
                    </Button>
                    <small>{formatPercent(share)} of the sales like it</small>
                  </li>
                ))}
              </ul>
            </>
          ) : (
            <>
              <h3>What would help</h3>
              <ul className={classes.help}>
                {(why?.would_help ?? []).map((words) => (
                  <li key={words}>{words}</li>
                ))}
              </ul>
            </>
          )}
        </div>
      </section>
      {answer.comps.length > 0 && (
        <Section
          id="comps"
          title="What was looked at"
          hint="None of it was enough. Those left out have the reason beside them."
        >
          <Comps
            comps={answer.comps}
            currency={answer.currency}
            interval={NO_INTERVAL}
            mark={null}
            counts={countWords(answer.comps)}
          />
        </Section>
      )}
    </div>
  );
}
