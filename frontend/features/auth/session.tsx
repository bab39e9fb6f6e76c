"use client";
// Who is signed in, for every part of the page that asks.
import { createContext, type ReactNode, useContext } from "react";
import { type GivenSession, type Session, useSession } from "./queries";

const SessionContext = createContext<Session | null>(null);

export function SessionProvider({ given, children }: { given: GivenSession | null; children: ReactNode }) {
  const session = useSession(given).data ?? null;
  return <SessionContext value={session}>{children}</SessionContext>;
}

/** The session as far as it is known; null until it is. */
export const useCurrentSession = () => useContext(SessionContext);
