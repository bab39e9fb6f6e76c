"use client";
import { useEffect, useRef } from "react";

const TYPING = "input, textarea, select, [contenteditable='true']";

/** True where a plain letter belongs to a text field or to an open dialog, not to the page. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.target as Element | null;
  return Boolean(target?.closest?.(TYPING)) || document.querySelector("[role='dialog']") !== null;
}

/** How long after "g" the key that says where to still counts. */
const GO_MS = 1200;

/**
 * Keys of a page: "j", "/", "?", "Escape", "g d" (one after the other), or "mod+k" (Ctrl, ⌘ on a Mac;
 * works while typing too).
 * A handler that answers false lets the key go on its way.
 */
export function useShortcuts(handlers: Record<string, () => unknown>): void {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    let goUntil = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || event.isComposing) return;
      const mod = event.ctrlKey || event.metaKey;
      if (!mod && isTaken(event)) return;
      const isGoing = !mod && event.timeStamp < goUntil;
      goUntil = !mod && event.key === "g" ? event.timeStamp + GO_MS : 0;
      const name = mod ? `mod+${event.key.toLowerCase()}` : event.key;
      const handler = (isGoing && latest.current[`g ${name}`]) || latest.current[name];
      if (handler && handler() !== false) event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
