"use client";
// What was just done, said at the foot of the page, with the way to take it back for a while.
import { useEffect } from "react";
import classes from "./undo.module.css";

export type Done = { words: string; undo: () => void };

const SHOWN_MS = 10_000;

export function Undo({ done, onGone }: { done: Done | null; onGone: () => void }) {
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(onGone, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [done, onGone]);
  return (
    <div className={classes.place} role="status">
      {done && (
        <div className={classes.strip}>
          <span>{done.words}</span>
          <button
            type="button"
            onClick={() => {
              done.undo();
              onGone();
            }}
          >
            Undo
          </button>
        </div>
      )}
    </div>
  );
}
