import type { Metadata } from "next";
import { fetchSources } from "@/features/admin/queries";
import { SourcesView } from "@/features/admin/sources-view";
import { callerHeaders, mayOpen } from "@/features/auth/first-session";
import { NotYours } from "@/features/auth/not-yours";
import { forFirstView } from "@/lib/first-view";

export const metadata: Metadata = { title: "Sources" };

export default async function SourcesPage() {
  if ((await mayOpen("/admin/sources", "admin")) === "not_yours") return <NotYours needs="admin" />;
  return <SourcesView given={await forFirstView(fetchSources(undefined, await callerHeaders()))} />;
}
