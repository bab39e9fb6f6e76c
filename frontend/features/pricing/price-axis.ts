// Where prices lie from left to right: the whole curve, and as much of what was sold as leaves it room.
import { niceScale, type Scale } from "@/components/plots/scale";
import type { Distribution, PriceOutcome } from "./queries";

/** From a price to its place, in per cent of the width. */
export type At = (cents: number) => number;

/** Sales farther from the curve than this share of its width are drawn at the edge. */
const REACH = 0.4;
const MARGIN = 0.02;

/** From the cheapest to the dearest that is drawn, with round ticks between. */
export function priceAxis(points: PriceOutcome[], distribution: Distribution | null, ticks: number): Scale {
  const least = points[0]?.price_cents ?? 0;
  const most = points.at(-1)?.price_cents ?? least;
  const room = (most - least) * REACH;
  const from = Math.max(least - room, Math.min(least, distribution?.low_cents ?? least));
  const to = Math.min(most + room, Math.max(most, distribution?.high_cents ?? most));
  const margin = (to - from || 1) * MARGIN;
  const low = from - margin;
  const high = to + margin;
  return {
    low,
    high,
    ticks: niceScale([low, high], ticks).ticks.filter((tick) => tick >= low && tick <= high),
    at: (cents) => Math.min(100, Math.max(0, ((cents - low) / (high - low)) * 100)),
  };
}

export type Bar = { low_cents: number; high_cents: number; share: number };

/** The bins of a distribution, each with its share of the whole. */
export function barsOf({ low_cents, high_cents, bins }: Distribution): Bar[] {
  const width = (high_cents - low_cents) / bins.length;
  const whole = bins.reduce((sum, weight) => sum + weight, 0) || 1;
  return bins.map((weight, index) => ({
    low_cents: Math.round(low_cents + width * index),
    high_cents: Math.round(low_cents + width * (index + 1)),
    share: weight / whole,
  }));
}
