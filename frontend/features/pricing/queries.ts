// The only caller of the API for prices to ask: the question, its answer, and the categories to choose from.
import { useQuery } from "@tanstack/react-query";
import { getJson, postJson } from "@/lib/api/client";
import type { Category, Page, PriceSuggestion as Suggested } from "@/lib/api/types";
import type { Question } from "@/lib/pricing-address";

export type { Category, Distribution, Page, PriceLine, PriceOutcome } from "@/lib/api/types";

/** An answer, with the question that it answers. */
export type PriceSuggestion = Suggested & { asked: Question };

/** An answer that has a price; the rest of them say why there is none. */
export type Priced = PriceSuggestion & {
  estimate: NonNullable<PriceSuggestion["estimate"]>;
  suggested: NonNullable<PriceSuggestion["suggested"]>;
};

export function isPriced(answer: PriceSuggestion): answer is Priced {
  return answer.estimate !== null && answer.suggested !== null;
}

/** A first answer that the server already has, and when it got it. */
export type Given<T> = { data: T; at: number };

const STALE_MS = 5 * 60_000;
/** The first question about a category reads its whole market. */
const ANSWER_DEADLINE_MS = 30_000;

export async function fetchSuggestion(
  asked: Question,
  signal?: AbortSignal,
  headers?: Record<string, string>,
): Promise<PriceSuggestion> {
  const wait = { signal, headers, deadlineMs: ANSWER_DEADLINE_MS };
  return { ...(await postJson<Suggested>("/seller/pricing/suggest", asked, wait)), asked };
}

export function fetchCategories(signal?: AbortSignal): Promise<Page<Category>> {
  return getJson("/categories", {}, { signal });
}

/** The answer to a question. While another goal for the same thing is asked for, the old answer stays. */
export function useSuggestion(question: Question | null, given: Given<PriceSuggestion> | null) {
  return useQuery<PriceSuggestion, Error, PriceSuggestion, readonly [string, Question | null]>({
    queryKey: ["pricing", question] as const,
    queryFn: ({ signal }) => {
      if (question === null) throw new Error("There is no question to ask.");
      return fetchSuggestion(question, signal);
    },
    enabled: question !== null,
    staleTime: STALE_MS,
    placeholderData: (before, query) => (query?.queryKey[1]?.title === question?.title ? before : undefined),
    ...(given && { initialData: given.data, initialDataUpdatedAt: given.at }),
  });
}

export function useCategories(given: Given<Page<Category>> | null) {
  return useQuery({
    queryKey: ["categories"],
    queryFn: ({ signal }) => fetchCategories(signal),
    staleTime: STALE_MS,
    ...(given && { initialData: given.data, initialDataUpdatedAt: given.at }),
  });
}
