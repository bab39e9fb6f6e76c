import type { Metadata } from "next";
import { VerifyView } from "@/features/auth/verify-view";

export const metadata: Metadata = { title: "Confirm your address" };

export default function Page() {
  return <VerifyView />;
}
