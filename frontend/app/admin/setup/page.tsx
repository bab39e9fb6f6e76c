import type { Metadata } from "next";
import { fetchSetup } from "@/features/setup/queries";
import { SetupView } from "@/features/setup/setup-view";
import { forFirstView } from "@/lib/first-view";

export const metadata: Metadata = { title: "Set-up" };

export default async function SetupPage() {
  return <SetupView given={await forFirstView(fetchSetup())} />;
}
