// The drawings over the price axis. The table under them says the same in words.
import { spreadLabels } from "@/components/plots/scale";
import { chanceWords, daysWords } from "./outcomes";
import { type At, barsOf } from "./price-axis";
import classes from "./price-panels.module.css";
import type { Priced, PriceOutcome } from "./queries";

const WORTH_HEIGHT = 72;
const CHANCE_HEIGHT = 176;
const DAYS_HEIGHT = 88;

const CHANCES = [
  { key: "p_sold_30d", name: "30 days" },
  { key: "p_sold_14d", name: "14 days" },
  { key: "p_sold_7d", name: "7 days" },
] as const;

/** The sales that were used, as bars, and the interval behind them. */
export function Worth({ answer: { distribution, estimate }, at }: { answer: Priced; at: At }) {
  const bars = distribution ? barsOf(distribution) : [];
  const tallest = Math.max(...bars.map(({ share }) => share), Number.MIN_VALUE);
  return (
    <div className={classes.panel}>
      <p className={classes.caption}>What alike things sold for</p>
      <div className={classes.drawing}>
        <svg width="100%" height={WORTH_HEIGHT} aria-hidden="true">
          <rect
            className={classes.band}
            x={`${at(estimate.low_cents)}%`}
            width={`${at(estimate.high_cents) - at(estimate.low_cents)}%`}
            height="100%"
          />
          {bars.map(({ low_cents, high_cents, share }) => {
            const height = share > 0 ? Math.max(3, (share / tallest) * 96) : 0;
            return (
              <rect
                key={low_cents}
                className={classes.bar}
                x={`${at(low_cents) + 0.15}%`}
                width={`${Math.max(0, at(high_cents) - at(low_cents) - 0.3)}%`}
                y={`${100 - height}%`}
                height={`${height}%`}
                rx={1}
              />
            );
          })}
          <line className={classes.base} x2="100%" y1="100%" y2="100%" />
        </svg>
        <span className={classes.name} style={{ top: "50%" }}>
          8 in 10
        </span>
      </div>
    </div>
  );
}

type PanelProps = { points: PriceOutcome[]; at: At; chosen: PriceOutcome };

export function Chances({ points, at, chosen }: PanelProps) {
  const down = (chance: number) => 100 - chance * 100;
  const end = points.at(-1);
  const ends = CHANCES.map(({ key }) => down(end?.[key] ?? 0));
  const places = spreadLabels(
    ends.map((top) => (top / 100) * CHANCE_HEIGHT),
    18,
  );
  return (
    <div className={classes.panel}>
      <p className={classes.caption}>Chance to be sold within</p>
      <div className={classes.drawing}>
        <svg width="100%" height={CHANCE_HEIGHT} aria-hidden="true">
          {[0, 0.5, 1].map((tick) => (
            <line
              key={tick}
              className={tick === 0 ? classes.base : classes.grid}
              x2="100%"
              y1={`${down(tick)}%`}
              y2={`${down(tick)}%`}
            />
          ))}
          {CHANCES.map(({ key }) => (
            <g key={key} data-chance={key}>
              <Curve steps={points.map((point) => [at(point.price_cents), down(point[key] ?? 0)])} />
              <circle
                className={classes.dot}
                cx={`${at(chosen.price_cents)}%`}
                cy={`${down(chosen[key] ?? 0)}%`}
                r={4}
              />
            </g>
          ))}
        </svg>
        {[0, 0.5, 1].map((tick) => (
          <span key={tick} className={classes.yTick} style={{ top: `${down(tick)}%` }}>
            {chanceWords(tick)}
          </span>
        ))}
        {CHANCES.map(({ key, name }, place) => (
          <span key={key} className={classes.name} data-chance={key} style={{ top: places[place] }}>
            {name}
          </span>
        ))}
      </div>
    </div>
  );
}

export function Days({ points, at, chosen }: PanelProps) {
  const known = points.filter(({ median_days }) => median_days !== null);
  const most = Math.max(...known.map(({ median_days }) => median_days ?? 0), 1);
  const down = (days: number) => 100 - (days / most) * 92;
  const end = known.at(-1);
  return (
    <div className={classes.panel}>
      <p className={classes.caption}>Days until half are sold</p>
      <div className={classes.drawing}>
        <svg width="100%" height={DAYS_HEIGHT} aria-hidden="true">
          <line className={classes.grid} x2="100%" y1={`${down(most)}%`} y2={`${down(most)}%`} />
          <line className={classes.base} x2="100%" y1="100%" y2="100%" />
          <g data-chance="days">
            <Curve steps={known.map((point) => [at(point.price_cents), down(point.median_days ?? 0)])} />
            {chosen.median_days !== null && (
              <circle
                className={classes.dot}
                cx={`${at(chosen.price_cents)}%`}
                cy={`${down(chosen.median_days)}%`}
                r={4}
              />
            )}
          </g>
        </svg>
        <span className={classes.yTick} style={{ top: `${down(most)}%` }}>
          {Math.round(most)}
        </span>
        <span className={classes.yTick} style={{ top: "100%" }}>
          0
        </span>
        {end && (
          <span className={classes.name} style={{ top: `${down(end.median_days ?? 0)}%` }}>
            {daysWords(end).replace("about ", "")}
          </span>
        )}
      </div>
    </div>
  );
}

/** A line through places in per cent: segments in a group, for a path takes no per cent. */
function Curve({ steps }: { steps: [number, number][] }) {
  return (
    <g className={classes.curve}>
      {steps.slice(1).map(([x, y], index) => {
        const [fromX, fromY] = steps[index] ?? [x, y];
        return <line key={x} x1={`${fromX}%`} x2={`${x}%`} y1={`${fromY}%`} y2={`${y}%`} />;
      })}
    </g>
  );
}
