// The only caller of the API for one's own account.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError, deleteJson, faultOf, getBlob, getJson, patchJson, postJson } from "@/lib/api/client";
import type {
  ApiKeyList,
  ApiKeyMade,
  MailSent,
  Me,
  OwnSessionList,
  RecoveryCodes,
  SecondFactorBegun,
} from "@/lib/api/types";

export type { ApiKey, ApiKeyMade, Me, OwnSession, SecondFactorBegun } from "@/lib/api/types";
export { ApiError, faultOf };

export type Scope = "read" | "buyer" | "seller" | "admin:tasks" | "metrics";

const ACCOUNT = ["account"] as const;
const SESSIONS = ["account", "sessions"] as const;
const KEYS = ["account", "keys"] as const;

export const useAccount = () =>
  useQuery({ queryKey: ACCOUNT, queryFn: ({ signal }) => getJson<Me>("/account", {}, { signal }) });

export function useRename() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (display_name: string) => patchJson<Me>("/account", { display_name }),
    onSuccess: (me) => {
      client.setQueryData(ACCOUNT, me);
      return client.invalidateQueries({ queryKey: ["session"] });
    },
  });
}

export const useChangeEmail = () =>
  useMutation({
    mutationFn: (change: { email: string; current_password: string }) =>
      postJson<MailSent>("/account/email", change),
  });

export const useChangePassword = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: { current_password: string; password: string }) =>
      postJson<void>("/account/password", change),
    onSuccess: () => client.invalidateQueries({ queryKey: SESSIONS }),
  });
};

export const useBeginSecondFactor = () =>
  useMutation({
    mutationFn: (current_password: string) =>
      postJson<SecondFactorBegun>("/account/second-factor", { current_password }),
  });

export function useConfirmSecondFactor() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => postJson<RecoveryCodes>("/account/second-factor/confirm", { code }),
    // Not waited for, here and below: the form is gone once the account says that the factor is on or off.
    onSuccess: () => {
      client.invalidateQueries({ queryKey: ACCOUNT });
    },
  });
}

export function useRemoveSecondFactor() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (proof: { current_password: string; code: string }) =>
      postJson<void>("/account/second-factor/remove", proof),
    onSuccess: () => {
      client.invalidateQueries({ queryKey: ACCOUNT });
    },
  });
}

export const useSessions = () =>
  useQuery({
    queryKey: SESSIONS,
    queryFn: ({ signal }) => getJson<OwnSessionList>("/account/sessions", {}, { signal }),
  });

/** Sign another browser out, or with null every other one. */
export function useEndSession() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string | null) => deleteJson(id ? `/account/sessions/${id}` : "/account/sessions"),
    onSettled: () => client.invalidateQueries({ queryKey: SESSIONS }),
  });
}

export const useKeys = () =>
  useQuery({
    queryKey: KEYS,
    queryFn: ({ signal }) => getJson<ApiKeyList>("/account/keys", {}, { signal }),
  });

export type NewKey = { name: string; scopes: Scope[]; expires_in_days: number };

export function useMakeKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (key: NewKey) => postJson<ApiKeyMade>("/account/keys", key),
    onSuccess: () => client.invalidateQueries({ queryKey: KEYS }),
  });
}

export function useRotateKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => postJson<ApiKeyMade>(`/account/keys/${id}/rotate`, { overlap_hours: 24 }),
    onSuccess: () => client.invalidateQueries({ queryKey: KEYS }),
  });
}

export function useRevokeKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => deleteJson(`/account/keys/${id}`),
    onSettled: () => client.invalidateQueries({ queryKey: KEYS }),
  });
}

export const useExport = () => useMutation({ mutationFn: () => getBlob("/account/export") });

export const useDeleteAccount = () =>
  useMutation({
    mutationFn: (current_password: string) => postJson<void>("/account/delete", { current_password }),
  });
