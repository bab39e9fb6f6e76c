// The prices that can be chosen, and the words for what each leads to. All numbers are the API's;
// nothing is worked out between them.
import { formatMoney, formatPercent } from "@/lib/format";
import type { Priced, PriceOutcome } from "./queries";

/** The curve's prices with the suggested one among them, cheapest first, each once. */
export function choosable({ curve, suggested }: Pick<Priced, "curve" | "suggested">): PriceOutcome[] {
  const others = curve.filter(({ price_cents }) => price_cents !== suggested.price_cents);
  return [...others, suggested].sort((one, other) => one.price_cents - other.price_cents);
}

/** The place of the price nearest to `cents`. */
export function nearest(points: PriceOutcome[], cents: number): number {
  let best = 0;
  for (const [index, { price_cents }] of points.entries()) {
    const now = points[best]?.price_cents ?? price_cents;
    if (Math.abs(price_cents - cents) < Math.abs(now - cents)) best = index;
  }
  return best;
}

/** "about 9 days"; no number where less than half ever sell, or where nothing is known. */
export function daysWords({ median_days: days, p_sold_30d }: PriceOutcome): string {
  if (days === null) return p_sold_30d === null ? "not known" : "under half ever sell";
  if (days < 1) return "under a day";
  const whole = Math.round(days);
  return `about ${whole} ${whole === 1 ? "day" : "days"}`;
}

export const chanceWords = (chance: number | null) => (chance === null ? "not known" : formatPercent(chance));

/** "Left after fees"; where fees are not known for a category, nothing pretends that they were counted. */
export const netLabel = (answer: Pick<Priced, "fee_schedule">) =>
  answer.fee_schedule === null ? "Left before fees" : "Left after fees";

/** "$146: about 9 days, 82 % within 30 days, $121 left after fees". */
export function outcomeWords(
  outcome: PriceOutcome,
  answer: Pick<Priced, "currency" | "fee_schedule">,
): string {
  const whole = (cents: number) => formatMoney(cents, answer.currency, { whole: true });
  const speed =
    outcome.p_sold_30d === null
      ? "how fast it sells is not known"
      : `${daysWords(outcome)}, ${chanceWords(outcome.p_sold_30d)} within 30 days`;
  return `${priceWords(outcome.price_cents, answer.currency)}: ${speed}, ${whole(outcome.net_cents)} ${netLabel(answer).toLowerCase()}`;
}

/** A price to ask: without cents where it has none. */
export function priceWords(cents: number, currency: string): string {
  return formatMoney(cents, currency, { whole: cents % 100 === 0 || cents >= 10_000 });
}
