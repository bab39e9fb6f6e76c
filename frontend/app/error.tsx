"use client";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Notice, RetryButton } from "@/components/notice";

type Props = { error: Error & { digest?: string }; reset: () => void };

export default function PageError({ error, reset }: Props) {
  return (
    <Notice
      alert
      heading="h1"
      icon={<IconAlertTriangle size={24} stroke={1.5} />}
      title="This page could not be drawn"
      action={<RetryButton onRetry={reset} busy={false} />}
    >
      <p>Nothing was changed or sent. Try again; if it happens twice, the report below helps to find it.</p>
      {error.digest && <p>Report {error.digest}</p>}
    </Notice>
  );
}
