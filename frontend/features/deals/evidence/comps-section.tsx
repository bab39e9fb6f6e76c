"use client";
// What alike items sold for: the plot and the table tell the same, and point at each other.
import { useState } from "react";
import { formatMoneyRange } from "@/lib/format";
import type { DealEvidence } from "../queries";
import { CompsPlot } from "./comps-plot";
import classes from "./comps-section.module.css";
import { CompsTable } from "./comps-table";
import { Section } from "./section";

export function CompsSection({ deal }: { deal: DealEvidence }) {
  const [active, setActive] = useState<string | null>(null);
  const { estimate, comps } = deal;
  const asked = comps.some(({ kind }) => kind === "asking");
  const isCut = comps.length < estimate.used + estimate.rejected;
  return (
    <Section
      id="comps"
      title={asked ? "What alike items are offered for" : "What alike items sold for"}
      hint={estimate.explanation}
    >
      {comps.length === 0 ? (
        <p className={classes.none}>
          No sale of an alike item is known yet, so there is nothing to draw or to list.
        </p>
      ) : (
        <>
          {comps.some(({ sold_at }) => sold_at) && (
            <CompsPlot deal={deal} active={active} onActive={setActive} />
          )}
          <p className={classes.counts}>
            {estimate.used} used, {estimate.rejected} left out{isCut && `, the nearest ${comps.length} shown`}
            {estimate.low_cents !== null && estimate.high_cents !== null && (
              <>
                ; 8 in 10 between {formatMoneyRange(estimate.low_cents, estimate.high_cents, deal.currency)}
              </>
            )}
          </p>
          <CompsTable comps={comps} active={active} onActive={setActive} />
        </>
      )}
    </Section>
  );
}
