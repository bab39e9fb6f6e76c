// One cache of answers per browser tab, a fresh one per request on the server.
import { isServer, MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError } from "./api/client";
import { signInAddress } from "./sign-in-address";

/** A session that ended while its page was open: sign in, and come back to where one was. */
function signInWhenNeeded(error: Error): void {
  if (isServer || !(error instanceof ApiError) || error.code !== "unauthenticated") return;
  const { pathname, search } = window.location;
  if (pathname !== "/login") window.location.assign(signInAddress(pathname + search));
}

function makeQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: signInWhenNeeded }),
    mutationCache: new MutationCache({ onError: signInWhenNeeded }),
    defaultOptions: {
      queries: {
        staleTime: 60_000,
        gcTime: 15 * 60_000,
        // The reader decides when to try again; a list that changes under the pointer is worse than an old one.
        retry: false,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
      },
    },
  });
}

let browserClient: QueryClient | undefined;

export function getQueryClient(): QueryClient {
  if (isServer) return makeQueryClient();
  browserClient ??= makeQueryClient();
  return browserClient;
}
