import type { Metadata } from "next";
import { ResetView } from "@/features/auth/reset-view";
import "@mantine/core/styles/PasswordInput.layer.css";
import "@mantine/core/styles/ActionIcon.layer.css";

export const metadata: Metadata = { title: "Forgot the password?" };

export default function Page() {
  return <ResetView />;
}
