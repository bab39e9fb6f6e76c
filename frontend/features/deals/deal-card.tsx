"use client";
// One deal in the list. The whole card is one link; everything a buyer weighs is on it.
import { IconClockHour4, IconFlag, IconInfoCircle } from "@tabler/icons-react";
import Link from "next/link";
import { Photo } from "@/components/photo";
import { RelativeTime } from "@/components/relative-time";
import { ScoreRing } from "@/components/score-ring";
import {
  formatDiscount,
  formatDiscountShort,
  formatMoney,
  formatMoneyRange,
  formatPercent,
  formatSignedMoney,
} from "@/lib/format";
import { bidLimit, StateOfBidding } from "./bidding";
import classes from "./deal-card.module.css";
import { rememberOpened } from "./list-memory";
import { MiniHistogram } from "./mini-histogram";
import type { Deal } from "./queries";
import { CONDITION_WORDS, evidenceWords, isThin, NO_SCORE_WORDS, RISK_WORDS, shippingWords } from "./words";

type Props = { deal: Deal; sourceName: string; eager?: boolean };

export function DealCard({ deal, sourceName, eager = false }: Props) {
  const thin = isThin(deal);
  return (
    <article className={classes.card} data-deal={deal.id} data-thin={thin || undefined}>
      <div className={classes.photo}>
        <Photo src={deal.image_url} alt="" eager={eager} />
        {deal.buying_option === "auction" && (
          <span className={classes.auction}>
            <IconClockHour4 size={14} aria-hidden />
            Auction
            {deal.ends_at && (
              <span className={classes.ends}>
                · ends <RelativeTime at={deal.ends_at} />
              </span>
            )}
          </span>
        )}
      </div>
      <span className={classes.score}>
        <ScoreRing score={deal.score} muted={thin} />
      </span>
      <div className={classes.words}>
        <h3 className={classes.title}>
          <Link
            href={`/deals/${deal.id}`}
            prefetch={false}
            className={classes.link}
            title={deal.title}
            data-deal-link={deal.id}
            onClick={() => rememberOpened(deal.id)}
          >
            {deal.title}
          </Link>
        </h3>
        <p className={classes.meta}>
          {CONDITION_WORDS[deal.condition]} · {sourceName} · <RelativeTime at={deal.listed_at} />
        </p>
        <Cost deal={deal} />
      </div>
      <Value deal={deal} thin={thin} />
    </article>
  );
}

function Cost({ deal }: { deal: Deal }) {
  const { currency, price_cents, shipping_cents, total_cost_cents } = deal;
  const money = (cents: number) => formatMoney(cents, currency);
  const isBid = deal.buying_option === "auction";
  const isPaidShipping = shipping_cents !== null && shipping_cents > 0;
  return (
    <p className={classes.cost}>
      <strong>{money(total_cost_cents ?? price_cents)}</strong>{" "}
      <span data-unknown={shipping_cents === null || undefined}>
        {isBid && (isPaidShipping ? "current bid " : "current bid, ")}
        {isPaidShipping && `${money(price_cents)} + `}
        {shippingWords(shipping_cents, money)}
      </span>
    </p>
  );
}

/** What selling it again would leave. */
function Net({ deal: { profit_cents: profit, roi, currency } }: { deal: Deal }) {
  if (profit === null) return <p className={classes.net}>net unknown</p>;
  const ofCost = roi === null ? "" : `, ${formatPercent(Math.abs(roi))} of what it costs`;
  return (
    <p
      className={classes.net}
      title={`${profit < 0 ? "Loss" : "Profit"} if it is sold again at its likely value, after fees and shipping${ofCost}`}
    >
      net {formatSignedMoney(profit, currency, { whole: true })}
    </p>
  );
}

/** Where to stop bidding, in place of a discount that a bid cannot have. */
function Limit({ deal }: { deal: Deal }) {
  const limit = bidLimit(deal);
  if (limit === null) return null;
  return (
    <p className={classes.limit} data-passed={limit.isPassed || undefined}>
      {limit.label} <strong>{limit.amount}</strong>
      {limit.inAll && <span>{limit.inAll}</span>}
    </p>
  );
}

function Value({ deal, thin }: { deal: Deal; thin: boolean }) {
  const { fair_value_cents: fair, interval_low_cents: low, interval_high_cents: high, currency } = deal;
  const valued = fair !== null && low !== null && high !== null;
  return (
    <div className={classes.value}>
      {valued && (
        <p className={classes.worth}>
          worth {formatMoneyRange(low, high, currency)}, likely {formatMoney(fair, currency, { whole: true })}
        </p>
      )}
      {deal.no_score_reason === "running_auction" && <Limit deal={deal} />}
      {deal.no_score_reason !== null ? (
        <p className={classes.unscored}>
          <IconInfoCircle size={16} aria-hidden />
          <span>
            {NO_SCORE_WORDS[deal.no_score_reason]}
            {deal.no_score_reason === "running_auction" && (
              <>
                : <StateOfBidding deal={deal} />
              </>
            )}
          </span>
        </p>
      ) : (
        <div className={classes.figures}>
          {valued && deal.distribution && (
            <MiniHistogram
              distribution={deal.distribution}
              totalCents={deal.total_cost_cents}
              intervalLow={low}
              intervalHigh={high}
            />
          )}
          {deal.discount !== null && (
            <div className={classes.numbers}>
              <p
                className={classes.discount}
                data-under={(!thin && deal.discount > 0) || undefined}
                title={`${formatDiscount(deal.discount)} its likely value`}
              >
                {formatDiscountShort(deal.discount)}
              </p>
              {deal.buying_option === "auction" && <p className={classes.net}>at the current bid</p>}
              <Net deal={deal} />
            </div>
          )}
        </div>
      )}
      {(deal.no_score_reason === null || (valued && thin)) && (
        <p className={classes.evidence}>
          {thin && "thin evidence: "}
          {evidenceWords(deal.evidence_count, deal.evidence_age_days)}
        </p>
      )}
      {deal.risk_code !== null && deal.risk_code !== deal.no_score_reason && (
        <p className={classes.risk} data-risk={deal.risk_code}>
          <IconFlag size={16} aria-hidden />
          {RISK_WORDS[deal.risk_code]}
        </p>
      )}
    </div>
  );
}
