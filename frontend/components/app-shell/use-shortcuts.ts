"use client";
import { useEffect, useRef } from "react";

const TYPING = "input, textarea, select, [contenteditable='true']";

/** True where a plain letter belongs to a text field or to an open dialog, not to the page. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.target as Element | null;
  return Boolean(target?.closest?.(TYPING)) || document.querySelector("[role='dialog']") !== null;
}

/**
 * Keys of a page: "j", "/", "?", "Escape", or "mod+k" (Ctrl, ⌘ on a Mac; works while typing too).
 * A handler that answers false lets the key go on its way.
 */
export function useShortcuts(handlers: Record<string, () => unknown>): void {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || event.isComposing) return;
      const mod = event.ctrlKey || event.metaKey;
      if (!mod && isTaken(event)) return;
      const handler = latest.current[mod ? `mod+${event.key.toLowerCase()}` : event.key];
      if (handler && handler() !== false) event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
