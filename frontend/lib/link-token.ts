"use client";
// The token of a link that came by mail. It stands in the address's fragment, which is sent to no server.
import { useEffect, useState } from "react";

/** The token; "" when the address has none; null until the page has looked. Taken out of the address and its history. */
export function useLinkToken(): string | null {
  const [token, setToken] = useState<string | null>(null);
  useEffect(() => {
    const look = () => {
      const found = new URLSearchParams(window.location.hash.slice(1)).get("token") ?? "";
      setToken((known) => found || known || "");
      if (found) window.history.replaceState(null, "", window.location.pathname + window.location.search);
    };
    look();
    // A second link opened in the same tab changes the fragment alone, and loads nothing.
    window.addEventListener("hashchange", look);
    return () => window.removeEventListener("hashchange", look);
  }, []);
  return token;
}
