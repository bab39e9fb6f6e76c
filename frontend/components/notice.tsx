// What a list or a page says instead of its contents: nothing here, or something went wrong.
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./notice.module.css";

type Props = {
  icon: ReactNode;
  title: string;
  children: ReactNode;
  action?: ReactNode;
  alert?: boolean;
  heading?: "h1" | "h2";
};

export function Notice({ icon, title, children, action, alert = false, heading: Heading = "h2" }: Props) {
  return (
    <div className={classes.notice} role={alert ? "alert" : undefined}>
      <span className={classes.icon} aria-hidden="true">
        {icon}
      </span>
      <Heading>{title}</Heading>
      <div className={classes.body}>{children}</div>
      {action}
    </div>
  );
}

export function RetryButton({ onRetry, busy }: { onRetry: () => void; busy: boolean }) {
  return (
    <Button onClick={onRetry} loading={busy}>
      Try again
    </Button>
  );
}

type Failure = Error & { requestId?: string | null };

/** What happened, and what is safe; the request's id small, for whoever has to look. */
export function FailureWords({ error, safe }: { error: Failure; safe: string }) {
  const { requestId } = error;
  return (
    <>
      <p>
        {error.message} {safe}
      </p>
      {requestId && <p className={classes.requestId}>Request {requestId}</p>}
    </>
  );
}
