import type { Metadata } from "next";
import { callerHeaders, mayOpen } from "@/features/auth/first-session";
import { NotYours } from "@/features/auth/not-yours";
import { fetchSetup } from "@/features/setup/queries";
import { SetupView } from "@/features/setup/setup-view";
import { forFirstView } from "@/lib/first-view";

export const metadata: Metadata = { title: "Set-up" };

export default async function SetupPage() {
  if ((await mayOpen("/admin/setup", "admin")) === "not_yours") return <NotYours needs="admin" />;
  return <SetupView given={await forFirstView(fetchSetup(undefined, await callerHeaders()))} />;
}
