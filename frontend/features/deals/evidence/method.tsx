import { RelativeTime } from "@/components/relative-time";
import { Section } from "@/components/section";
import { formatCount, formatPoints } from "@/lib/format";
import type { DealEvidence } from "../queries";
import { kindsWords } from "../words";
import classes from "./method.module.css";

/** How the numbers were made, by which version, and how old their data is. */
export function Method({ deal }: { deal: DealEvidence }) {
  const { method, estimate } = deal;
  return (
    <Section id="method" title="Method and age of the data">
      <dl className={classes.method}>
        <div>
          <dt>Formula</dt>
          <dd>{method.formula_version}</dd>
        </div>
        <div>
          <dt>Model</dt>
          <dd>{method.model_version ?? "none"}</dd>
        </div>
        <div>
          <dt>Valued</dt>
          <dd>
            <RelativeTime at={method.valued_at} />
          </dd>
        </div>
        <div>
          <dt>Sales looked up</dt>
          <dd>{method.comps_refreshed_at ? <RelativeTime at={method.comps_refreshed_at} /> : "not yet"}</dd>
        </div>
        <div>
          <dt>Known in the category</dt>
          <dd>{kindsWords(estimate.kinds, formatCount)}</dd>
        </div>
        <div>
          <dt>Effective sample</dt>
          <dd>{formatPoints(estimate.effective_n)} sales</dd>
        </div>
        <div>
          <dt>Median age</dt>
          <dd>{estimate.median_age_days === null ? "unknown" : `${estimate.median_age_days} days`}</dd>
        </div>
        <div>
          <dt>Most alike</dt>
          <dd>
            {estimate.best_similarity === null ? "none" : `${Math.round(estimate.best_similarity * 100)} %`}
          </dd>
        </div>
      </dl>
      <p className={classes.policy}>{method.source_policy}</p>
    </Section>
  );
}
