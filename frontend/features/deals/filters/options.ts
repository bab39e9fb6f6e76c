// The filters of the list: their names, their choices, and the words of a choice that is set.
import { formatMoney } from "@/lib/format";
import { CONDITIONS, type DealFilters } from "@/lib/url-state";
import type { Category } from "../queries";
import { CONDITION_WORDS } from "../words";

/** The demo and the first marketplace trade in dollars; prices in the filters are in it. */
const FILTER_CURRENCY = "USD";

export type Option = { value: string; label: string };

export type ChoiceFilter = {
  name:
    | "category"
    | "condition"
    | "min_discount"
    | "min_score"
    | "min_confidence"
    | "min_profit_cents"
    | "min_roi"
    | "listed";
  label: string;
  options: Option[];
  /** The chosen value as the address holds it, or null. */
  value: string | null;
  /** The short words on a set filter. */
  chosen: string | null;
  patch: (value: string | null) => Partial<DealFilters>;
};

const percentSteps = (steps: number[], words: (percent: number) => string): Option[] =>
  steps.map((percent) => ({ value: String(percent / 100), label: words(percent) }));

const toNumber = (value: string | null) => (value === null ? null : Number(value));

export function choiceFilters(filters: DealFilters, categories: Category[]): ChoiceFilter[] {
  const categoryOptions = categories.map(({ id, name }) => ({ value: id, label: name }));
  const make = (
    name: ChoiceFilter["name"],
    label: string,
    options: Option[],
    patch: ChoiceFilter["patch"],
    otherwise: (value: string) => string = (value) => value,
  ): ChoiceFilter => {
    const raw = filters[name];
    const value = raw === null ? null : String(raw);
    const known = options.find((option) => option.value === value);
    return {
      name,
      label,
      options,
      value,
      chosen: value === null ? null : (known?.label ?? otherwise(value)),
      patch,
    };
  };
  return [
    make("category", "Category", categoryOptions, (category) => ({ category })),
    make(
      "condition",
      "Condition",
      CONDITIONS.map((condition) => ({ value: condition, label: CONDITION_WORDS[condition] })),
      (value) => ({ condition: value as DealFilters["condition"] }),
    ),
    make(
      "min_discount",
      "Discount",
      percentSteps([10, 20, 30, 40, 50], (percent) => `${percent} % or more`),
      (value) => ({ min_discount: toNumber(value) }),
      (value) => `${Math.round(Number(value) * 100)} % or more`,
    ),
    make(
      "min_score",
      "Score",
      [50, 60, 70, 80, 90].map((score) => ({ value: String(score), label: `${score} or more` })),
      (value) => ({ min_score: toNumber(value) }),
      (value) => `${value} or more`,
    ),
    make(
      "min_confidence",
      "Confidence",
      percentSteps([25, 50, 75], (percent) => `${percent} % or more`),
      (value) => ({ min_confidence: toNumber(value) }),
      (value) => `${Math.round(Number(value) * 100)} % or more`,
    ),
    make(
      "min_profit_cents",
      "Profit",
      [10, 20, 50, 100, 200].map((dollars) => ({
        value: String(dollars * 100),
        label: `${formatMoney(dollars * 100, FILTER_CURRENCY, { whole: true })} or more`,
      })),
      (value) => ({ min_profit_cents: toNumber(value) }),
      (value) =>
        `${formatMoney(Number(value), FILTER_CURRENCY, { whole: Number(value) % 100 === 0 })} or more`,
    ),
    make(
      "min_roi",
      "ROI",
      percentSteps([10, 25, 50, 100], (percent) => `${percent} % or more`),
      (value) => ({ min_roi: toNumber(value) }),
      (value) => `${Math.round(Number(value) * 100)} % or more`,
    ),
    make(
      "listed",
      "Listed",
      [
        { value: "1h", label: "In the last hour" },
        { value: "24h", label: "In the last 24 hours" },
        { value: "3d", label: "In the last 3 days" },
        { value: "7d", label: "In the last 7 days" },
      ],
      (value) => ({ listed: value as DealFilters["listed"] }),
    ),
  ];
}

export const SORT_OPTIONS: { value: DealFilters["sort"]; label: string }[] = [
  { value: "score", label: "Best score" },
  { value: "discount", label: "Largest discount" },
  { value: "newest", label: "Newest" },
  { value: "price", label: "Lowest price" },
  { value: "profit", label: "Largest profit" },
  { value: "roi", label: "Best ROI" },
];

/** "$50 to $200", "from $50", "up to $200"; null when no price is set. */
export function priceWords({ min_price_cents: min, max_price_cents: max }: DealFilters): string | null {
  const money = (cents: number) => formatMoney(cents, FILTER_CURRENCY, { whole: cents % 100 === 0 });
  if (min !== null && max !== null) return `${money(min)} to ${money(max)}`;
  if (min !== null) return `from ${money(min)}`;
  return max === null ? null : `up to ${money(max)}`;
}
