import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { loadUserFilters, withoutEmpty } from "@/features/admin/address";
import { fetchUsers } from "@/features/admin/queries";
import { UsersView } from "@/features/admin/users-view";
import { callerHeaders, mayOpen } from "@/features/auth/first-session";
import { NotYours } from "@/features/auth/not-yours";
import { forFirstView } from "@/lib/first-view";

export const metadata: Metadata = { title: "Users" };

export default async function UsersPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  if ((await mayOpen("/admin/users", "admin")) === "not_yours") return <NotYours needs="admin" />;
  const filters = withoutEmpty(await loadUserFilters(searchParams));
  const first = await forFirstView(fetchUsers(filters, { headers: await callerHeaders() }));
  return <UsersView given={first && { ...first, filters }} />;
}
