"use client";
// A field that narrows a list while one types and takes one of its options. After the ARIA pattern
// "editable combobox with list autocomplete".
import { TextInput } from "@mantine/core";
import { IconCheck, IconChevronDown } from "@tabler/icons-react";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import classes from "./search-select.module.css";

export type SearchOption = { value: string; label: string };

type Props = {
  label: string;
  options: SearchOption[];
  value: string | null;
  /** What stands in the field, and first in the list, when nothing is chosen. */
  none: string;
  /** The words for a value that is not among the options. */
  otherwise?: string | null | undefined;
  onChange: (value: string | null) => void;
};

const NOTHING = "No match; clear the field to see all.";

export function SearchSelect({ label, options, value, none, otherwise, onChange }: Props) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  /** What is typed; null while the list is closed. */
  const [typed, setTyped] = useState<string | null>(null);
  const [active, setActive] = useState(-1);
  const opened = typed !== null;
  const chosen =
    value === null ? "" : (options.find((option) => option.value === value)?.label ?? otherwise ?? value);
  const shown = matching(options, opened && typed !== chosen ? typed : "", none);

  const open = () => {
    if (opened) return;
    setTyped(chosen);
    setActive(-1);
  };
  const close = () => setTyped(null);
  const choose = (option: { value: string | null } | undefined) => {
    if (!option) return;
    close();
    if (option.value !== value) onChange(option.value);
  };
  const move = (to: number) => {
    open();
    const next = (to + shown.length) % Math.max(1, shown.length);
    setActive(next);
    list.current?.children[next]?.scrollIntoView?.({ block: "nearest" });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") move(active + 1);
    else if (event.key === "ArrowUp") move(active === -1 ? shown.length - 1 : active - 1);
    else if (event.key === "Escape" && opened) close();
    else if (event.key === "Enter" && opened) {
      if (active >= 0) choose(shown[active]);
      else close();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className={classes.root}>
      <TextInput
        label={label}
        placeholder={none}
        role="combobox"
        autoComplete="off"
        aria-autocomplete="list"
        aria-expanded={opened}
        aria-controls={opened ? id : undefined}
        aria-activedescendant={opened && shown[active] ? `${id}-${active}` : undefined}
        value={typed ?? chosen}
        rightSection={<IconChevronDown size={16} aria-hidden />}
        rightSectionPointerEvents="none"
        onClick={open}
        onFocus={(event) => event.currentTarget.select()}
        onBlur={close}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          const text = event.currentTarget.value;
          setTyped(text);
          setActive(text === "" ? -1 : 0);
        }}
      />
      {opened && (
        <div ref={list} id={id} role="listbox" aria-label={label} className={classes.list}>
          {shown.map((option, index) => (
            // The field keeps the focus and moves through the options by keys.
            // biome-ignore lint/a11y/useKeyWithClickEvents: see the line above
            <div
              key={option.value ?? ""}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={option.value === value}
              data-active={index === active || undefined}
              className={classes.option}
              onPointerDown={(event) => event.preventDefault()}
              onPointerEnter={() => setActive(index)}
              onClick={() => choose(option)}
            >
              {option.label}
              {option.value === value && <IconCheck size={16} aria-hidden />}
            </div>
          ))}
          {shown.length === 0 && (
            <div role="option" tabIndex={-1} aria-selected={false} aria-disabled className={classes.nothing}>
              {NOTHING}
            </div>
          )}
        </div>
      )}
    </div>
  );
}

/** The options that hold every word that is typed; all of them, after the way to choose none, for no words. */
function matching(
  options: SearchOption[],
  text: string,
  none: string,
): { value: string | null; label: string }[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [{ value: null, label: none }, ...options];
  return options.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)));
}
