"use client";
import { useState } from "react";
import classes from "@/components/plots/plot.module.css";
import { niceScale, timeScale } from "@/components/plots/scale";
import { Section } from "@/components/section";
import { formatDate, formatDateTime, formatMoney } from "@/lib/format";
import type { PricePoint } from "../queries";
import history from "./price-history.module.css";

const HEIGHT = 148;

/** `until`: when the last price was still seen, so that its step has a length. */
type Props = { points: PricePoint[]; currency: string; until: string };

/** The price as steps through time, with a table that says the same. */
export function PriceHistory({ points, currency, until }: Props) {
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last) return null;
  if (points.length === 1) {
    return (
      <Section
        id="history"
        title="Price history"
        hint={`${formatMoney(first.price_cents, currency)} since it was first seen on ${formatDate(first.observed_at)}. The price has not changed.`}
      >
        {null}
      </Section>
    );
  }
  return (
    <Section
      id="history"
      title="Price history"
      hint={`From ${formatMoney(first.price_cents, currency)} on ${formatDate(first.observed_at)} to ${formatMoney(last.price_cents, currency)} now, without shipping.`}
    >
      <Steps points={points} currency={currency} until={until} />
      <HistoryTable points={points} currency={currency} />
    </Section>
  );
}

function Steps({ points, currency, until }: Props) {
  const y = niceScale(
    points.map(({ price_cents }) => price_cents),
    3,
  );
  const x = timeScale(
    [...points.map(({ observed_at }) => observed_at), until].map((moment) => Date.parse(moment)),
    3,
  );
  const placed = points.map((point) => ({
    point,
    left: 1 + x.at(Date.parse(point.observed_at)) * 0.98,
    top: 100 - y.at(point.price_cents),
  }));
  const last = placed.at(-1);
  return (
    <div className={classes.figure} aria-hidden="true">
      <div className={classes.plot} style={{ height: HEIGHT }}>
        <svg width="100%" height={HEIGHT}>
          <title>Price history</title>
          {y.ticks.map((tick) => (
            <line
              key={tick}
              className={classes.grid}
              x1="0"
              x2="100%"
              y1={`${100 - y.at(tick)}%`}
              y2={`${100 - y.at(tick)}%`}
            />
          ))}
          {placed.slice(1).map(({ point, left, top }, index) => {
            const before = placed[index];
            if (!before) return null;
            return (
              <g key={point.observed_at}>
                <line
                  className={classes.step}
                  x1={`${before.left}%`}
                  x2={`${left}%`}
                  y1={`${before.top}%`}
                  y2={`${before.top}%`}
                />
                <line
                  className={classes.step}
                  x1={`${left}%`}
                  x2={`${left}%`}
                  y1={`${before.top}%`}
                  y2={`${top}%`}
                />
              </g>
            );
          })}
          {last && (
            <line
              className={classes.step}
              x1={`${last.left}%`}
              x2={`${1 + x.at(Date.parse(until)) * 0.98}%`}
              y1={`${last.top}%`}
              y2={`${last.top}%`}
            />
          )}
          {placed.map(({ point, left, top }) => (
            <circle key={point.observed_at} className={classes.dot} cx={`${left}%`} cy={`${top}%`} r={5} />
          ))}
        </svg>
        {y.ticks.map((tick) => (
          <span key={tick} className={classes.yTick} style={{ top: `${100 - y.at(tick)}%` }}>
            {formatMoney(tick, currency, { whole: true })}
          </span>
        ))}
        <span className={classes.mark} style={{ top: `${last?.top ?? 0}%` }}>
          <b>{formatMoney(points.at(-1)?.price_cents ?? 0, currency)}</b>
          now
        </span>
      </div>
      <div className={classes.xTicks}>
        {x.ticks.map((tick) => (
          <span key={tick}>{formatDate(new Date(tick)).replace(/ \d{4}$/, "")}</span>
        ))}
      </div>
    </div>
  );
}

function HistoryTable({ points, currency }: { points: PricePoint[]; currency: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details className={history.details} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>The same as a table</summary>
      <table className={history.table} data-table="history">
        <thead>
          <tr>
            <th scope="col">Seen</th>
            <th scope="col">Price</th>
            <th scope="col">Shipping</th>
          </tr>
        </thead>
        <tbody>
          {points.map((point) => (
            <tr key={point.observed_at}>
              <td>{formatDateTime(point.observed_at, "UTC")}</td>
              <td>{formatMoney(point.price_cents, currency)}</td>
              <td>
                {point.shipping_cents === null
                  ? "unknown"
                  : point.shipping_cents === 0
                    ? "free"
                    : formatMoney(point.shipping_cents, currency)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
