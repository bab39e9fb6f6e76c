"use client";
// The app's frame, filled with what the deals know: the demo's ribbon, the sources, the command menu.
import dynamic from "next/dynamic";
import type { ReactNode } from "react";
import { AppShell } from "@/components/app-shell/app-shell";
import type { Given, Marketplace, Page } from "./queries";
import { DemoRibbon, SourceStatus } from "./sources";

const CommandMenu = dynamic(() => import("./command-menu"), { ssr: false });

type Props = { marketplaces: Given<Page<Marketplace>> | null; children: ReactNode };

export function Shell({ marketplaces, children }: Props) {
  return (
    <AppShell
      ribbon={<DemoRibbon given={marketplaces} />}
      status={<SourceStatus given={marketplaces} />}
      renderCommandMenu={(opened) => <CommandMenu opened={opened} />}
    >
      {children}
    </AppShell>
  );
}
