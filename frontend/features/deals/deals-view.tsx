"use client";
// The list page: filters from the address, one section per source where sources may not be mixed.
import { useQueryStates } from "nuqs";
import { useCallback, useEffect } from "react";
import { useShortcuts } from "@/components/app-shell/use-shortcuts";
import { type DealFilters, dealParsers, NO_FILTERS, tidyFilters } from "@/lib/url-state";
import { DealSection } from "./deal-section";
import classes from "./deals-view.module.css";
import { FilterBar } from "./filters/filter-bar";
import { takeOpened } from "./list-memory";
import { listSections } from "./list-sections";
import {
  type Category,
  type DealsPage,
  type Given,
  type Marketplace,
  type Page,
  useCategories,
  useMarketplaces,
} from "./queries";
import { DegradedNotice, PricingNotice } from "./sources";

type Props = {
  filters: DealFilters;
  given: {
    /** By marketplace id; "" for the one list that holds all. */
    deals: Record<string, Given<DealsPage> | null>;
    marketplaces: Given<Page<Marketplace>> | null;
    categories: Given<Page<Category>> | null;
  };
};

const links = () => Array.from(document.querySelectorAll<HTMLAnchorElement>("[data-deal-link]"));

function moveFocus(step: 1 | -1): void {
  const all = links();
  const current = all.indexOf(document.activeElement as HTMLAnchorElement);
  const next = all[current === -1 ? (step === 1 ? 0 : all.length - 1) : current + step];
  next?.focus({ preventScroll: true });
  next?.closest("article")?.scrollIntoView({ block: "nearest" });
}

export function DealsView({ filters: filtersGiven, given }: Props) {
  const [state, setState] = useQueryStates(dealParsers, { history: "push", clearOnDefault: true });
  const filters = tidyFilters(state);
  const marketplaces = useMarketplaces(given.marketplaces).data?.items ?? [];
  const categories = useCategories(given.categories).data?.items ?? [];
  const sections = listSections(marketplaces, filters.marketplace);
  const isGiven = JSON.stringify(filters) === JSON.stringify(tidyFilters(filtersGiven));

  const change = useCallback((patch: Partial<DealFilters>) => void setState(patch), [setState]);
  const clear = useCallback(() => change({ ...NO_FILTERS, sort: filters.sort }), [change, filters.sort]);

  useEffect(() => {
    const opened = takeOpened();
    if (opened)
      document.querySelector<HTMLElement>(`[data-deal-link="${opened}"]`)?.focus({ preventScroll: true });
  }, []);

  useShortcuts({
    j: () => moveFocus(1),
    k: () => moveFocus(-1),
    "/": () => document.getElementById("deal-search")?.focus(),
    Escape: () => (document.activeElement as HTMLElement | null)?.blur(),
  });

  return (
    <>
      <h1 className={classes.title}>Deals</h1>
      <FilterBar filters={filters} categories={categories} onChange={change} onClear={clear} />
      <DegradedNotice marketplaces={marketplaces} />
      <PricingNotice marketplaces={marketplaces} />
      {sections.map(({ key, source, filter }, index) => (
        <DealSection
          key={key}
          filters={{ ...filters, marketplace: filter }}
          given={isGiven ? (given.deals[key] ?? null) : null}
          marketplaces={marketplaces}
          source={source}
          first={index === 0}
          onClear={clear}
        />
      ))}
    </>
  );
}
