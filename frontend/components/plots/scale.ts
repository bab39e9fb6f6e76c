// Scales for the plots: pure arithmetic over prices and moments, in per cent of the drawing.

export type Scale = { low: number; high: number; ticks: number[]; at: (value: number) => number };

/** A scale from 0 to 100 % with round ticks, a little wider than the values. */
export function niceScale(values: number[], wanted = 4): Scale {
  const least = Math.min(...values);
  const most = Math.max(...values);
  const spread = most - least || Math.abs(most) * 0.2 || 1;
  const rough = (spread * 1.16) / wanted;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * magnitude >= rough) ?? 10) * magnitude;
  const low = Math.max(0, Math.floor((least - spread * 0.08) / step) * step);
  const high = Math.ceil((most + spread * 0.08) / step) * step;
  const ticks = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, index) => low + index * step);
  return { low, high, ticks, at: (value) => clamp(((value - low) / (high - low)) * 100) };
}

export function timeScale(moments: number[], count = 4): Scale {
  const low = Math.min(...moments);
  const high = Math.max(...moments, low + 1);
  const ticks = Array.from({ length: count }, (_, index) => low + ((high - low) * index) / (count - 1));
  return { low, high, ticks, at: (value) => clamp(((value - low) / (high - low)) * 100) };
}

const clamp = (percent: number) => Math.min(100, Math.max(0, percent));

/**
 * Pushes labels apart so that none lies on another, each as little as can be; keeps their order.
 * Labels that touch form a run around the middle of their wishes (pool adjacent violators).
 * Positions and gap in the same unit.
 */
export function spreadLabels(positions: number[], gap: number): number[] {
  const order = positions
    .map((position, index) => ({ position, index }))
    .sort((a, b) => a.position - b.position);
  const runs: { start: number; sum: number; count: number }[] = [];
  order.forEach(({ position }, rank) => {
    let run = { start: rank, sum: position - rank * gap, count: 1 };
    for (let last = runs.at(-1); last && last.sum / last.count > run.sum / run.count; last = runs.at(-1)) {
      runs.pop();
      run = { start: last.start, sum: last.sum + run.sum, count: last.count + run.count };
    }
    runs.push(run);
  });
  const spread: number[] = [];
  for (const { start, sum, count } of runs)
    for (let rank = start; rank < start + count; rank += 1) {
      const label = order[rank];
      if (label) spread[label.index] = sum / count + rank * gap;
    }
  return spread;
}
