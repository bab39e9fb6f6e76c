"use client";
import { IconCheck, IconChevronDown } from "@tabler/icons-react";
import { Dropdown } from "@/components/dropdown";
import type { DealFilters } from "@/lib/url-state";
import classes from "./filter-bar.module.css";
import type { ChoiceFilter } from "./options";
import { RemoveFilter } from "./remove-filter";

type Props = { choice: ChoiceFilter; onChange: (patch: Partial<DealFilters>) => void };

/** A filter with one choice of several: says what is chosen, opens the choices, and can be taken off. */
export function ChoicePill({ choice, onChange }: Props) {
  const isSet = choice.value !== null;
  return (
    <span className={classes.pillGroup}>
      <Dropdown
        role="menu"
        name={choice.label}
        isSet={isSet}
        buttonClassName={classes.pill}
        label={
          <>
            {choice.label}
            {isSet ? <b>{choice.chosen}</b> : <IconChevronDown size={14} aria-hidden />}
          </>
        }
      >
        {(close) =>
          choice.options.length === 0 ? (
            <p className={classes.nothing}>Nothing to choose from yet</p>
          ) : (
            choice.options.map((option) => (
              <button
                type="button"
                key={option.value}
                role="menuitemradio"
                tabIndex={-1}
                className={classes.option}
                aria-checked={option.value === choice.value}
                onClick={() => {
                  close();
                  onChange(choice.patch(option.value === choice.value ? null : option.value));
                }}
              >
                {option.label}
                {option.value === choice.value && <IconCheck size={16} aria-hidden />}
              </button>
            ))
          )
        }
      </Dropdown>
      {isSet && (
        <RemoveFilter
          words={`${choice.label}: ${choice.chosen}`}
          onRemove={() => onChange(choice.patch(null))}
        />
      )}
    </span>
  );
}
