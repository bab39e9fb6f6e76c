// Where to sign in, and the way back from there: only ever to a page of our own.
const LONGEST = 2000;

/** The path of a page of ours, or null for anything that could lead elsewhere. */
export function ownPath(path: string | null | undefined): string | null {
  if (!path || path.length > LONGEST || !path.startsWith("/") || /^\/[/\\]/.test(path)) return null;
  // A browser drops tabs and line ends from addresses, so "/\t/elsewhere" would lead there.
  if ([...path].some((letter) => letter < " " || letter === "\\" || letter === "\x7f")) return null;
  return path;
}

export function signInAddress(here: string): string {
  const next = ownPath(here);
  return next && next !== "/" ? `/login?next=${encodeURIComponent(next)}` : "/login";
}
