"use client";
import { Popover } from "@mantine/core";
import { IconChevronDown, IconX } from "@tabler/icons-react";
import { useState } from "react";
import type { DealFilters } from "@/lib/url-state";
import classes from "./filter-bar.module.css";
import { PriceFields } from "./price-fields";

type Props = {
  filters: DealFilters;
  words: string | null;
  onChange: (patch: Partial<DealFilters>) => void;
};

export function PricePill({ filters, words, onChange }: Props) {
  const [opened, setOpened] = useState(false);
  const isSet = words !== null;
  return (
    <span className={classes.pillGroup}>
      <Popover
        opened={opened}
        onChange={setOpened}
        position="bottom-start"
        offset={6}
        radius={8}
        shadow="md"
        trapFocus
        returnFocus
        transitionProps={{ duration: 100 }}
      >
        <Popover.Target>
          <button
            type="button"
            className={classes.pill}
            data-set={isSet || undefined}
            data-joined={isSet || undefined}
            onClick={() => setOpened((open) => !open)}
          >
            Price
            {isSet ? <b>{words}</b> : <IconChevronDown size={14} aria-hidden />}
          </button>
        </Popover.Target>
        <Popover.Dropdown aria-label="Price range">
          <PriceFields
            filters={filters}
            onApply={(patch) => {
              onChange(patch);
              setOpened(false);
            }}
          />
        </Popover.Dropdown>
      </Popover>
      {isSet && (
        <button
          type="button"
          className={classes.remove}
          aria-label={`Remove filter Price: ${words}`}
          onClick={() => onChange({ min_price_cents: null, max_price_cents: null })}
        >
          <IconX size={14} aria-hidden />
        </button>
      )}
    </span>
  );
}
