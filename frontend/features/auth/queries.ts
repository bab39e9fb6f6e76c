// The only caller of the API for signing in and out, and for who is signed in here.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError, faultOf, getJson, postJson, setPageToken } from "@/lib/api/client";
import type { MailSent, Session } from "@/lib/api/types";

export type { Me, Session } from "@/lib/api/types";
export { ApiError, faultOf };

export type Role = "buyer" | "seller" | "admin";

/** A first answer that the server already has, and when it got it. */
export type GivenSession = { data: Session; at: number };

const SESSION = ["session"] as const;

export async function fetchSession(signal?: AbortSignal, headers?: Record<string, string>): Promise<Session> {
  const session = await getJson<Session>("/auth/session", {}, { signal, headers });
  if (typeof window !== "undefined") setPageToken(session.csrf_token);
  return session;
}

/** Who is signed in here. The page's token follows it, so that changes can be sent. */
export function useSession(given: GivenSession | null) {
  if (given && typeof window !== "undefined") keepFirstToken(given.data);
  return useQuery({
    queryKey: SESSION,
    queryFn: ({ signal }) => fetchSession(signal),
    ...(given && { initialData: given.data, initialDataUpdatedAt: given.at }),
  });
}

let firstKept = false;

function keepFirstToken(session: Session): void {
  if (firstKept) return;
  firstKept = true;
  setPageToken(session.csrf_token);
}

export type Credentials = { email: string; password: string; code?: string };

/** Sign in; what was read before belonged to somebody else, or to nobody. */
export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (credentials: Credentials) => postJson<Session>("/auth/login", credentials),
    onSuccess: (session) => {
      setPageToken(session.csrf_token);
      client.clear();
      client.setQueryData(SESSION, session);
    },
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => postJson<void>("/auth/logout", undefined),
    onSuccess: () => {
      setPageToken(null);
      client.clear();
    },
  });
}

export type Registration = { email: string; password: string; display_name: string; roles: Role[] };

export function useRegister() {
  return useMutation({
    mutationFn: (registration: Registration) => postJson<MailSent>("/auth/register", registration),
  });
}

export function useVerify() {
  return useMutation({ mutationFn: (token: string) => postJson<void>("/auth/verify", { token }) });
}

export function useResetRequest() {
  return useMutation({
    mutationFn: (email: string) => postJson<MailSent>("/auth/reset-request", { email }),
  });
}

export function useReset() {
  return useMutation({
    mutationFn: (reset: { token: string; password: string }) => postJson<void>("/auth/reset", reset),
  });
}
