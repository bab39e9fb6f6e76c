import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { DealsView } from "@/features/deals/deals-view";
import { firstMarketplaces } from "@/features/deals/first-view";
import { listSections } from "@/features/deals/list-sections";
import { type DealsPage, fetchCategories, fetchDeals, type Given } from "@/features/deals/queries";
import { forFirstView } from "@/lib/first-view";
import { loadDealFilters, tidyFilters } from "@/lib/url-state";

export const metadata: Metadata = { title: "Deals" };

export default async function Deals({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const filters = tidyFilters(await loadDealFilters(searchParams));
  const [marketplaces, categories, all] = await Promise.all([
    firstMarketplaces(),
    forFirstView(fetchCategories()),
    forFirstView(fetchDeals(filters)),
  ]);
  const sections = listSections(marketplaces?.data.items ?? [], filters.marketplace);
  const isOneList = sections.every(({ key }) => key === "");
  const deals: Record<string, Given<DealsPage> | null> = isOneList
    ? { "": all }
    : Object.fromEntries(
        await Promise.all(
          sections.map(async ({ key, filter }) => [
            key,
            await forFirstView(fetchDeals({ ...filters, marketplace: filter })),
          ]),
        ),
      );
  return <DealsView filters={filters} given={{ deals, marketplaces, categories }} />;
}
