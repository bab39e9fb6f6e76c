// How a value came about: what comparables say, what the title alone says, and what past errors make of it.
import { formatMoney, formatPercent, formatSignedMoney } from "@/lib/format";
import classes from "./point-parts.module.css";
import { Section } from "./section";

type Parts = {
  comps_cents: number;
  comps_weight: number;
  title_cents: number | null;
  title_weight: number;
  blend_cents: number;
  correction: number;
  correction_cents: number;
  point_cents: number;
};

type Props = {
  /** Null for a value of before its parts were kept. */
  parts: Parts | null;
  currency: string;
  /** How many comparables were used, and whether they are asking prices. */
  used: number;
  asked: boolean;
};

export function PointParts({ parts, currency, used, asked }: Props) {
  if (parts === null) {
    return (
      <Section
        id="parts"
        title="How this value came about"
        hint="Its parts were not kept; they come with the next valuation."
      >
        {null}
      </Section>
    );
  }
  const money = (cents: number) => formatMoney(cents, currency);
  const hasTitle = parts.title_cents !== null;
  const comparables = asked ? "asking prices" : "sales";
  return (
    <Section id="parts" title="How this value came about">
      <table className={classes.parts}>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">Part</th>
            <th scope="col">How much it counts</th>
            <th scope="col">Amount</th>
          </tr>
        </thead>
        <tbody>
          <tr data-worth="comps">
            <th scope="row">
              Comparables say
              <span>
                the weighted middle of {used} {comparables}, adjusted to this thing
              </span>
            </th>
            <td>counts {formatPercent(parts.comps_weight)}</td>
            <td>{money(parts.comps_cents)}</td>
          </tr>
          <tr data-worth="title">
            <th scope="row">
              The title alone says
              <span>
                {hasTitle
                  ? "what its words were worth in all sales of the category"
                  : "nothing by itself: the category has too few sales to learn from"}
              </span>
            </th>
            <td>counts {formatPercent(parts.title_weight)}</td>
            <td>{parts.title_cents === null ? "none" : money(parts.title_cents)}</td>
          </tr>
          {hasTitle && (
            <tr data-worth="blend">
              <th scope="row">
                Both together
                <span>weighted by how much each counts, as ratios: twice and half cancel out</span>
              </th>
              <td />
              <td>{money(parts.blend_cents)}</td>
            </tr>
          )}
          <tr data-worth="correction">
            <th scope="row">
              Past errors
              <span>{correctionWords(parts.correction)}</span>
            </th>
            <td>× {parts.correction.toFixed(4)}</td>
            <td>{formatSignedMoney(parts.correction_cents, currency)}</td>
          </tr>
        </tbody>
        <tfoot>
          <tr data-worth="point">
            <th scope="row">Likely</th>
            <td />
            <td>{money(parts.point_cents)}</td>
          </tr>
        </tfoot>
      </table>
      <p className={classes.formula}>
        {hasTitle
          ? `comparables ^ ${parts.comps_weight} × title ^ ${parts.title_weight} × ${parts.correction}`
          : `comparables × ${parts.correction}`}
        , rounded to the cent once, at the end.
      </p>
    </Section>
  );
}

function correctionWords(correction: number): string {
  const percent = Math.abs(correction - 1) * 100;
  if (percent < 0.05) return "values found this way were right in the middle";
  const side = correction > 1 ? "low" : "high";
  return `values found this way were ${percent.toFixed(1)} % too ${side} in the middle`;
}
