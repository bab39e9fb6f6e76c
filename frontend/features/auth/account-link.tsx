"use client";
// The foot of the rail: whose page this is, the way to its settings, and out.
import { Button } from "@mantine/core";
import { IconLogin2, IconLogout2, IconUser } from "@tabler/icons-react";
import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";
import { signInAddress } from "@/lib/sign-in-address";
import classes from "./account-link.module.css";
import { useSignOut } from "./queries";
import { useCurrentSession } from "./session";

/** Where signing in leads back to: this page, or nowhere from those that sign in themselves. */
function useSignInAddress(): string {
  const pathname = usePathname();
  const query = useSearchParams().toString();
  if (/^\/(login|register|reset|verify)/.test(pathname)) return "/login";
  return signInAddress(query ? `${pathname}?${query}` : pathname);
}

/** The last place of a phone's bar. */
export function AccountOnPhone() {
  const session = useCurrentSession();
  const pathname = usePathname();
  const address = useSignInAddress();
  if (session?.user)
    return (
      <Link
        href="/settings"
        prefetch={false}
        aria-current={pathname.startsWith("/settings") ? "page" : undefined}
      >
        <IconUser size={20} aria-hidden />
        Account
      </Link>
    );
  return (
    <Link href={address} prefetch={false} aria-current={pathname === "/login" ? "page" : undefined}>
      <IconLogin2 size={20} aria-hidden />
      Sign in
    </Link>
  );
}

/** Signing out as a button of a page. */
export function SignOutButton() {
  const signOut = useSignOut();
  return (
    <Button
      variant="default"
      loading={signOut.isPending || signOut.isSuccess}
      onClick={() => signOut.mutate(undefined, { onSuccess: () => window.location.assign("/deals") })}
    >
      Sign out
    </Button>
  );
}

export function AccountLink() {
  const session = useCurrentSession();
  const signOut = useSignOut();
  const pathname = usePathname();
  const address = useSignInAddress();
  if (session === null) return <div className={classes.account} />;
  if (session.user === null) {
    return (
      <div className={classes.account}>
        <Link
          href={address}
          prefetch={false}
          className={classes.who}
          aria-current={pathname === "/login" ? "page" : undefined}
        >
          <IconLogin2 size={16} aria-hidden />
          Sign in
        </Link>
      </div>
    );
  }
  return (
    <div className={classes.account}>
      <Link
        href="/settings"
        prefetch={false}
        className={classes.who}
        aria-current={pathname.startsWith("/settings") ? "page" : undefined}
        title={session.user.email}
      >
        <IconUser size={16} aria-hidden />
        <span className={classes.name}>{session.user.display_name}</span>
      </Link>
      <button
        type="button"
        className={classes.out}
        aria-label="Sign out"
        title="Sign out"
        disabled={signOut.isPending}
        // A whole new page: nothing of the one before stays in memory.
        onClick={() => signOut.mutate(undefined, { onSuccess: () => window.location.assign("/deals") })}
      >
        <IconLogout2 size={16} aria-hidden />
      </button>
    </div>
  );
}
