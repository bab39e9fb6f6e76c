import { IconInfoCircle } from "@tabler/icons-react";
import Link from "next/link";
import { ScoreRing } from "@/components/score-ring";
import section from "@/components/section.module.css";
import { formatDiscount, formatMoney, formatMoneyRange, formatPercent, keepPercents } from "@/lib/format";
import { bidLimit } from "../bidding";
import type { DealEvidence } from "../queries";
import { evidenceWords, isThin, NO_SCORE_WORDS } from "../words";
import classes from "./verdict.module.css";

/** The answer in one sentence, then the four numbers that it stands on. */
export function Verdict({ deal }: { deal: DealEvidence }) {
  const { fair_value_cents: fair, interval_low_cents: low, interval_high_cents: high } = deal;
  const thin = isThin(deal);
  return (
    <section className={section.section} aria-labelledby="verdict-title" data-section="verdict">
      <div className={classes.top}>
        <ScoreRing score={deal.score} muted={thin} size="lg" />
        <div>
          <h2 id="verdict-title" className="visually-hidden">
            Verdict
          </h2>
          <p className={classes.sentence}>{keepPercents(deal.verdict)}</p>
          {thin && (
            <p className={classes.thin}>
              Thin evidence: {evidenceWords(deal.evidence_count, deal.evidence_age_days)}. Read the range, not
              the point.
            </p>
          )}
        </div>
      </div>
      {deal.no_score_reason && (
        <div className={classes.withheld}>
          <IconInfoCircle size={16} aria-hidden />
          <p>
            <strong>
              {deal.no_score_reason === "running_auction"
                ? "Not scored yet"
                : NO_SCORE_WORDS[deal.no_score_reason]}
              .
            </strong>{" "}
            {deal.no_score_explanation}
            {deal.no_score_reason === "not_permitted" && (
              <>
                {" "}
                <Link href="/admin/setup" prefetch={false}>
                  See the set-up
                </Link>
              </>
            )}
          </p>
        </div>
      )}
      <dl className={classes.figures}>
        <div>
          <dt>8 in 10 sell for</dt>
          <dd>
            {low !== null && high !== null ? formatMoneyRange(low, high, deal.currency) : "No estimate"}
          </dd>
        </div>
        <div>
          <dt>Likely</dt>
          <dd>{fair !== null ? formatMoney(fair, deal.currency, { whole: true }) : "No estimate"}</dd>
        </div>
        <AgainstLikely deal={deal} thin={thin} />
        <div>
          <dt>Confidence</dt>
          <dd>{deal.confidence !== null ? formatPercent(deal.confidence) : "None"}</dd>
        </div>
      </dl>
    </section>
  );
}

/** How far under its value it is; of an auction that runs, where bidding stops being worth it. */
function AgainstLikely({ deal, thin }: { deal: DealEvidence; thin: boolean }) {
  if (deal.no_score_reason === "running_auction") {
    const limit = bidLimit(deal);
    return (
      <div>
        <dt>{limit?.label ?? "Against likely"}</dt>
        <dd>
          {limit?.amount ?? "Not yet comparable"}
          {limit?.inAll && <small>{limit.inAll}</small>}
        </dd>
      </div>
    );
  }
  return (
    <div>
      <dt>{deal.buying_option === "auction" ? "Current bid against likely" : "Against likely"}</dt>
      <dd data-under={(!thin && (deal.discount ?? 0) > 0) || undefined}>
        {deal.discount !== null ? formatDiscount(deal.discount) : "Not comparable"}
      </dd>
    </div>
  );
}
