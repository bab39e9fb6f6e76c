"use client";
import { useSyncExternalStore } from "react";
import { formatAge, formatDateTime } from "@/lib/format";
import { useNow } from "./now";

const never = () => () => undefined;

/** "12 min ago", with the exact moment on hover: in UTC until the reader's own zone is known. */
export function RelativeTime({ at }: { at: string }) {
  const now = useNow();
  const inBrowser = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  return (
    <time dateTime={at} title={formatDateTime(at, inBrowser ? undefined : "UTC")}>
      {formatAge(at, now)}
    </time>
  );
}
