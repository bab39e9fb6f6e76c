import { IconExternalLink } from "@tabler/icons-react";
import { MoneyLines } from "@/components/money-lines";
import { Section } from "@/components/section";
import { formatDate, formatPercent, keepPercents } from "@/lib/format";
import type { DealEvidence, Flip as FlipNumbers } from "../queries";
import classes from "./flip.module.css";

const TITLE = "If you sell it again";

/** What buying and selling it again would leave, line by line, with where the fees are from. */
export function Flip({ deal }: { deal: DealEvidence }) {
  const { flip, currency } = deal;
  if (flip === null) {
    return (
      <Section id="flip" title={TITLE} hint="Not computed yet; it comes with the next valuation.">
        {null}
      </Section>
    );
  }
  if (flip.profit_cents === null || flip.schedule === null) {
    return (
      <Section id="flip" title={TITLE} hint={`No profit can be told. ${flip.explanation}`}>
        {null}
      </Section>
    );
  }
  return (
    <Section id="flip" title={TITLE} hint={keepPercents(flip.explanation)}>
      <div className={classes.lines}>
        <MoneyLines
          currency={currency}
          groups={[
            {
              lines: flip.lines,
              sum: {
                label: flip.profit_cents < 0 ? "Loss" : "Profit",
                detail: flip.roi === null ? "" : `${formatPercent(Math.abs(flip.roi))} of what it costs`,
                cents: flip.profit_cents,
              },
            },
          ]}
        />
      </div>
      <Fees schedule={flip.schedule} notCounted={flip.not_counted} />
    </Section>
  );
}

type FeesProps = { schedule: NonNullable<FlipNumbers["schedule"]>; notCounted: string[] };

function Fees({ schedule, notCounted }: FeesProps) {
  return (
    <div className={classes.fees}>
      <p>
        Fees: {schedule.name}, “{schedule.rates}”, in force since {formatDate(schedule.valid_from)}.{" "}
        <a href={schedule.address} target="_blank" rel="noopener noreferrer" title={schedule.source}>
          {schedule.first_hand ? "The marketplace’s page" : "Source"}, read {formatDate(schedule.read_on)}
          <IconExternalLink size={14} aria-hidden />
          <span className="visually-hidden">(opens in a new tab)</span>
        </a>
      </p>
      <details>
        <summary>Where the fees are from, and what is not counted</summary>
        <p>{keepPercents(schedule.source)}</p>
        <ul>
          {notCounted.map((words) => (
            <li key={words}>Not counted: {words}</li>
          ))}
        </ul>
      </details>
    </div>
  );
}
