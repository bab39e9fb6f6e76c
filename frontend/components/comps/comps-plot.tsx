"use client";
// Price × date: sales that count are filled, those left out are crossed, the price in question is a line,
// the interval a band. Drawn in per cent, so that it needs no measuring and never jumps.
import type { KeyboardEvent } from "react";
import { formatDate, formatMoney } from "@/lib/format";
import classes from "../plots/plot.module.css";
import { niceScale, type Scale, spreadLabels, timeScale } from "../plots/scale";
import { type Comp, compWords, type Interval, type PriceMark } from "./comp";

type Props = {
  comps: Comp[];
  currency: string;
  interval: Interval;
  mark: PriceMark | null;
  active: string | null;
  onActive: (id: string | null) => void;
};

const HEIGHT = 264;
/** Left-out sales farther off than this from all that counts are drawn at the edge. */
const REACH = 0.35;

type Dated = Comp & { soldAt: number };

/** The sales whose day is known, oldest first; the others are in the table only. */
function dated(comps: Comp[]): Dated[] {
  return comps
    .flatMap((comp) => (comp.sold_at ? [{ ...comp, soldAt: Date.parse(comp.sold_at) }] : []))
    .sort((one, other) => one.soldAt - other.soldAt);
}

function priceScale(comps: Comp[], { low_cents, high_cents }: Interval, mark: PriceMark | null): Scale {
  const known = [
    ...comps.filter(({ accepted }) => accepted).map(({ total_cents }) => total_cents),
    ...[low_cents, high_cents, mark?.cents ?? null].filter((cents) => cents !== null),
  ];
  // Without an estimate nothing was used; then all that was looked at is drawn.
  const counted = known.length > 0 ? known : comps.map(({ total_cents }) => total_cents);
  const least = Math.min(...counted);
  const most = Math.max(...counted);
  const reach = (most - least) * REACH;
  const near = comps
    .map(({ total_cents }) => total_cents)
    .filter((cents) => cents >= least - reach && cents <= most + reach);
  return niceScale([...counted, ...near]);
}

export function CompsPlot({ comps: all, currency, interval, mark, active, onActive }: Props) {
  const comps = dated(all);
  const heaviest = Math.max(...comps.map(({ weight }) => weight), Number.MIN_VALUE);
  const y = priceScale(all, interval, mark);
  const x = timeScale(comps.map(({ soldAt }) => soldAt));
  const index = comps.findIndex(({ id }) => id === active);
  const chosen = comps[index];
  const { low_cents: low, high_cents: high, point_cents: likely } = interval;
  const down = (cents: number) => 100 - y.at(cents);

  const labels = [
    ...(mark === null ? [] : [{ key: "cost", cents: mark.cents, name: mark.name }]),
    ...(likely === null ? [] : [{ key: "likely", cents: likely, name: "likely" }]),
  ];
  const places = spreadLabels(
    labels.map(({ cents }) => (down(cents) / 100) * HEIGHT),
    36,
  );

  const step = (event: KeyboardEvent) => {
    const move = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    const last = comps.length - 1;
    const to =
      event.key === "Home"
        ? 0
        : event.key === "End"
          ? last
          : move && (index === -1 ? (move > 0 ? 0 : last) : index + move);
    const next = to === undefined ? undefined : comps[to];
    if (!next) return;
    event.preventDefault();
    onActive(next.id);
  };

  return (
    <figure className={classes.figure}>
      <Legend hasBand={low !== null} mark={mark} />
      <div
        className={classes.plot}
        style={{ height: HEIGHT }}
        role="slider"
        tabIndex={0}
        aria-label="Sales by date; arrow keys go from one to the next"
        aria-valuemin={1}
        aria-valuemax={comps.length}
        aria-valuenow={Math.max(1, index + 1)}
        aria-valuetext={chosen ? compWords(chosen) : `${comps.length} sales; the table below lists them`}
        onKeyDown={step}
        onMouseLeave={() => onActive(null)}
        data-plot="comps"
      >
        <svg width="100%" height={HEIGHT} aria-hidden="true">
          {y.ticks.map((tick) => (
            <line
              key={tick}
              className={classes.grid}
              x1="0"
              x2="100%"
              y1={`${down(tick)}%`}
              y2={`${down(tick)}%`}
            />
          ))}
          {low !== null && high !== null && (
            <rect
              className={classes.band}
              x="0"
              width="100%"
              y={`${down(high)}%`}
              height={`${down(low) - down(high)}%`}
            />
          )}
          {likely !== null && (
            <line
              className={classes.likely}
              x1="0"
              x2="100%"
              y1={`${down(likely)}%`}
              y2={`${down(likely)}%`}
            />
          )}
          {mark !== null && (
            <line
              className={classes.cost}
              x1="0"
              x2="100%"
              y1={`${down(mark.cents)}%`}
              y2={`${down(mark.cents)}%`}
            />
          )}
          {comps.map((comp) => (
            <Mark
              key={comp.id}
              comp={comp}
              share={comp.weight / heaviest}
              x={2 + x.at(comp.soldAt) * 0.96}
              y={down(comp.total_cents)}
              isActive={comp.id === active}
              onEnter={() => onActive(comp.id)}
            />
          ))}
        </svg>
        {y.ticks.map((tick) => (
          <span key={tick} className={classes.yTick} style={{ top: `${down(tick)}%` }} aria-hidden="true">
            {formatMoney(tick, currency, { whole: true })}
          </span>
        ))}
        {labels.map(({ key, cents, name }, place) => (
          <span
            key={key}
            className={classes.mark}
            data-mark={key}
            style={{ top: places[place] }}
            aria-hidden="true"
          >
            <b>{formatMoney(cents, currency)}</b>
            {name}
          </span>
        ))}
      </div>
      <div className={classes.xTicks} aria-hidden="true">
        {x.ticks.map((tick) => (
          <span key={tick}>{formatDate(new Date(tick)).replace(/ \d{4}$/, "")}</span>
        ))}
      </div>
      <figcaption className={classes.readout}>
        {chosen ? (
          <>
            <span className={classes.name}>{chosen.title}</span> {compWords(chosen)}
          </>
        ) : (
          "Point at a sale, or use the arrow keys, to read it here."
        )}
      </figcaption>
    </figure>
  );
}

type MarkProps = { comp: Comp; share: number; x: number; y: number; isActive: boolean; onEnter: () => void };

function Mark({ comp, share, x, y, isActive, onEnter }: MarkProps) {
  const left = `${x}%`;
  const top = `${y}%`;
  return (
    // Only a pointer's convenience; keys and screen readers go through the plot and the table.
    // biome-ignore lint/a11y/noStaticElementInteractions: see the line above
    <g
      className={classes.point}
      data-accepted={comp.accepted}
      data-active={isActive || undefined}
      onMouseEnter={onEnter}
    >
      <circle className={classes.hit} cx={left} cy={top} r={10} />
      {isActive && <circle className={classes.halo} cx={left} cy={top} r={9} />}
      {comp.accepted ? (
        <circle className={classes.sold} cx={left} cy={top} r={3 + 3 * share} />
      ) : (
        <svg x={left} y={top} overflow="visible" aria-hidden="true">
          <path className={classes.cross} d="M-4-4 4 4M-4 4 4-4" />
        </svg>
      )}
    </g>
  );
}

function Legend({ hasBand, mark }: { hasBand: boolean; mark: PriceMark | null }) {
  return (
    <ul className={classes.legend} aria-hidden="true">
      <li>
        <svg width="12" height="12" aria-hidden="true">
          <circle className={classes.sold} cx="6" cy="6" r="4.5" />
        </svg>
        Sold, larger counts more
      </li>
      <li>
        <svg width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">
          <path className={classes.cross} d="M-4-4 4 4M-4 4 4-4" />
        </svg>
        Left out
      </li>
      {hasBand && (
        <li>
          <svg width="16" height="12" aria-hidden="true">
            <rect className={classes.band} width="16" height="12" rx="2" />
            <line className={classes.likely} x2="16" y1="6" y2="6" />
          </svg>
          8 in 10 sell here
        </li>
      )}
      {mark !== null && (
        <li>
          <svg width="16" height="12" aria-hidden="true">
            <line className={classes.cost} x2="16" y1="6" y2="6" />
          </svg>
          {mark.legend}
        </li>
      )}
    </ul>
  );
}
