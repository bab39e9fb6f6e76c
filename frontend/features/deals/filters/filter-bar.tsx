"use client";
// Search, order and filters above the list. Pills on wide screens; a sheet and chips on a phone.
import { NativeSelect } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconChevronDown, IconX } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import { countFilters, type DealFilters } from "@/lib/url-state";
import type { Category } from "../queries";
import { ChoicePill } from "./choice-pill";
import classes from "./filter-bar.module.css";
import { choiceFilters, priceWords, SORT_OPTIONS } from "./options";
import { PricePill } from "./price-pill";
import { SearchField } from "./search-field";

const FilterSheet = dynamic(() => import("./filter-sheet"), { ssr: false });

export type FilterBarProps = {
  filters: DealFilters;
  categories: Category[];
  onChange: (patch: Partial<DealFilters>) => void;
  onClear: () => void;
};

export function FilterBar({ filters, categories, onChange, onClear }: FilterBarProps) {
  const [sheetWanted, setSheetWanted] = useState(false);
  const [sheet, setSheet] = useState(false);
  const choices = choiceFilters(filters, categories);
  const count = countFilters({ ...filters, q: null, marketplace: null });
  const anything = countFilters({ ...filters, marketplace: null }) > 0;
  const price = priceWords(filters);

  return (
    <search className={classes.bar}>
      <div className={classes.top}>
        <SearchField value={filters.q} onChange={(q) => onChange({ q })} />
        <NativeSelect
          className={classes.sort}
          aria-label="Sort by"
          data={SORT_OPTIONS}
          value={filters.sort}
          onChange={(event) => onChange({ sort: event.currentTarget.value as DealFilters["sort"] })}
          rightSection={<IconChevronDown size={16} aria-hidden />}
        />
      </div>

      <div className={classes.pills}>
        {choices.map((choice) => (
          <ChoicePill key={choice.name} choice={choice} onChange={onChange} />
        ))}
        <PricePill filters={filters} words={price} onChange={onChange} />
        <button
          type="button"
          className={classes.pill}
          aria-pressed={filters.free_shipping === true}
          data-set={filters.free_shipping || undefined}
          onClick={() => onChange({ free_shipping: filters.free_shipping ? null : true })}
        >
          Free shipping
        </button>
        {anything && (
          <button type="button" className={classes.clear} onClick={onClear}>
            Clear all
          </button>
        )}
      </div>

      <div className={classes.chips}>
        <button
          type="button"
          className={classes.pill}
          aria-haspopup="dialog"
          onClick={() => {
            setSheetWanted(true);
            setSheet(true);
          }}
        >
          <IconAdjustmentsHorizontal size={16} aria-hidden />
          Filters{count > 0 && ` · ${count}`}
        </button>
        {choices
          .filter((choice) => choice.chosen !== null)
          .map((choice) => (
            <Chip
              key={choice.name}
              words={`${choice.label}: ${choice.chosen}`}
              onRemove={() => onChange(choice.patch(null))}
            />
          ))}
        {price && (
          <Chip
            words={`Price: ${price}`}
            onRemove={() => onChange({ min_price_cents: null, max_price_cents: null })}
          />
        )}
        {filters.free_shipping && (
          <Chip words="Free shipping" onRemove={() => onChange({ free_shipping: null })} />
        )}
        {anything && (
          <button type="button" className={classes.clear} onClick={onClear}>
            Clear all
          </button>
        )}
      </div>

      {sheetWanted && (
        <FilterSheet
          opened={sheet}
          onClose={() => setSheet(false)}
          filters={filters}
          choices={choices}
          onChange={onChange}
          onClear={onClear}
        />
      )}
    </search>
  );
}

function Chip({ words, onRemove }: { words: string; onRemove: () => void }) {
  return (
    <button
      type="button"
      className={classes.pill}
      data-set
      onClick={onRemove}
      aria-label={`Remove filter ${words}`}
    >
      {words}
      <IconX size={14} aria-hidden />
    </button>
  );
}
