import { IconExternalLink } from "@tabler/icons-react";
import { RelativeTime } from "@/components/relative-time";
import { formatCount, formatMoney } from "@/lib/format";
import { bidLimit } from "../bidding";
import type { DealEvidence } from "../queries";
import classes from "./facts.module.css";

/** What it costs, who sells it, and until when. */
export function Facts({ deal }: { deal: DealEvidence }) {
  const money = (cents: number) => formatMoney(cents, deal.currency);
  const { shipping_cents: shipping, total_cost_cents: total, seller } = deal;
  const isAuction = deal.buying_option === "auction";
  const limit = bidLimit(deal);
  return (
    <dl className={classes.facts}>
      <div>
        <dt>{isAuction ? "Current bid" : "Price"}</dt>
        <dd>{money(deal.price_cents)}</dd>
      </div>
      <div>
        <dt>Shipping</dt>
        <dd data-unknown={shipping === null || undefined}>
          {shipping === null ? "unknown" : shipping === 0 ? "free" : money(shipping)}
        </dd>
      </div>
      <div className={classes.total}>
        <dt>{isAuction ? "Current bid in all" : "Costs in all"}</dt>
        <dd data-unknown={total === null || undefined}>{total === null ? "unknown" : money(total)}</dd>
      </div>
      {limit && (
        <div>
          <dt>{limit.label}</dt>
          <dd>
            {limit.amount}
            {limit.inAll && <small>{limit.inAll}</small>}
          </dd>
        </div>
      )}
      {deal.bid_count !== null && isAuction && (
        <div>
          <dt>Bids so far</dt>
          <dd>{formatCount(deal.bid_count)}</dd>
        </div>
      )}
      {deal.ends_at && (
        <div>
          <dt>{isAuction ? "Auction ends" : "Offer ends"}</dt>
          <dd>
            <RelativeTime at={deal.ends_at} />
          </dd>
        </div>
      )}
      <div>
        <dt>Seller</dt>
        <dd>{sellerWords(seller)}</dd>
      </div>
      {deal.location && (
        <div>
          <dt>Ships from</dt>
          <dd>{deal.location}</dd>
        </div>
      )}
      <div>
        <dt>Last seen</dt>
        <dd>
          <RelativeTime at={deal.seen_at} />
        </dd>
      </div>
    </dl>
  );
}

function sellerWords({ feedback_percent: percent, feedback_score: ratings }: DealEvidence["seller"]): string {
  if (percent === null) return "no ratings shown";
  return ratings === null ? `${percent} % positive` : `${percent} % positive (${formatCount(ratings)})`;
}

export function LinkOut({ url, sourceName }: { url: string; sourceName: string }) {
  return (
    <a className={`button-primary ${classes.out}`} href={url} target="_blank" rel="noopener noreferrer">
      View on {sourceName}
      <IconExternalLink size={16} aria-hidden />
      <span className="visually-hidden">(opens in a new tab)</span>
    </a>
  );
}
