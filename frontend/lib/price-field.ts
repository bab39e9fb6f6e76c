// A price as people type it, and back.

/** "89.99" or "90" to cents; null for an empty field, undefined for what is not a price. */
export function readPrice(text: string): number | null | undefined {
  const trimmed = text.trim().replace(/^\$/, "").replaceAll(",", "");
  if (trimmed === "") return null;
  return /^\d{1,7}(\.\d{1,2})?$/.test(trimmed) ? Math.round(Number(trimmed) * 100) : undefined;
}

export const writePrice = (cents: number | null) =>
  cents === null ? "" : cents % 100 === 0 ? String(cents / 100) : (cents / 100).toFixed(2);
