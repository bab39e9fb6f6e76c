"use client";
// The evidence for one deal, from the verdict down to the age of the data.
import { IconArrowLeft, IconCloudOff } from "@tabler/icons-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { useShortcuts } from "@/components/app-shell/use-shortcuts";
import { FailureWords, Notice, RetryButton } from "@/components/notice";
import { Photo } from "@/components/photo";
import { PointParts } from "@/components/point-parts";
import { RelativeTime } from "@/components/relative-time";
import { readOpened } from "../list-memory";
import {
  type DealEvidence,
  type Given,
  isGone,
  type Marketplace,
  type Page,
  useDeal,
  useMarketplaces,
} from "../queries";
import { CONDITION_WORDS } from "../words";
import { CompsSection } from "./comps-section";
import { DealMissing } from "./deal-missing";
import { EvidenceSkeleton } from "./evidence-skeleton";
import classes from "./evidence-view.module.css";
import { Facts, LinkOut } from "./facts";
import { Flip } from "./flip";
import { Method } from "./method";
import { PriceHistory } from "./price-history";
import { RiskFlags } from "./risk-flags";
import { ScoreParts } from "./score-parts";
import { StickySummary } from "./sticky-summary";
import { Verdict } from "./verdict";

type Props = {
  id: string;
  given: Given<DealEvidence> | null;
  marketplaces: Given<Page<Marketplace>> | null;
};

export function EvidenceView({ id, given, marketplaces }: Props) {
  const deal = useDeal(id, given);
  const sources = useMarketplaces(marketplaces).data?.items ?? [];
  const back = useWayBack(id);
  useShortcuts({ Escape: back.go });

  return (
    <>
      <Link
        href={back.href}
        prefetch={false}
        className={classes.back}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey) return;
          event.preventDefault();
          back.go();
        }}
      >
        <IconArrowLeft size={16} aria-hidden />
        Deals
      </Link>
      {deal.isPending && <EvidenceSkeleton />}
      {deal.isError &&
        !deal.data &&
        (isGone(deal.error) ? (
          <DealMissing />
        ) : (
          <Notice
            alert
            heading="h1"
            icon={<IconCloudOff size={24} stroke={1.5} />}
            title="The evidence did not load"
            action={<RetryButton onRetry={() => deal.refetch()} busy={deal.isFetching} />}
          >
            <FailureWords error={deal.error} safe="Nothing was changed or sent." />
          </Notice>
        ))}
      {deal.data && (
        <Evidence
          deal={deal.data}
          sourceName={
            sources.find((source) => source.id === deal.data.marketplace)?.name ?? deal.data.marketplace
          }
        />
      )}
    </>
  );
}

/** Back to the list as it was left: through the history when the list is behind us, else to its address. */
function useWayBack(id: string) {
  const router = useRouter();
  const [from, setFrom] = useState<string | null>(null);
  useEffect(() => {
    const opened = readOpened();
    setFrom(opened?.id === id ? opened.from : null);
  }, [id]);
  const href = `/deals${from ?? ""}`;
  return { href, go: () => (from === null ? router.push(href) : router.back()) };
}

function Evidence({ deal, sourceName }: { deal: DealEvidence; sourceName: string }) {
  return (
    <>
      <header className={classes.head}>
        <h1>{deal.title}</h1>
        <p>
          {deal.category_name} · {CONDITION_WORDS[deal.condition]} · {sourceName} · listed{" "}
          <RelativeTime at={deal.listed_at} />
        </p>
      </header>
      <div className={classes.columns}>
        <div className={classes.item}>
          <Photo src={deal.image_url} alt={`Photo of ${deal.title}`} eager className={classes.photo} />
          <Facts deal={deal} />
          <LinkOut url={deal.url} sourceName={sourceName} />
        </div>
        <div className={classes.evidence}>
          <Verdict deal={deal} />
          <ScoreParts deal={deal} />
          <Flip deal={deal} />
          <CompsSection deal={deal} />
          {deal.estimate.point_cents !== null && (
            <PointParts
              parts={deal.estimate.parts}
              currency={deal.currency}
              used={deal.estimate.used}
              asked={deal.comps.some(({ kind }) => kind === "asking")}
            />
          )}
          <PriceHistory points={deal.price_history} currency={deal.currency} until={deal.seen_at} />
          <RiskFlags deal={deal} />
          <Method deal={deal} />
        </div>
      </div>
      <StickySummary deal={deal} sourceName={sourceName} />
    </>
  );
}
