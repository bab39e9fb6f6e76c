"use client";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import type { ReactNode } from "react";
import { getQueryClient } from "@/lib/query-client";
import { NowProvider } from "./now";
import { cssVariables, theme } from "./theme";

export function Providers({ now, nonce, children }: { now: number; nonce: string; children: ReactNode }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={getQueryClient()}>
        <NuqsAdapter>
          <NowProvider start={now}>{children}</NowProvider>
        </NuqsAdapter>
      </QueryClientProvider>
    </MantineProvider>
  );
}
