import type { Metadata } from "next";
import { ThemeChoice } from "@/components/app-shell/theme-choice";
import { SignOutButton } from "@/features/auth/account-link";
import { firstSession, mayOpen } from "@/features/auth/first-session";
import { SettingsView } from "@/features/settings/settings-view";
import "@mantine/core/styles/PasswordInput.layer.css";
import "@mantine/core/styles/ActionIcon.layer.css";

export const metadata: Metadata = { title: "Settings" };

export default async function Settings() {
  await mayOpen("/settings", null);
  const needed = (await firstSession())?.data.second_factor_needed ?? false;
  return (
    <SettingsView secondFactorNeeded={needed} appearance={<ThemeChoice />} signOut={<SignOutButton />} />
  );
}
