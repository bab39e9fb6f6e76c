import type { PriceSuggestion } from "./queries";

/** "24 used, 6 of those left out are listed": the API sends the nearest of those that it left out. */
export function countWords(comps: PriceSuggestion["comps"]): string {
  const used = comps.filter(({ accepted }) => accepted).length;
  const left = comps.length - used;
  return left === 0 ? `${used} used` : `${used} used, ${left} of those left out shown`;
}
