"use client";
import { useEffect, useState } from "react";

/**
 * False on the first render, then what is asked for. A lazily loaded dialog that is born open does not
 * remember where the focus was; one that opens after its first render gives it back.
 */
export function useOpenedAfterMount(wanted: boolean): boolean {
  const [opened, setOpened] = useState(false);
  useEffect(() => setOpened(wanted), [wanted]);
  return opened;
}
