import type { Metadata } from "next";
import { PlanView } from "@/features/admin/plan-view";
import { fetchPlan } from "@/features/admin/queries";
import { callerHeaders, mayOpen } from "@/features/auth/first-session";
import { NotYours } from "@/features/auth/not-yours";
import { forFirstView } from "@/lib/first-view";

export const metadata: Metadata = { title: "Scan plan" };

export default async function PlanPage() {
  if ((await mayOpen("/admin/scan-plan", "admin")) === "not_yours") return <NotYours needs="admin" />;
  return <PlanView given={await forFirstView(fetchPlan(undefined, await callerHeaders()))} />;
}
