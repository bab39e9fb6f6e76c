"use client";
import { useState } from "react";
import { formatMoney, formatShare, formatSignedMoney } from "@/lib/format";
import { chanceWords, daysWords, netLabel } from "./outcomes";
import { barsOf } from "./price-axis";
import classes from "./price-speed.module.css";
import type { Priced, PriceOutcome } from "./queries";

/** What the drawings show, as tables: every price that can be chosen, and every bar. */
export function PriceSpeedTables({ answer, points }: { answer: Priced; points: PriceOutcome[] }) {
  const [open, setOpen] = useState(false);
  const { currency, distribution, suggested } = answer;
  const money = (cents: number) => (cents < 0 ? formatSignedMoney : formatMoney)(cents, currency);
  return (
    <details className={classes.tables} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>The same as tables</summary>
      {/* A wide table scrolls inside its box; the box takes the focus so that keys can scroll it. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see the line above */}
      <section className={classes.scroll} tabIndex={0} aria-label="Price against speed, as a table">
        <table className={classes.table} data-table="price-speed">
          <caption className="visually-hidden">What every price leads to</caption>
          <thead>
            <tr>
              <th scope="col">Price</th>
              <th scope="col">{netLabel(answer)}</th>
              <th scope="col">Half sell within</th>
              <th scope="col">7 days</th>
              <th scope="col">14 days</th>
              <th scope="col">30 days</th>
            </tr>
          </thead>
          <tbody>
            {points.map((point) => (
              <tr
                key={point.price_cents}
                data-suggested={point.price_cents === suggested.price_cents || undefined}
              >
                <th scope="row">
                  {money(point.price_cents)}
                  {point.price_cents === suggested.price_cents && " suggested"}
                </th>
                <td>{money(point.net_cents)}</td>
                <td>{daysWords(point)}</td>
                <td>{chanceWords(point.p_sold_7d)}</td>
                <td>{chanceWords(point.p_sold_14d)}</td>
                <td>{chanceWords(point.p_sold_30d)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {distribution && (
        <table className={classes.table} data-table="distribution">
          <caption>What alike things sold for</caption>
          <thead>
            <tr>
              <th scope="col">From and to</th>
              <th scope="col">Share, weighted</th>
            </tr>
          </thead>
          <tbody>
            {barsOf(distribution).map(({ low_cents, high_cents, share }) => (
              <tr key={low_cents}>
                <th scope="row">
                  {money(low_cents)} to {money(high_cents)}
                </th>
                <td>{formatShare(share)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}
