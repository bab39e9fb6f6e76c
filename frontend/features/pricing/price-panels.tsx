"use client";
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { formatMoney } from "@/lib/format";
import { nearest, outcomeWords } from "./outcomes";
import { Chances, Days, Worth } from "./panels";
import { type At, priceAxis } from "./price-axis";
import classes from "./price-panels.module.css";
import type { Priced, PriceOutcome } from "./queries";

const TICKS = 6;
const LEAP = 5;

type Props = {
  answer: Priced;
  points: PriceOutcome[];
  index: number;
  onChoose: (index: number) => void;
};

export function PricePanels({ answer, points, index, onChoose }: Props) {
  const plot = useRef<HTMLDivElement>(null);
  const thumb = useRef<HTMLDivElement>(null);
  const { currency, distribution, estimate, suggested } = answer;
  const x = priceAxis(points, distribution, TICKS);
  const chosen = points[index];
  if (!chosen) return null;
  const left = x.at(chosen.price_cents);
  const isKnown = chosen.p_sold_30d !== null;
  const last = points.length - 1;

  const chooseAt = (event: PointerEvent) => {
    const box = plot.current?.getBoundingClientRect();
    if (!box || box.width === 0) return;
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    onChoose(nearest(points, x.low + share * (x.high - x.low)));
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    // A finger on the plots may be about to scroll the page; it chooses once it moves sideways, or lifts.
    const isOnTrack = (event.target as Element).closest("[data-track]") !== null;
    if (event.pointerType !== "touch" || isOnTrack) chooseAt(event);
    thumb.current?.focus({ preventScroll: true });
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) chooseAt(event);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = {
      ArrowRight: index + 1,
      ArrowUp: index + 1,
      ArrowLeft: index - 1,
      ArrowDown: index - 1,
      PageUp: index + LEAP,
      PageDown: index - LEAP,
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    onChoose(Math.min(last, Math.max(0, to)));
  };

  return (
    <div className={classes.figure}>
      <div
        ref={plot}
        className={classes.plot}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={(event) => event.pointerType === "touch" && chooseAt(event)}
        data-plot="price-speed"
      >
        <div aria-hidden="true">
          <Worth answer={answer} at={x.at} />
          {isKnown && <Chances points={points} at={x.at} chosen={chosen} />}
          {isKnown && <Days points={points} at={x.at} chosen={chosen} />}
          <span className={classes.line} style={{ left: `${left}%` }} />
        </div>
        <div className={classes.track} data-track>
          <span
            className={classes.rail}
            style={between(x.at, points[0]?.price_cents ?? 0, points[last]?.price_cents ?? 0)}
          />
          <span className={classes.inside} style={between(x.at, estimate.low_cents, estimate.high_cents)} />
          <span className={classes.suggested} style={{ left: `${x.at(suggested.price_cents)}%` }} />
          <div
            ref={thumb}
            className={classes.thumb}
            style={{ left: `${left}%` }}
            role="slider"
            tabIndex={0}
            aria-label="Price to ask"
            aria-valuemin={(points[0]?.price_cents ?? 0) / 100}
            aria-valuemax={(points[last]?.price_cents ?? 0) / 100}
            aria-valuenow={chosen.price_cents / 100}
            aria-valuetext={outcomeWords(chosen, answer)}
            onKeyDown={onKeyDown}
          />
        </div>
        <div className={classes.xTicks} aria-hidden="true">
          {x.ticks.map((tick) => (
            <span key={tick} style={{ left: `${x.at(tick)}%` }}>
              {formatMoney(tick, currency, { whole: true })}
            </span>
          ))}
        </div>
      </div>
    </div>
  );
}

const between = (at: At, low: number, high: number) => ({
  left: `${at(low)}%`,
  width: `${at(high) - at(low)}%`,
});
