import type { Metadata } from "next";
import { RegisterView } from "@/features/auth/register-view";
import "@mantine/core/styles/PasswordInput.layer.css";
import "@mantine/core/styles/ActionIcon.layer.css";

export const metadata: Metadata = { title: "Make an account" };

export default function Page() {
  return <RegisterView />;
}
