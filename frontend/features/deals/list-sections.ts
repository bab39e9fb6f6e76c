// Which lists the page holds. Sources whose terms forbid mixing get a ranked list of their own each.
import type { Marketplace } from "./queries";

export type ListSection = {
  key: string;
  /** Named in the heading; null when the list holds several sources. */
  source: Marketplace | null;
  /** The marketplace to ask for; null asks for all. */
  filter: string | null;
};

export function listSections(marketplaces: Marketplace[], chosen: string | null): ListSection[] {
  if (chosen) {
    return [{ key: "", source: marketplaces.find(({ id }) => id === chosen) ?? null, filter: chosen }];
  }
  const filled = marketplaces.filter(({ live_listings }) => live_listings > 0);
  if (filled.length <= 1 || filled.every(({ mixable }) => mixable)) {
    const only = filled.length === 1 ? filled[0] : marketplaces.length === 1 ? marketplaces[0] : null;
    return [{ key: "", source: only ?? null, filter: null }];
  }
  return filled.map((source) => ({ key: source.id, source, filter: source.id }));
}
