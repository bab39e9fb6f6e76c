// The only caller of the API for deals: what the pages may ask for, and the types they get.
import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ApiError, getJson } from "@/lib/api/client";
import type { Category, Deal, DealEvidence, Marketplace, Page } from "@/lib/api/types";
import { countFilters, type DealFilters, listedSince, tidyFilters } from "@/lib/url-state";

export type {
  Category,
  Comp,
  Deal,
  DealEvidence,
  Distribution,
  Flip,
  Marketplace,
  NoScoreReason,
  Page,
  PricePoint,
  RiskCode,
  ScorePart,
} from "@/lib/api/types";
export { ApiError };

export const PAGE_SIZE = 24;
const LIST_STALE_MS = 5 * 60_000;
const EMPTY_LIST_REFETCH_MS = 5_000;

/** Where a page begins. `since` stays what it was on page one, or the cursor would not fit its filters. */
type PageStart = { cursor: string | null; since: string | null };
export type DealsPage = Page<Deal> & { since: string | null };
type DealsData = InfiniteData<DealsPage, PageStart | null>;

export async function fetchDeals(
  filters: DealFilters,
  start: PageStart | null = null,
  signal?: AbortSignal,
): Promise<DealsPage> {
  const { listed, ...rest } = tidyFilters(filters);
  const since = start ? start.since : listedSince(listed, Date.now());
  const query = { ...rest, listed_since: since, cursor: start?.cursor, limit: PAGE_SIZE };
  return { ...(await getJson<Page<Deal>>("/buyer/deals", query, { signal })), since };
}

export function fetchDeal(id: string, signal?: AbortSignal): Promise<DealEvidence> {
  return getJson<DealEvidence>(`/buyer/deals/${encodeURIComponent(id)}`, {}, { signal });
}

/** 404: no such deal. 422: not an address that a deal could have. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 422);
}

export function fetchMarketplaces(signal?: AbortSignal): Promise<Page<Marketplace>> {
  return getJson<Page<Marketplace>>("/marketplaces", {}, { signal });
}

export function fetchCategories(signal?: AbortSignal): Promise<Page<Category>> {
  return getJson<Page<Category>>("/categories", {}, { signal });
}

/** A first answer that the server already has, and when it got it. */
export type Given<T> = { data: T; at: number };

export function useDeals(filters: DealFilters, given: Given<DealsPage> | null) {
  return useInfiniteQuery({
    queryKey: ["deals", tidyFilters(filters)],
    queryFn: ({ pageParam, signal }) => fetchDeals(filters, pageParam, signal),
    initialPageParam: null as PageStart | null,
    getNextPageParam: (last: DealsPage): PageStart | null =>
      last.next ? { cursor: last.next, since: last.since } : null,
    placeholderData: keepPreviousData,
    staleTime: LIST_STALE_MS,
    // Before the first scan is through, the list fills by itself.
    refetchInterval: ({ state }) =>
      countFilters(filters) === 0 && state.data?.pages[0]?.items.length === 0 ? EMPTY_LIST_REFETCH_MS : false,
    ...(given && {
      initialData: { pages: [given.data], pageParams: [null] } satisfies DealsData,
      initialDataUpdatedAt: given.at,
    }),
  });
}

export function useDeal(id: string, given: Given<DealEvidence> | null) {
  return useQuery({
    queryKey: ["deal", id],
    queryFn: ({ signal }) => fetchDeal(id, signal),
    ...(given && { initialData: given.data, initialDataUpdatedAt: given.at }),
  });
}

export function useMarketplaces(given: Given<Page<Marketplace>> | null) {
  return useQuery({
    queryKey: ["marketplaces"],
    queryFn: ({ signal }) => fetchMarketplaces(signal),
    refetchInterval: 60_000,
    ...(given && { initialData: given.data, initialDataUpdatedAt: given.at }),
  });
}

export function useCategories(given: Given<Page<Category>> | null) {
  return useQuery({
    queryKey: ["categories"],
    queryFn: ({ signal }) => fetchCategories(signal),
    staleTime: LIST_STALE_MS,
    ...(given && { initialData: given.data, initialDataUpdatedAt: given.at }),
  });
}
