import section from "@/components/section.module.css";
import { formatMoney, formatMoneyRange, formatPercent, formatSignedMoney, keepPercents } from "@/lib/format";
import { CONDITION_WORDS } from "@/lib/words";
import { daysWords, netLabel, priceWords } from "./outcomes";
import type { Priced } from "./queries";
import classes from "./suggestion.module.css";

/** Under this, the range says more than the point. As on the deals' pages. */
const LOW_CONFIDENCE = 0.5;

/** The price to ask with its reason, then the numbers that it stands on: the range first. */
export function Suggestion({ answer }: { answer: Priced }) {
  const { currency, estimate, suggested, confidence } = answer;
  const { title } = answer.asked;
  const thin = confidence !== null && confidence < LOW_CONFIDENCE;
  const used = answer.comps.filter(({ accepted }) => accepted).length;
  const profit = profitLine(answer);
  return (
    <section className={section.section} aria-labelledby="suggestion-title" data-section="suggestion">
      <h2 id="suggestion-title" className={classes.title}>
        {title}
      </h2>
      <p className={classes.about}>
        {CONDITION_WORDS[answer.condition]} · {answer.category_name}
        {answer.category_guessed && ", guessed from the title"}
      </p>
      <p className={classes.ask} data-thin={thin || undefined}>
        Ask <strong data-cents={suggested.price_cents}>{priceWords(suggested.price_cents, currency)}</strong>{" "}
        <span>with shipping</span>
      </p>
      <p className={classes.reason}>{keepPercents(suggested.reason)}</p>
      {thin && (
        <p className={classes.thin}>
          Thin evidence: {used} {used === 1 ? "sale" : "sales"} in use. Read the range, not the point.
        </p>
      )}
      <dl className={classes.figures}>
        <div>
          <dt>8 in 10 sell for</dt>
          <dd>{formatMoneyRange(estimate.low_cents, estimate.high_cents, currency)}</dd>
        </div>
        <div>
          <dt>Likely</dt>
          <dd>{formatMoney(estimate.point_cents, currency, { whole: true })}</dd>
        </div>
        <div>
          <dt>{netLabel(answer)}</dt>
          <dd>{formatMoney(suggested.net_cents, currency)}</dd>
        </div>
        {profit && (
          <div>
            <dt>{profit.label}</dt>
            <dd>{formatSignedMoney(profit.amount_cents, currency)}</dd>
          </div>
        )}
        <div>
          <dt>Half sell within</dt>
          <dd>{daysWords(suggested)}</dd>
        </div>
        <div>
          <dt>Confidence</dt>
          <dd>{confidence === null ? "None" : formatPercent(confidence)}</dd>
        </div>
      </dl>
      <p className="visually-hidden" role="status">
        Ask {priceWords(suggested.price_cents, currency)} for {title}
      </p>
    </section>
  );
}

/** With a cost, the API's last line is the profit, or the loss. */
function profitLine({ asked, suggested }: Priced) {
  return asked.cost === null ? null : (suggested.lines.at(-1) ?? null);
}
