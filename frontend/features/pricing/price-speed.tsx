"use client";
// Price against worth and speed, one above the other on the same axis, with one handle through all of them.
// The handle stops only at prices that the API sent: every number under it is the API's own.
import { useState } from "react";
import { Section } from "@/components/section";
import { formatMoney, formatSignedMoney } from "@/lib/format";
import { chanceWords, choosable, daysWords, nearest, netLabel, priceWords } from "./outcomes";
import { PricePanels } from "./price-panels";
import classes from "./price-speed.module.css";
import { PriceSpeedTables } from "./price-speed-tables";
import type { Priced, PriceOutcome } from "./queries";

export function PriceSpeed({ answer }: { answer: Priced }) {
  const points = choosable(answer);
  const suggestedAt = nearest(points, answer.suggested.price_cents);
  const [at, setAt] = useState(suggestedAt);
  const index = Math.min(at, points.length - 1);
  const chosen = points[index];
  if (!chosen) return null;
  const isKnown = chosen.p_sold_30d !== null;
  return (
    <Section
      id="curve"
      title="Price against speed"
      hint={
        isKnown
          ? "Move the price: a higher one leaves more and sells later."
          : "Move the price to see what it leaves. How fast such things sell is not known."
      }
    >
      <PricePanels answer={answer} points={points} index={index} onChoose={setAt} />
      <Readout answer={answer} chosen={chosen} />
      <p className={classes.back}>
        {index === suggestedAt ? (
          "This is the suggested price."
        ) : (
          <button type="button" onClick={() => setAt(suggestedAt)}>
            Back to the suggested {priceWords(answer.suggested.price_cents, answer.currency)}
          </button>
        )}
      </p>
      <PriceSpeedTables answer={answer} points={points} />
    </Section>
  );
}

function Readout({ answer, chosen }: { answer: Priced; chosen: PriceOutcome }) {
  const { currency } = answer;
  const money = chosen.net_cents < 0 ? formatSignedMoney : formatMoney;
  return (
    <dl className={classes.readout} data-price={chosen.price_cents}>
      <div>
        <dt>At</dt>
        <dd>{formatMoney(chosen.price_cents, currency)}</dd>
      </div>
      <div>
        <dt>{netLabel(answer)}</dt>
        <dd>{money(chosen.net_cents, currency)}</dd>
      </div>
      <div>
        <dt>Half sell within</dt>
        <dd>{daysWords(chosen)}</dd>
      </div>
      <div>
        <dt>Sold in 7 days</dt>
        <dd>{chanceWords(chosen.p_sold_7d)}</dd>
      </div>
      <div>
        <dt>In 14 days</dt>
        <dd>{chanceWords(chosen.p_sold_14d)}</dd>
      </div>
      <div>
        <dt>In 30 days</dt>
        <dd>{chanceWords(chosen.p_sold_30d)}</dd>
      </div>
    </dl>
  );
}
