import { Comps } from "@/components/comps/comps";
import { Section } from "@/components/section";
import { formatMoneyRange } from "@/lib/format";
import type { DealEvidence } from "../queries";

/** The sales that this deal was judged by, with its own cost among them. */
export function CompsSection({ deal }: { deal: DealEvidence }) {
  const { estimate, comps, currency } = deal;
  const asked = comps.some(({ kind }) => kind === "asking");
  const isAuction = deal.buying_option === "auction";
  const isCut = comps.length < estimate.used + estimate.rejected;
  return (
    <Section
      id="comps"
      title={asked ? "What alike items are offered for" : "What alike items sold for"}
      hint={estimate.explanation}
    >
      <Comps
        comps={comps}
        currency={currency}
        interval={estimate}
        mark={{
          cents: deal.total_cost_cents ?? deal.price_cents,
          name:
            deal.total_cost_cents === null
              ? "price, no shipping"
              : isAuction
                ? "current bid"
                : "this listing",
          legend: isAuction ? "The current bid, all in" : "This listing, all in",
        }}
        counts={
          <>
            {estimate.used} used, {estimate.rejected} left out{isCut && `, the nearest ${comps.length} shown`}
            {estimate.low_cents !== null && estimate.high_cents !== null && (
              <>; 8 in 10 between {formatMoneyRange(estimate.low_cents, estimate.high_cents, currency)}</>
            )}
          </>
        }
      />
    </Section>
  );
}
