import "./mantine.css";
import "./globals.css";
import { ColorSchemeScript, mantineHtmlProps } from "@mantine/core";
import { GeistSans } from "geist/font/sans";
import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { Providers } from "@/components/providers";
import { firstSession } from "@/features/auth/first-session";
import { firstMarketplaces } from "@/features/deals/first-view";
import { Shell } from "./shell";

export const metadata: Metadata = {
  title: { default: "Deal Scout", template: "%s · Deal Scout" },
  description: "Listings valued against what alike items sold for, with the evidence for every number.",
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f8f9f9" },
    { media: "(prefers-color-scheme: dark)", color: "#0c1011" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get("x-nonce") ?? "";
  const [session, marketplaces] = await Promise.all([firstSession(), firstMarketplaces()]);
  return (
    <html lang="en" className={GeistSans.variable} {...mantineHtmlProps}>
      <head>
        <ColorSchemeScript nonce={nonce} defaultColorScheme="auto" />
      </head>
      <body>
        <Providers now={Date.now()} nonce={nonce}>
          <Shell session={session} marketplaces={marketplaces}>
            {children}
          </Shell>
        </Providers>
      </body>
    </html>
  );
}
