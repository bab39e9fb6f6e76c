import { IconExternalLink } from "@tabler/icons-react";
import { ScoreRing } from "@/components/score-ring";
import { formatDiscount, formatMoney } from "@/lib/format";
import { bidLimit } from "../bidding";
import type { DealEvidence } from "../queries";
import { isThin } from "../words";
import classes from "./sticky-summary.module.css";

/** On a phone the answer and the way out stay under the thumb. */
export function StickySummary({ deal, sourceName }: { deal: DealEvidence; sourceName: string }) {
  const thin = isThin(deal);
  return (
    <section className={classes.summary} aria-label="Summary">
      <ScoreRing score={deal.score} muted={thin} />
      <p>
        <strong>{formatMoney(deal.total_cost_cents ?? deal.price_cents, deal.currency)}</strong>
        <span data-under={(!thin && (deal.discount ?? 0) > 0) || undefined}>{against(deal)}</span>
      </p>
      <a
        className="button-primary"
        href={deal.url}
        target="_blank"
        rel="noopener noreferrer"
        aria-label={`View on ${sourceName} (opens in a new tab)`}
      >
        {sourceName}
        <IconExternalLink size={16} aria-hidden />
      </a>
    </section>
  );
}

function against(deal: DealEvidence): string {
  const isBid = deal.buying_option === "auction";
  if (deal.no_score_reason === "running_auction") {
    const limit = bidLimit(deal);
    return limit ? `bid; ${limit.isPassed ? "was worth" : "worth"} ${limit.total} in all` : "current bid";
  }
  if (deal.discount !== null) return `${formatDiscount(deal.discount)}${isBid ? ", current bid" : ""}`;
  return deal.total_cost_cents === null ? "shipping unknown" : "no estimate";
}
