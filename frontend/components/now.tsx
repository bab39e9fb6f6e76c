"use client";
// The moment that relative times are told from: the server's at first, so that both render the same words.
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";

const Now = createContext(0);
const TICK_MS = 30_000;

export function NowProvider({ start, children }: { start: number; children: ReactNode }) {
  const [now, setNow] = useState(start);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return <Now.Provider value={now}>{children}</Now.Provider>;
}

export const useNow = () => useContext(Now);
