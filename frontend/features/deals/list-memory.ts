// Which deal was opened from the list, so that going back lands on it and Escape knows where "back" is.
const OPENED = "deal-scout.opened";

export function rememberOpened(id: string): void {
  sessionStorage.setItem(OPENED, JSON.stringify({ id, from: window.location.search }));
}

/** The deal that was opened last, once. */
export function takeOpened(): string | null {
  const opened = readOpened();
  sessionStorage.removeItem(OPENED);
  return opened?.id ?? null;
}

export function readOpened(): { id: string; from: string } | null {
  const kept = sessionStorage.getItem(OPENED);
  return kept ? (JSON.parse(kept) as { id: string; from: string }) : null;
}
