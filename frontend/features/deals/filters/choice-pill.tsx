"use client";
import { Menu } from "@mantine/core";
import { IconCheck, IconChevronDown, IconX } from "@tabler/icons-react";
import type { DealFilters } from "@/lib/url-state";
import classes from "./filter-bar.module.css";
import type { ChoiceFilter } from "./options";

type Props = { choice: ChoiceFilter; onChange: (patch: Partial<DealFilters>) => void };

/** A filter with one choice of several: says what is chosen, opens the choices, and can be taken off. */
export function ChoicePill({ choice, onChange }: Props) {
  const isSet = choice.value !== null;
  return (
    <span className={classes.pillGroup}>
      <Menu
        position="bottom-start"
        offset={6}
        radius={8}
        shadow="md"
        transitionProps={{ duration: 100 }}
        withinPortal
      >
        <Menu.Target>
          <button
            type="button"
            className={classes.pill}
            data-set={isSet || undefined}
            data-joined={isSet || undefined}
          >
            {choice.label}
            {isSet ? <b>{choice.chosen}</b> : <IconChevronDown size={14} aria-hidden />}
          </button>
        </Menu.Target>
        <Menu.Dropdown mah={360} className={classes.menu}>
          {choice.options.length === 0 && <Menu.Label>Nothing to choose from yet</Menu.Label>}
          {choice.options.map((option) => (
            <Menu.Item
              key={option.value}
              role="menuitemradio"
              aria-checked={option.value === choice.value}
              rightSection={option.value === choice.value ? <IconCheck size={16} aria-hidden /> : null}
              onClick={() => onChange(choice.patch(option.value === choice.value ? null : option.value))}
            >
              {option.label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {isSet && (
        <button
          type="button"
          className={classes.remove}
          aria-label={`Remove filter ${choice.label}: ${choice.chosen}`}
          onClick={() => onChange(choice.patch(null))}
        >
          <IconX size={14} aria-hidden />
        </button>
      )}
    </span>
  );
}
