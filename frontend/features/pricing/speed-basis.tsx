import { Section } from "@/components/section";
import { formatCount, keepPercents } from "@/lib/format";
import type { Priced } from "./queries";
import classes from "./speed-basis.module.css";

type Speed = Priced["speed"];

const BASES: Record<Speed["basis"], { hint: string; unsold: string }> = {
  turnover: {
    hint: "Known from turnover: what sells in a day against what is for sale.",
    unsold: "Still for sale",
  },
  spells: {
    hint: "Known from watched listings: how long each was for sale, and how it ended.",
    unsold: "Not sold, or not yet",
  },
  none: { hint: "Not known for this category yet.", unsold: "Still for sale" },
};

/** What the days and chances rest on. */
export function SpeedBasis({ speed }: { speed: Speed }) {
  const { hint, unsold } = BASES[speed.basis];
  return (
    <Section id="speed" title="How selling speed is known" hint={hint}>
      <dl className={classes.counts} data-basis={speed.basis}>
        <div>
          <dt>Sold</dt>
          <dd>{formatCount(speed.sold)}</dd>
        </div>
        <div>
          <dt>{unsold}</dt>
          <dd>{formatCount(speed.censored)}</dd>
        </div>
      </dl>
      <p className={classes.explanation}>{keepPercents(speed.explanation)}</p>
    </Section>
  );
}
