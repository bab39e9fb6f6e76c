"use client";
// The marketplaces as the shell and the list tell of them: simulated, healthy, behind.
import { IconAlertTriangle, IconFlask, IconInfoCircle } from "@tabler/icons-react";
import Link from "next/link";
import { RelativeTime } from "@/components/relative-time";
import { formatCount } from "@/lib/format";
import { type Given, type Marketplace, type Page, useMarketplaces } from "./queries";
import classes from "./sources.module.css";

type GivenSources = { given: Given<Page<Marketplace>> | null };

export function DemoRibbon({ given }: GivenSources) {
  const { data } = useMarketplaces(given);
  if (!data?.items.some((marketplace) => marketplace.simulated)) return null;
  return (
    <aside className={classes.ribbon} aria-label="Demo">
      <IconFlask size={16} aria-hidden />
      <span>
        <strong>Demo marketplace.</strong> Everything here is simulated.
      </span>
    </aside>
  );
}

const STATE_WORDS: Record<Marketplace["state"], string> = {
  healthy: "Up to date",
  degraded: "Behind",
  starting: "First scan running",
};

export function SourceStatus({ given }: GivenSources) {
  const { data } = useMarketplaces(given);
  if (!data || data.items.length === 0) return null;
  return (
    <ul className={classes.status} aria-label="Sources">
      {data.items.map((marketplace) => (
        <li key={marketplace.id}>
          <span className={classes.dot} data-state={marketplace.state} aria-hidden="true" />
          <span>
            <strong>{marketplace.name}</strong> · {STATE_WORDS[marketplace.state]}
            <br />
            {formatCount(marketplace.live_listings)} live listings
          </span>
        </li>
      ))}
    </ul>
  );
}

export function DegradedNotice({ marketplaces }: { marketplaces: Marketplace[] }) {
  const behind = marketplaces.filter((marketplace) => marketplace.state === "degraded");
  return behind.map((marketplace) => (
    <div key={marketplace.id} className={classes.degraded} role="status">
      <IconAlertTriangle size={16} aria-hidden />
      <p>
        <strong>{marketplace.name} is not answering as it should.</strong>{" "}
        {marketplace.reason ?? "Scans fail."}{" "}
        {marketplace.last_scan_at ? (
          <>
            The deals below are from the last good scan (<RelativeTime at={marketplace.last_scan_at} />
            ). Scanning goes on by itself.
          </>
        ) : (
          "Scanning goes on by itself."
        )}
      </p>
    </div>
  ));
}

/** Why listings of a marketplace have no values from its own prices, and where to read about it. */
export function PricingNotice({ marketplaces }: { marketplaces: Marketplace[] }) {
  const kept = marketplaces.filter((marketplace) => !marketplace.pricing_permitted);
  return kept.map((marketplace) => (
    <div key={marketplace.id} className={classes.notPermitted}>
      <IconInfoCircle size={16} aria-hidden />
      <p>
        <strong>{marketplace.name}’s prices feed no values here.</strong> Its licence asks for written
        permission first, so values come from own and imported sales only.{" "}
        <Link href="/admin/setup" prefetch={false}>
          See the set-up
        </Link>
      </p>
    </div>
  ));
}
