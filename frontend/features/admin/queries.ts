// The only caller of the API for the pages of administration.
import {
  type InfiniteData,
  keepPreviousData,
  type QueryKey,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useMemo } from "react";
import { ApiError, deleteJson, getJson, patchJson, postJson } from "@/lib/api/client";
import type {
  AuditEventList,
  Category,
  Job,
  JobList,
  JobRow,
  Page,
  ScanPlan,
  ScanPlanEntry,
  SourceList,
  User,
  UserList,
} from "@/lib/api/types";
import { type AuditFilters, type JobFilters, type UserFilters, withoutEmpty } from "./address";

export type {
  AuditEvent,
  AuditEventList,
  Budget,
  Cycle,
  Job,
  JobList,
  JobRow,
  ScanPlan,
  ScanPlanEntry,
  Source,
  SourceList,
  User,
  UserList,
} from "@/lib/api/types";
export { ApiError };

/** A first answer that the server already has, when it got it, and what it was asked for. */
export type Given<Data, Filters = null> = { data: Data; at: number; filters?: Filters } | null;

type Headers = Record<string, string>;
type Listed<Item> = { items: Item[]; next: string | null };
type From = { cursor?: string | null; signal?: AbortSignal | undefined; headers?: Headers };

const WORK_POLL_MS = 3_000;
const SOURCES_POLL_MS = 15_000;
const PAGE_SIZE = 50;

function page<Data>(path: string, filters: object, { cursor, signal, headers }: From): Promise<Data> {
  return getJson<Data>(path, { ...filters, cursor, limit: PAGE_SIZE }, { signal, headers });
}

export const fetchJobs = (filters: JobFilters, from: From = {}) =>
  page<JobList>("/admin/jobs", filters, from);
export const fetchUsers = (filters: UserFilters, from: From = {}) =>
  page<UserList>("/admin/users", filters, from);
export const fetchAudit = (filters: AuditFilters, from: From = {}) =>
  page<AuditEventList>("/admin/audit", filters, from);
export const fetchSources = (signal?: AbortSignal, headers?: Headers) =>
  getJson<SourceList>("/admin/sources", {}, { signal, headers });
export const fetchPlan = (signal?: AbortSignal, headers?: Headers) =>
  getJson<ScanPlan>("/scan/plan", {}, { signal, headers });

/** A list in pages. Its first page may come with the document, if the document was asked for the same. */
function usePages<Data extends Listed<unknown>, Filters extends object>(
  name: string,
  filters: Filters,
  given: Given<Data, Filters>,
  fetch: (filters: Filters, from: From) => Promise<Data>,
  refetchInterval: number | false = false,
) {
  const asked = withoutEmpty(filters) as Filters;
  const fits = given && JSON.stringify(withoutEmpty(given.filters ?? {})) === JSON.stringify(asked);
  return useInfiniteQuery({
    queryKey: ["admin", name, asked] as QueryKey,
    queryFn: ({ pageParam, signal }) => fetch(asked, { cursor: pageParam, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last: Data) => last.next,
    placeholderData: keepPreviousData,
    refetchInterval,
    refetchOnMount: "always",
    ...(fits && {
      initialData: { pages: [given.data], pageParams: [null] } satisfies InfiniteData<Data, string | null>,
      initialDataUpdatedAt: given.at,
    }),
  });
}

/** Jobs as they go: asked for again every few seconds while the page is looked at. */
export const useJobs = (filters: JobFilters, given: Given<JobList, JobFilters>) =>
  usePages("jobs", filters, given, fetchJobs, WORK_POLL_MS);
export const useUsers = (filters: UserFilters, given: Given<UserList, UserFilters>) =>
  usePages("users", filters, given, fetchUsers);
export const useAudit = (filters: AuditFilters, given: Given<AuditEventList, AuditFilters>) =>
  usePages("audit", filters, given, fetchAudit);

/** The accounts to choose from where one is asked for. */
export function useAccounts() {
  return useQuery({
    queryKey: ["admin", "accounts"],
    queryFn: ({ signal }) => getJson<UserList>("/admin/users", { limit: 100 }, { signal }),
  });
}

export function useSources(given: Given<SourceList>) {
  return useQuery({
    queryKey: ["admin", "sources"],
    queryFn: ({ signal }) => fetchSources(signal),
    refetchInterval: SOURCES_POLL_MS,
    ...(given && { initialData: given.data, initialDataUpdatedAt: given.at }),
  });
}

export function useRetryJob() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => postJson<JobRow>(`/admin/jobs/${id}/retry`, undefined),
    onSettled: () => client.invalidateQueries({ queryKey: ["admin", "jobs"] }),
  });
}

export type Task = "scan" | "recompute-comps";

/** Queue work; gives the job's id, under which `useJob` follows it. */
export function useStartTask() {
  return useMutation({
    mutationFn: async (task: Task) =>
      (await postJson<{ job: { id: string } }>(`/tasks/${task}`, undefined)).job.id,
  });
}

export const hasEnded = (job: { state: string } | undefined) =>
  job !== undefined && job.state !== "queued" && job.state !== "running";

/** A job on its way, until it ends; what it changed is then read again. */
export function useJob(id: string | null) {
  const client = useQueryClient();
  return useQuery({
    queryKey: ["admin", "job", id],
    queryFn: async ({ signal }) => {
      const job = await getJson<Job>(`/jobs/${id}`, {}, { signal });
      if (hasEnded(job)) await client.invalidateQueries({ queryKey: ["admin", "sources"] });
      return job;
    },
    enabled: id !== null,
    staleTime: 0,
    refetchInterval: ({ state }) => (hasEnded(state.data) ? false : WORK_POLL_MS / 2),
  });
}

export type UserChange = { user: User; roles?: User["roles"]; disabled?: boolean };

const USERS = ["admin", "users"] as const;

/** Change an account; it is shown changed at once, and as it was when the change is refused. */
export function useChangeUser() {
  const client = useQueryClient();
  const put = (id: string, changed: (user: User) => User) =>
    client.setQueriesData<InfiniteData<UserList>>(
      { queryKey: USERS },
      (list) =>
        list && {
          ...list,
          pages: list.pages.map((each) => ({
            ...each,
            items: each.items.map((user) => (user.id === id ? changed(user) : user)),
          })),
        },
    );
  return useMutation({
    mutationFn: ({ user, ...change }: UserChange) => patchJson<User>(`/admin/users/${user.id}`, change),
    onMutate: async ({ user, roles, disabled }) => {
      await client.cancelQueries({ queryKey: USERS });
      put(user.id, (shown) => ({
        ...shown,
        ...(roles && { roles }),
        ...(disabled !== undefined && { disabled_at: disabled ? new Date().toISOString() : null }),
      }));
    },
    onError: (_, { user }) => {
      put(user.id, () => user);
      // Another change may have been on its way meanwhile: the list says what holds.
      return client.invalidateQueries({ queryKey: USERS });
    },
    onSuccess: (stored) => put(stored.id, () => stored),
  });
}

/** The names of the categories that have deals, by their ids. */
export function useCategoryNames(): Map<string, string> {
  const { data } = useQuery({
    queryKey: ["categories"],
    queryFn: ({ signal }) => getJson<Page<Category>>("/categories", {}, { signal }),
  });
  return useMemo(() => new Map(data?.items.map(({ id, name }) => [id, name])), [data]);
}

export type NewEntry = { query: string; category_id: string; priority: number; enabled?: boolean };

const PLAN = ["admin", "plan"] as const;

export function usePlan(given: Given<ScanPlan>) {
  return useQuery({
    queryKey: PLAN,
    queryFn: ({ signal }) => fetchPlan(signal),
    refetchInterval: SOURCES_POLL_MS,
    ...(given && { initialData: given.data, initialDataUpdatedAt: given.at }),
  });
}

export function useAddEntry() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (entry: NewEntry) => postJson<ScanPlanEntry>("/scan/plan", entry),
    onSuccess: () => client.invalidateQueries({ queryKey: PLAN }),
  });
}

export type EntryChange = { entry: ScanPlanEntry; priority?: number; enabled?: boolean };

/** Change an entry, shown at once; the order of the list follows when the API has it. */
export function useChangeEntry() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ entry, ...change }: EntryChange) =>
      patchJson<ScanPlanEntry>(`/scan/plan/${entry.id}`, change),
    onMutate: async ({ entry, ...change }) => {
      await client.cancelQueries({ queryKey: PLAN });
      const before = client.getQueryData<ScanPlan>(PLAN);
      client.setQueryData<ScanPlan>(
        PLAN,
        (plan) =>
          plan && {
            ...plan,
            items: plan.items.map((each) => (each.id === entry.id ? { ...each, ...change } : each)),
          },
      );
      return before;
    },
    onError: (_error, _change, before) => client.setQueryData(PLAN, before),
    onSettled: () => client.invalidateQueries({ queryKey: PLAN }),
  });
}

export function useDeleteEntry() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (entry: ScanPlanEntry) => deleteJson(`/scan/plan/${entry.id}`),
    onMutate: async (entry) => {
      await client.cancelQueries({ queryKey: PLAN });
      const before = client.getQueryData<ScanPlan>(PLAN);
      client.setQueryData<ScanPlan>(
        PLAN,
        (plan) => plan && { ...plan, items: plan.items.filter(({ id }) => id !== entry.id) },
      );
      return before;
    },
    onError: (_error, _entry, before) => client.setQueryData(PLAN, before),
    onSettled: () => client.invalidateQueries({ queryKey: PLAN }),
  });
}

/** The events of all pages that are loaded, as one list. */
export const itemsOf = <Item>(data: { pages: Listed<Item>[] } | undefined): Item[] =>
  data?.pages.flatMap(({ items }) => items) ?? [];
