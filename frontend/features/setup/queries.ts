// The only caller of the API for the set-up page.
import { useQuery } from "@tanstack/react-query";
import { ApiError, getJson } from "@/lib/api/client";
import type { Setup } from "@/lib/api/types";

export type { Setup };
export { ApiError };

/** A first answer that the server already has, and when it got it. */
export type GivenSetup = { data: Setup; at: number };

export function fetchSetup(signal?: AbortSignal, headers?: Record<string, string>): Promise<Setup> {
  return getJson<Setup>("/setup", {}, { signal, headers });
}

export function useSetup(given: GivenSetup | null) {
  return useQuery({
    queryKey: ["setup"],
    queryFn: ({ signal }) => fetchSetup(signal),
    ...(given && { initialData: given.data, initialDataUpdatedAt: given.at }),
  });
}
