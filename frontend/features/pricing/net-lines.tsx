import { type MoneyLine, MoneyLines } from "@/components/money-lines";
import { Section } from "@/components/section";
import { formatDate, keepPercents } from "@/lib/format";
import classes from "./net-lines.module.css";
import { netLabel, priceWords } from "./outcomes";
import type { Priced, PriceLine } from "./queries";

/** How many lines a cost adds: what it was, and the profit or loss. */
const COST_LINES = 2;

const asLine = ({ label, detail, amount_cents }: PriceLine): MoneyLine => ({
  label,
  detail,
  cents: amount_cents,
});

/** What is left of the suggested price, line by line, and by which fees. */
export function NetLines({ answer }: { answer: Priced }) {
  const { suggested, currency, fee_schedule: schedule, asked } = answer;
  const lines = suggested.lines.map(asLine);
  const ofCost = asked.cost === null ? [] : lines.slice(-COST_LINES);
  const ofPrice = lines.slice(0, lines.length - ofCost.length);
  const [cost, profit] = ofCost;
  return (
    <Section id="net" title={`What is left of ${priceWords(suggested.price_cents, currency)}`}>
      <MoneyLines
        currency={currency}
        groups={[
          {
            lines: ofPrice,
            sum: { label: netLabel(answer), detail: "", cents: suggested.net_cents },
          },
          ...(cost && profit ? [{ lines: [cost], sum: profit }] : []),
        ]}
      />
      {schedule ? (
        <details className={classes.fees}>
          <summary>
            Fees: {schedule.name}, read {formatDate(schedule.read_on)}
          </summary>
          <p>
            Schedule of {formatDate(schedule.version)}. {keepPercents(schedule.source)}
          </p>
        </details>
      ) : (
        <p className={classes.unknown}>
          The marketplace’s fees for this category are not known, so none are taken off.
        </p>
      )}
    </Section>
  );
}
