"use client";
import { IconArrowDown, IconArrowUp, IconCheck, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { formatDate, formatMoney, formatPercent, formatShare } from "@/lib/format";
import { conditionWords, shippingWords } from "@/lib/words";
import type { Comp } from "./comp";
import classes from "./comps-table.module.css";

type Props = { comps: Comp[]; active: string | null; onActive: (id: string | null) => void };
type Column = "title" | "sold_at" | "total_cents" | "similarity" | "weight" | "accepted";
type Order = { column: Column; descending: boolean };

const COLUMNS: { column: Column; label: string; className?: string | undefined }[] = [
  { column: "title", label: "Sale" },
  { column: "sold_at", label: "Sold", className: classes.date },
  { column: "total_cents", label: "Total", className: classes.number },
  { column: "similarity", label: "Alike", className: `${classes.number} ${classes.wide}` },
  { column: "weight", label: "Counts", className: `${classes.number} ${classes.wide}` },
  { column: "accepted", label: "Used" },
];
const SHOWN_AT_FIRST = 10;

function sortComps(comps: Comp[], { column, descending }: Order): Comp[] {
  const direction = descending ? -1 : 1;
  return [...comps].sort((one, other) => {
    const a = one[column] ?? "";
    const b = other[column] ?? "";
    return direction * (typeof a === "string" ? a.localeCompare(String(b)) : Number(a) - Number(b));
  });
}

/** Every sale that was looked at, those left out with the reason. */
export function CompsTable({ comps, active, onActive }: Props) {
  const [order, setOrder] = useState<Order>({ column: "weight", descending: true });
  const [all, setAll] = useState(false);
  // Shares of the whole: what a sale weighs means nothing by itself.
  const weights = comps.reduce((sum, { weight }) => sum + weight, 0) || 1;
  const sorted = sortComps(comps, order);
  const shown = all ? sorted : sorted.slice(0, SHOWN_AT_FIRST);
  const sortBy = (column: Column) =>
    setOrder((now) => ({ column, descending: now.column === column ? !now.descending : column !== "title" }));

  return (
    <>
      <table className={classes.table} data-table="comps">
        <caption className="visually-hidden">Sales of alike items, used and left out</caption>
        <thead>
          <tr>
            {COLUMNS.map(({ column, label, className }) => {
              const isSorted = order.column === column;
              const Arrow = order.descending ? IconArrowDown : IconArrowUp;
              return (
                <th
                  key={column}
                  scope="col"
                  className={className}
                  aria-sort={isSorted ? (order.descending ? "descending" : "ascending") : undefined}
                >
                  <button type="button" onClick={() => sortBy(column)}>
                    {label}
                    {isSorted && <Arrow size={14} aria-hidden />}
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody onMouseLeave={() => onActive(null)}>
          {shown.map((comp) => (
            <Row
              key={comp.id}
              comp={comp}
              all={weights}
              isActive={comp.id === active}
              onEnter={() => onActive(comp.id)}
            />
          ))}
        </tbody>
      </table>
      {comps.length > SHOWN_AT_FIRST && (
        <button
          type="button"
          className={classes.more}
          onClick={() => setAll((open) => !open)}
          aria-expanded={all}
        >
          {all ? "Show fewer" : `Show all ${comps.length} sales`}
        </button>
      )}
    </>
  );
}

const soldWords = (comp: Comp) =>
  comp.kind === "asking" ? "asking price" : comp.sold_at ? formatDate(comp.sold_at) : "date unknown";

type RowProps = { comp: Comp; all: number; isActive: boolean; onEnter: () => void };

function Row({ comp, all, isActive, onEnter }: RowProps) {
  const money = (cents: number) => formatMoney(cents, comp.currency);
  return (
    <tr data-active={isActive || undefined} data-accepted={comp.accepted} onMouseEnter={onEnter}>
      <td className={classes.title}>
        <span title={comp.title}>{comp.title}</span>
        <small>
          {conditionWords(comp.condition)}
          <span className={classes.narrow}> · {soldWords(comp)}</span>
        </small>
      </td>
      <td className={classes.date}>{soldWords(comp)}</td>
      <td
        className={classes.number}
        title={`${money(comp.price_cents)}, ${shippingWords(comp.shipping_cents, money)}`}
      >
        {money(comp.total_cents)}
      </td>
      <td className={`${classes.number} ${classes.wide}`}>{formatPercent(comp.similarity)}</td>
      <td className={`${classes.number} ${classes.wide}`}>
        {comp.accepted ? formatShare(comp.weight / all) : "–"}
      </td>
      <td className={classes.used}>
        {comp.accepted ? (
          <>
            <IconCheck size={16} aria-hidden />
            <span className="visually-hidden">used</span>
          </>
        ) : (
          <>
            <IconX size={16} aria-hidden />
            {comp.reason_text ?? "Left out"}
          </>
        )}
      </td>
    </tr>
  );
}
