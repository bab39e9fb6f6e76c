"use client";
import { TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch, IconX } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import classes from "./filter-bar.module.css";

type Props = { value: string | null; onChange: (value: string | null) => void };

const TYPING_PAUSE_MS = 250;

/** The words to search for. They reach the address after a pause in typing, or at once on Enter. */
export function SearchField({ value, onChange }: Props) {
  const [text, setText] = useState(value ?? "");
  const sent = useRef(value ?? "");
  useEffect(() => {
    // The address changed by itself: Back, "Clear all", a link.
    if ((value ?? "") !== sent.current.trim()) setText(value ?? "");
    sent.current = value ?? "";
  }, [value]);

  const send = (next: string) => {
    sent.current = next;
    onChange(next.trim() || null);
  };
  const sendLater = useDebouncedCallback(send, TYPING_PAUSE_MS);
  const clear = () => {
    setText("");
    send("");
  };

  return (
    <TextInput
      id="deal-search"
      className={classes.search}
      type="search"
      name="q"
      placeholder="Search deals"
      aria-label="Search deals"
      autoComplete="off"
      maxLength={200}
      value={text}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={
        text ? (
          <button type="button" className={classes.clearSearch} aria-label="Clear search" onClick={clear}>
            <IconX size={16} aria-hidden />
          </button>
        ) : (
          <span className={classes.slash} aria-hidden="true">
            /
          </span>
        )
      }
      onChange={(event) => {
        setText(event.currentTarget.value);
        sendLater(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") send(text);
        if (event.key === "Escape") event.currentTarget.blur();
      }}
    />
  );
}
