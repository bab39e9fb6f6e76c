"use client";
// What every page of administration stands in: the way to the others, and the word when more is needed to enter.
import { IconShieldLock } from "@tabler/icons-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { type ReactNode, useEffect, useRef } from "react";
import { Notice } from "@/components/notice";
import { useCurrentSession } from "../auth/session";
import classes from "./admin.module.css";

export const ADMIN_PAGES = [
  { href: "/admin/sources", label: "Sources" },
  { href: "/admin/scan-plan", label: "Scan plan" },
  { href: "/admin/jobs", label: "Jobs" },
  { href: "/admin/users", label: "Users" },
  { href: "/admin/audit", label: "Audit log" },
  { href: "/admin/setup", label: "Set-up" },
];

export function AdminFrame({ children }: { children: ReactNode }) {
  const pathname = usePathname();
  const session = useCurrentSession();
  const isAdmin = session?.user?.roles.includes("admin") ?? false;
  const bar = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page has another place in the bar
  useEffect(() => {
    // Where the bar is wider than the screen, this page's place in it is seen.
    const here = bar.current?.querySelector<HTMLElement>("[aria-current]");
    if (bar.current && here) bar.current.scrollLeft = here.offsetLeft - bar.current.offsetLeft - 64;
  }, [pathname]);
  if (!isAdmin) return children;
  return (
    <>
      <nav ref={bar} className={classes.tabs} aria-label="Administration">
        {ADMIN_PAGES.map(({ href, label }) => (
          <Link key={href} href={href} prefetch={false} aria-current={pathname === href ? "page" : undefined}>
            {label}
          </Link>
        ))}
      </nav>
      {session?.second_factor_needed && !session.second_factor ? <SecondFactorNeeded /> : children}
    </>
  );
}

export function SecondFactorNeeded() {
  return (
    <Notice
      icon={<IconShieldLock size={20} />}
      title="Administering takes a second factor here"
      heading="h1"
      action={
        <Link href="/settings" className="button-primary" prefetch={false}>
          Set one up in Settings
        </Link>
      }
    >
      <p>
        An administrator’s password alone opens nothing. Add an authenticator app to your account, or sign in
        again with its code if you have one.
      </p>
    </Notice>
  );
}

export function PageHead({
  title,
  lead,
  children,
}: {
  title: string;
  lead: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className={classes.head}>
      <div>
        <h1>{title}</h1>
        <p className={classes.lead}>{lead}</p>
      </div>
      {children && <div className={classes.actions}>{children}</div>}
    </div>
  );
}
