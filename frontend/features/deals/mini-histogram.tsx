import classes from "./mini-histogram.module.css";
import type { Distribution } from "./queries";

type Props = {
  distribution: Distribution;
  totalCents: number | null;
  intervalLow: number;
  intervalHigh: number;
};

const WIDTH = 108;
const HEIGHT = 28;
const GAP = 1.5;

/** What alike items sold for, in twelve bars, with this one's cost as a mark. Said in words beside it. */
export function MiniHistogram({ distribution, totalCents, intervalLow, intervalHigh }: Props) {
  const { low_cents: low, high_cents: high, bins } = distribution;
  const tallest = Math.max(...bins, Number.MIN_VALUE);
  const step = WIDTH / bins.length;
  const centsPerBin = (high - low) / bins.length;
  const at = (cents: number) =>
    Math.min(WIDTH - 2, Math.max(2, ((cents - low) / Math.max(1, high - low)) * WIDTH));
  return (
    <svg className={classes.histogram} width={WIDTH} height={HEIGHT + 6} aria-hidden="true">
      {bins.map((weight, index) => {
        const middle = low + centsPerBin * (index + 0.5);
        const height = weight > 0 ? Math.max(2, (weight / tallest) * HEIGHT) : 1;
        return (
          <rect
            // The bins have no identity but their place.
            // biome-ignore lint/suspicious/noArrayIndexKey: a fixed row of twelve
            key={index}
            className={middle >= intervalLow && middle <= intervalHigh ? classes.inside : classes.outside}
            x={index * step + GAP / 2}
            y={HEIGHT - height}
            width={step - GAP}
            height={height}
            rx={1}
          />
        );
      })}
      {totalCents !== null && (
        <>
          <line className={classes.mark} x1={at(totalCents)} x2={at(totalCents)} y1={0} y2={HEIGHT + 1} />
          <path className={classes.foot} d={`M${at(totalCents) - 4} ${HEIGHT + 6}h8l-4-5z`} />
        </>
      )}
    </svg>
  );
}
