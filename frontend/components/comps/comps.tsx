"use client";
// What alike items sold for: the plot and the table tell the same, and point at each other.
import { type ReactNode, useState } from "react";
import type { Comp, Interval, PriceMark } from "./comp";
import classes from "./comps.module.css";
import { CompsPlot } from "./comps-plot";
import { CompsTable } from "./comps-table";

type Props = {
  comps: Comp[];
  currency: string;
  interval: Interval;
  mark: PriceMark | null;
  /** How many were used and left out, in words. */
  counts: ReactNode;
};

export function Comps({ comps, currency, interval, mark, counts }: Props) {
  const [active, setActive] = useState<string | null>(null);
  if (comps.length === 0) {
    return (
      <p className={classes.none}>
        No sale of an alike item is known yet, so there is nothing to draw or to list.
      </p>
    );
  }
  return (
    <>
      {comps.some(({ sold_at }) => sold_at) && (
        <CompsPlot
          comps={comps}
          currency={currency}
          interval={interval}
          mark={mark}
          active={active}
          onActive={setActive}
        />
      )}
      <p className={classes.counts}>{counts}</p>
      <CompsTable comps={comps} active={active} onActive={setActive} />
    </>
  );
}
