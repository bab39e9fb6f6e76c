// What the server asks for while it renders a page: each question once per request, never waited for long.
import { cache } from "react";
import { forFirstView } from "@/lib/first-view";
import { type DealEvidence, fetchDeal, fetchMarketplaces, type Given, isGone } from "./queries";

export const firstMarketplaces = cache(() => forFirstView(fetchMarketplaces()));

export type FirstDeal = { given: Given<DealEvidence> | null; isMissing: boolean };

/** The deal for the first view; `isMissing` only when the API said so in time. */
export const firstDeal = cache(async (id: string): Promise<FirstDeal> => {
  let isMissing = false;
  const answer = fetchDeal(id).catch((error: unknown) => {
    isMissing = isGone(error);
    throw error;
  });
  return { given: await forFirstView(answer), isMissing };
});
