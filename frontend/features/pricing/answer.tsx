// An answer with a price, from the price down to the version of the formula.
import { Comps } from "@/components/comps/comps";
import { PointParts } from "@/components/point-parts";
import { Section } from "@/components/section";
import { formatMoneyRange } from "@/lib/format";
import classes from "./answer.module.css";
import { countWords } from "./comps-words";
import { Method } from "./method";
import { NetLines } from "./net-lines";
import { PriceSpeed } from "./price-speed";
import type { Priced } from "./queries";
import { SpeedBasis } from "./speed-basis";
import { Suggestion } from "./suggestion";

export function Answer({ answer }: { answer: Priced }) {
  const { estimate, suggested, currency, comps } = answer;
  return (
    <div className={classes.answer}>
      <div className={classes.main}>
        <Suggestion answer={answer} />
        <PriceSpeed key={suggested.price_cents} answer={answer} />
      </div>
      <div className={classes.side}>
        <NetLines answer={answer} />
        <SpeedBasis speed={answer.speed} />
      </div>
      <div className={classes.wide}>
        <Section
          id="comps"
          title="What alike items sold for"
          hint="Totals with shipping. The range and the likely price come from those that were used."
        >
          <Comps
            comps={comps}
            currency={currency}
            interval={estimate}
            mark={{ cents: suggested.price_cents, name: "suggested", legend: "Suggested price" }}
            counts={`${countWords(comps)}; 8 in 10 between ${formatMoneyRange(estimate.low_cents, estimate.high_cents, currency)}`}
          />
        </Section>
        <PointParts
          parts={estimate.parts}
          currency={currency}
          used={comps.filter(({ accepted }) => accepted).length}
          asked={comps.some(({ kind }) => kind === "asking")}
        />
        <Method answer={answer} />
      </div>
    </div>
  );
}
