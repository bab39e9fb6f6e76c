import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { loadAuditFilters, withoutEmpty } from "@/features/admin/address";
import { AuditView } from "@/features/admin/audit-view";
import { fetchAudit } from "@/features/admin/queries";
import { callerHeaders, mayOpen } from "@/features/auth/first-session";
import { NotYours } from "@/features/auth/not-yours";
import { forFirstView } from "@/lib/first-view";

export const metadata: Metadata = { title: "Audit log" };

export default async function AuditPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  if ((await mayOpen("/admin/audit", "admin")) === "not_yours") return <NotYours needs="admin" />;
  const filters = withoutEmpty(await loadAuditFilters(searchParams));
  const first = await forFirstView(fetchAudit(filters, { headers: await callerHeaders() }));
  return <AuditView given={first && { ...first, filters }} />;
}
