"use client";
import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { readPrice, writePrice } from "@/lib/price-field";
import type { DealFilters } from "@/lib/url-state";
import classes from "./filter-bar.module.css";

type Props = { filters: DealFilters; onApply: (patch: Partial<DealFilters>) => void };

/** Least and most price. Nothing is applied until both can be read and stand in order. */
export function PriceFields({ filters, onApply }: Props) {
  const [low, setLow] = useState(writePrice(filters.min_price_cents));
  const [high, setHigh] = useState(writePrice(filters.max_price_cents));
  const [fault, setFault] = useState<string | null>(null);

  return (
    <form
      className={classes.price}
      onSubmit={(event) => {
        event.preventDefault();
        const min = readPrice(low);
        const max = readPrice(high);
        if (min === undefined || max === undefined) return setFault("Write a price such as 45 or 89.99");
        if (min !== null && max !== null && min > max) return setFault("The least is above the most");
        setFault(null);
        onApply({ min_price_cents: min, max_price_cents: max });
      }}
    >
      <TextInput
        label="Price from"
        inputMode="decimal"
        placeholder="0"
        leftSection="$"
        value={low}
        onChange={(event) => setLow(event.currentTarget.value)}
      />
      <TextInput
        label="Price to"
        inputMode="decimal"
        placeholder="any"
        leftSection="$"
        value={high}
        onChange={(event) => setHigh(event.currentTarget.value)}
      />
      {fault && (
        <p role="alert" className={classes.fault}>
          {fault}
        </p>
      )}
      <Button type="submit" fullWidth className={classes.apply}>
        Set price
      </Button>
    </form>
  );
}
