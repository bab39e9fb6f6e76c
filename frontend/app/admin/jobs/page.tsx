import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { loadJobFilters, withoutEmpty } from "@/features/admin/address";
import { JobsView } from "@/features/admin/jobs-view";
import { fetchJobs } from "@/features/admin/queries";
import { callerHeaders, mayOpen } from "@/features/auth/first-session";
import { NotYours } from "@/features/auth/not-yours";
import { forFirstView } from "@/lib/first-view";

export const metadata: Metadata = { title: "Jobs" };

export default async function JobsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  if ((await mayOpen("/admin/jobs", "admin")) === "not_yours") return <NotYours needs="admin" />;
  const filters = { state: "running" as const, ...withoutEmpty(await loadJobFilters(searchParams)) };
  const first = await forFirstView(fetchJobs(filters, { headers: await callerHeaders() }));
  return <JobsView given={first && { ...first, filters }} />;
}
