import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { firstSession } from "@/features/auth/first-session";
import { SignInView } from "@/features/auth/sign-in-view";
import { ownPath } from "@/lib/sign-in-address";
import "@mantine/core/styles/PasswordInput.layer.css";
import "@mantine/core/styles/ActionIcon.layer.css";

export const metadata: Metadata = { title: "Sign in" };

type Props = { searchParams: Promise<{ next?: string | string[] }> };

export default async function SignIn({ searchParams }: Props) {
  const { next } = await searchParams;
  const back = ownPath(typeof next === "string" ? next : null);
  if ((await firstSession())?.data.user) redirect(back ?? "/deals");
  return <SignInView next={back} />;
}
