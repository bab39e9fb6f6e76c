"use client";
// One ranked list of deals with its four states: loading, empty, failed, full.
import { Button } from "@mantine/core";
import { IconCloudOff, IconSearchOff } from "@tabler/icons-react";
import { FailureWords, Notice, RetryButton } from "@/components/notice";
import { RelativeTime } from "@/components/relative-time";
import { formatTotal } from "@/lib/format";
import { countFilters, type DealFilters } from "@/lib/url-state";
import { DealCard } from "./deal-card";
import classes from "./deal-section.module.css";
import { DealGridSkeleton } from "./deal-skeleton";
import { type DealsPage, type Given, type Marketplace, useDeals } from "./queries";

type Props = {
  filters: DealFilters;
  given: Given<DealsPage> | null;
  marketplaces: Marketplace[];
  /** The source that this list is of; null when it may hold several. */
  source: Marketplace | null;
  /** The first of several sections carries the photos that are seen first. */
  first: boolean;
  onClear: () => void;
};

const EAGER_PHOTOS = 4;

export function DealSection({ filters, given, marketplaces, source, first, onClear }: Props) {
  const list = useDeals(filters, given);
  const pages = list.data?.pages ?? [];
  const deals = pages.flatMap((page) => page.items);
  const total = pages[0]?.total ?? 0;
  const nameOf = (id: string) => marketplaces.find((marketplace) => marketplace.id === id)?.name ?? id;
  const headingId = `source-${source?.id ?? "all"}`;

  return (
    <section className={classes.section} aria-labelledby={headingId}>
      <div className={classes.head}>
        <h2 id={headingId}>{source?.name ?? "All sources"}</h2>
        <p aria-live="polite">
          {list.isPending && "Loading deals"}
          {list.isSuccess && `${formatTotal(total)} ${total === 1 ? "listing" : "listings"}`}
          {list.isSuccess && source?.last_scan_at && (
            <>
              {" · updated "}
              <RelativeTime at={source.last_scan_at} />
            </>
          )}
        </p>
      </div>

      {list.isPending && <DealGridSkeleton />}

      {list.isError && deals.length === 0 && (
        <Notice
          alert
          icon={<IconCloudOff size={24} stroke={1.5} />}
          title="The deals did not load"
          action={<RetryButton onRetry={() => list.refetch()} busy={list.isFetching} />}
        >
          <FailureWords error={list.error} safe="Your filters are kept in the address." />
        </Notice>
      )}

      {list.isSuccess && deals.length === 0 && <Empty filters={filters} source={source} onClear={onClear} />}

      {deals.length > 0 && (
        <>
          <ul
            className={classes.grid}
            aria-busy={list.isPlaceholderData}
            data-old={list.isPlaceholderData || undefined}
          >
            {deals.map((deal, index) => (
              <li key={deal.id}>
                <DealCard
                  deal={deal}
                  sourceName={nameOf(deal.marketplace)}
                  eager={first && index < EAGER_PHOTOS}
                />
              </li>
            ))}
          </ul>
          <div className={classes.more}>
            {list.isFetchNextPageError && (
              <p role="alert" className={classes.moreError}>
                {list.error.message} The deals above are still good.
              </p>
            )}
            {list.hasNextPage && (
              <Button
                variant="default"
                onClick={() => list.fetchNextPage()}
                loading={list.isFetchingNextPage}
              >
                {list.isFetchNextPageError ? "Try again" : "Load more"}
              </Button>
            )}
            <p className={classes.shown}>
              {list.hasNextPage
                ? `${deals.length} of ${formatTotal(total)} shown`
                : `That is all: ${deals.length} ${deals.length === 1 ? "deal" : "deals"}`}
            </p>
          </div>
        </>
      )}
    </section>
  );
}

function Empty({ filters, source, onClear }: Pick<Props, "filters" | "source" | "onClear">) {
  const icon = <IconSearchOff size={24} stroke={1.5} />;
  if (countFilters({ ...filters, marketplace: null }) > 0) {
    return (
      <Notice
        icon={icon}
        title="No deals match these filters"
        action={<Button onClick={onClear}>Clear filters</Button>}
      >
        <p>Widen the price or lower the score. New listings are scanned every few minutes.</p>
      </Notice>
    );
  }
  return (
    <Notice icon={icon} title="No deals yet">
      <p>
        {source?.state === "starting" ? `The first scan of ${source.name} is running. ` : ""}
        Deals appear here by themselves as soon as listings are found and valued.
      </p>
    </Notice>
  );
}
