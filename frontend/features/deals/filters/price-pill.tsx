"use client";
import { IconChevronDown } from "@tabler/icons-react";
import { Dropdown } from "@/components/dropdown";
import type { DealFilters } from "@/lib/url-state";
import classes from "./filter-bar.module.css";
import { PriceFields } from "./price-fields";
import { RemoveFilter } from "./remove-filter";

type Props = {
  filters: DealFilters;
  words: string | null;
  onChange: (patch: Partial<DealFilters>) => void;
};

export function PricePill({ filters, words, onChange }: Props) {
  const isSet = words !== null;
  return (
    <span className={classes.pillGroup}>
      <Dropdown
        role="dialog"
        name="Price range"
        isSet={isSet}
        buttonClassName={classes.pill}
        label={
          <>
            Price
            {isSet ? <b>{words}</b> : <IconChevronDown size={14} aria-hidden />}
          </>
        }
      >
        {(close) => (
          <PriceFields
            filters={filters}
            onApply={(patch) => {
              close();
              onChange(patch);
            }}
          />
        )}
      </Dropdown>
      {isSet && (
        <RemoveFilter
          words={`Price: ${words}`}
          onRemove={() => onChange({ min_price_cents: null, max_price_cents: null })}
        />
      )}
    </span>
  );
}
