"use client";
// A button with a panel under it. The panel closes on Escape, on a press outside, and when focus leaves it.
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import classes from "./dropdown.module.css";

type Props = {
  label: ReactNode;
  buttonClassName: string | undefined;
  isSet: boolean;
  role: "menu" | "dialog";
  name: string;
  /** The panel's contents; `close` puts the focus back on the button. */
  children: (close: () => void) => ReactNode;
};

const ITEMS = "[role^='menuitem'], input";

export function Dropdown({ label, buttonClassName, isSet, role, name, children }: Props) {
  const [opened, setOpened] = useState(false);
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!opened) return;
    const items = root.current?.querySelectorAll<HTMLElement>(ITEMS);
    (root.current?.querySelector<HTMLElement>("[aria-checked='true']") ?? items?.[0])?.focus();
    const onPress = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpened(false);
    };
    document.addEventListener("pointerdown", onPress);
    return () => document.removeEventListener("pointerdown", onPress);
  }, [opened]);

  const close = () => {
    setOpened(false);
    button.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (!opened) return;
    if (event.key === "Escape") {
      event.preventDefault();
      close();
    } else if (role === "menu") {
      const to = itemAfter(event.key, Array.from(root.current?.querySelectorAll<HTMLElement>(ITEMS) ?? []));
      if (to) {
        event.preventDefault();
        to.focus();
      }
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only listens to what its button and panel let through
    <div
      ref={root}
      className={classes.root}
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        if (event.relatedTarget && !root.current?.contains(event.relatedTarget)) setOpened(false);
      }}
    >
      <button
        ref={button}
        type="button"
        className={buttonClassName}
        data-set={isSet || undefined}
        data-joined={isSet || undefined}
        aria-haspopup={role}
        aria-expanded={opened}
        aria-controls={opened ? id : undefined}
        onClick={() => setOpened((open) => !open)}
      >
        {label}
      </button>
      {opened && (
        // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles that come here take a name
        <div id={id} role={role} aria-label={name} className={classes.panel}>
          {children(close)}
        </div>
      )}
    </div>
  );
}

function itemAfter(key: string, items: HTMLElement[]): HTMLElement | undefined {
  const at = items.indexOf(document.activeElement as HTMLElement);
  if (key === "ArrowDown") return items[(at + 1) % items.length];
  if (key === "ArrowUp") return items[(at - 1 + items.length) % items.length];
  if (key === "Home") return items[0];
  if (key === "End") return items.at(-1);
  if (key.length !== 1 || key === " ") return undefined;
  // A letter goes to the next item that begins with it.
  const after = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  return after.find((item) => item.textContent?.trim().toLowerCase().startsWith(key.toLowerCase()));
}
