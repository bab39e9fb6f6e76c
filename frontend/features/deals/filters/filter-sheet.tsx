"use client";
import "@/components/mantine-overlay.css";
// All filters in a sheet from the bottom, for a phone. Each choice shows in the list behind it at once.
import { Button, Drawer, NativeSelect, Switch } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useOpenedAfterMount } from "@/components/use-opened-after-mount";
import type { DealFilters } from "@/lib/url-state";
import classes from "./filter-bar.module.css";
import type { ChoiceFilter } from "./options";
import { PriceFields } from "./price-fields";

type Props = {
  opened: boolean;
  onClose: () => void;
  filters: DealFilters;
  choices: ChoiceFilter[];
  onChange: (patch: Partial<DealFilters>) => void;
  onClear: () => void;
};

export default function FilterSheet({ opened, onClose, filters, choices, onChange, onClear }: Props) {
  const isOpen = useOpenedAfterMount(opened);
  return (
    <Drawer.Root
      opened={isOpen}
      onClose={onClose}
      position="bottom"
      size="auto"
      transitionProps={{ duration: 140 }}
    >
      <Drawer.Overlay />
      <Drawer.Content aria-label="Filters" className={classes.sheet}>
        <Drawer.Body p={20}>
          <div className={classes.sheetHead}>
            <h2>Filters</h2>
            <Drawer.CloseButton aria-label="Close filters" size="lg" />
          </div>
          <div className={classes.sheetFields}>
            {choices.map((choice) => (
              <NativeSelect
                key={choice.name}
                size="md"
                label={choice.label}
                rightSection={<IconChevronDown size={16} aria-hidden />}
                value={choice.value ?? ""}
                data={[{ value: "", label: "Any" }, ...choice.options]}
                onChange={(event) => onChange(choice.patch(event.currentTarget.value || null))}
              />
            ))}
            <PriceFields
              key={`${filters.min_price_cents}-${filters.max_price_cents}`}
              filters={filters}
              onApply={onChange}
            />
            <Switch
              size="md"
              label="Free shipping only"
              checked={filters.free_shipping === true}
              onChange={(event) => onChange({ free_shipping: event.currentTarget.checked || null })}
            />
          </div>
          <div className={classes.sheetFoot}>
            <Button variant="default" size="md" onClick={onClear}>
              Clear all
            </Button>
            <Button size="md" onClick={onClose}>
              Show deals
            </Button>
          </div>
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
