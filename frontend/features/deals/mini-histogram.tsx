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
  const centsPerBin = (high - low) / bins.length;
  // A cost outside of what was sold widens the drawing, up to half of its width; past that it is at the edge.
  const room = high - low;
  const from = Math.max(low - room, Math.min(low, totalCents ?? low));
  const to = Math.min(high + room, Math.max(high, totalCents ?? high));
  const at = (cents: number) => ((cents - from) / Math.max(1, to - from)) * WIDTH;
  const step = at(low + centsPerBin) - at(low);
  const mark = totalCents === null ? null : Math.min(WIDTH - 2, Math.max(2, at(totalCents)));
  return (
    <svg className={classes.histogram} width={WIDTH} height={HEIGHT + 6} aria-hidden="true">
      <line className={classes.axis} x2={WIDTH} y1={HEIGHT + 0.5} y2={HEIGHT + 0.5} />
      {bins.map((weight, index) => {
        const middle = low + centsPerBin * (index + 0.5);
        const height = weight > 0 ? Math.max(2, (weight / tallest) * HEIGHT) : 1;
        return (
          <rect
            // The bins have no identity but their place.
            // biome-ignore lint/suspicious/noArrayIndexKey: a fixed row of twelve
            key={index}
            className={middle >= intervalLow && middle <= intervalHigh ? classes.inside : classes.outside}
            x={at(low) + index * step + GAP / 2}
            y={HEIGHT - height}
            width={Math.max(1, step - GAP)}
            height={height}
            rx={1}
          />
        );
      })}
      {mark !== null && (
        <>
          <line className={classes.mark} x1={mark} x2={mark} y1={0} y2={HEIGHT + 1} />
          <path className={classes.foot} d={`M${mark - 4} ${HEIGHT + 6}h8l-4-5z`} />
        </>
      )}
    </svg>
  );
}
