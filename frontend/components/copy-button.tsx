"use client";
import { Button } from "@mantine/core";
import { useState } from "react";

type State = "ready" | "copied" | "refused";

/** Copies a text, and says whether that worked: a browser may refuse it. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [state, setState] = useState<State>("ready");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch (error) {
      // Refused by the browser, or no clipboard without https; what is to be copied stands beside the button.
      if (!(error instanceof DOMException || error instanceof TypeError)) throw error;
      setState("refused");
    }
  };
  return (
    <Button variant="default" onClick={copy} aria-live="polite">
      {state === "ready" ? label : state === "copied" ? "Copied" : "Not copied: mark it and copy it by hand"}
    </Button>
  );
}
