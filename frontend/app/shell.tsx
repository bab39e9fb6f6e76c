"use client";
// The app's frame, filled with what its features know: who is signed in, the demo's ribbon, the sources.
import dynamic from "next/dynamic";
import type { ReactNode } from "react";
import { AppShell } from "@/components/app-shell/app-shell";
import { AccountLink, AccountOnPhone } from "@/features/auth/account-link";
import type { GivenSession } from "@/features/auth/queries";
import { SessionProvider, useCurrentSession } from "@/features/auth/session";
import type { Given, Marketplace, Page } from "@/features/deals/queries";
import { DemoRibbon, SourceStatus } from "@/features/deals/sources";

const CommandMenu = dynamic(() => import("@/features/deals/command-menu"), { ssr: false });

type Props = {
  session: GivenSession | null;
  marketplaces: Given<Page<Marketplace>> | null;
  children: ReactNode;
};

export function Shell({ session, ...rest }: Props) {
  return (
    <SessionProvider given={session}>
      <Frame {...rest} />
    </SessionProvider>
  );
}

function Frame({ marketplaces, children }: Omit<Props, "session">) {
  const isAdmin = useCurrentSession()?.user?.roles.includes("admin") ?? false;
  return (
    <AppShell
      isAdmin={isAdmin}
      account={<AccountLink />}
      accountOnPhone={<AccountOnPhone />}
      ribbon={<DemoRibbon given={marketplaces} />}
      status={<SourceStatus given={marketplaces} />}
      renderCommandMenu={(opened) => <CommandMenu opened={opened} isAdmin={isAdmin} />}
    >
      {children}
    </AppShell>
  );
}
