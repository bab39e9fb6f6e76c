import { formatSignedMoney, keepPercents } from "@/lib/format";
import classes from "./money-lines.module.css";

export type MoneyLine = { label: string; detail: string; cents: number };

type Props = {
  currency: string;
  /** Each group ends with its sum, as the API worked it out. */
  groups: { lines: MoneyLine[]; sum: MoneyLine }[];
};

/** Amounts that come in and go out, one to a line, and what they add up to. */
export function MoneyLines({ currency, groups }: Props) {
  return (
    <table className={classes.lines}>
      <thead className="visually-hidden">
        <tr>
          <th scope="col">Line</th>
          <th scope="col">Amount</th>
        </tr>
      </thead>
      {groups.map(({ lines, sum }) => (
        <tbody key={sum.label}>
          {lines.map((line) => (
            <Row key={`${line.label}-${line.detail}`} line={line} currency={currency} />
          ))}
          <Row line={sum} currency={currency} isSum />
        </tbody>
      ))}
    </table>
  );
}

function Row({ line, currency, isSum = false }: { line: MoneyLine; currency: string; isSum?: boolean }) {
  return (
    <tr data-cents={line.cents} data-sum={isSum || undefined}>
      <th scope="row">
        {line.label}
        {line.detail && <span className={classes.detail}>{keepPercents(line.detail)}</span>}
      </th>
      <td>{formatSignedMoney(line.cents, currency)}</td>
    </tr>
  );
}
