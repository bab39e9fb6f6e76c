"use client";
// The four states of a list: on its way, failed, empty, full; and the way to more of it.
import { Button } from "@mantine/core";
import { IconCloudOff } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { FailureWords, Notice, RetryButton } from "@/components/notice";
import classes from "./admin.module.css";
import { SecondFactorNeeded } from "./admin-frame";
import { ApiError } from "./queries";

type Question = {
  isPending: boolean;
  isError: boolean;
  isFetching: boolean;
  error: Error | null;
  data: unknown;
  refetch: () => unknown;
  hasNextPage?: boolean;
  isFetchingNextPage?: boolean;
  isFetchNextPageError?: boolean;
  fetchNextPage?: () => unknown;
};

type Props = {
  question: Question;
  /** "The jobs": what did not load. */
  what: string;
  rows: number;
  rowHeight: number;
  isEmpty: boolean;
  empty: ReactNode;
  children: ReactNode;
};

export function Listed({ question, what, rows, rowHeight, isEmpty, empty, children }: Props) {
  if (question.data === undefined && question.isError && question.error) {
    if (question.error instanceof ApiError && question.error.code === "second_factor_needed")
      return <SecondFactorNeeded />;
    return (
      <Notice
        icon={<IconCloudOff size={20} />}
        title={`${what} did not load`}
        alert
        action={<RetryButton onRetry={question.refetch} busy={question.isFetching} />}
      >
        <FailureWords error={question.error} safe="Nothing was changed." />
      </Notice>
    );
  }
  if (question.isPending) {
    return (
      <div className={classes.rows} data-testid="admin-skeleton" aria-hidden="true">
        {Array.from({ length: rows }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: shapes without contents
          <div key={index} className={classes.row} style={{ height: rowHeight }}>
            <div className="skeleton" style={{ width: "40%", height: 14 }} />
            <div className="skeleton" style={{ width: "65%", height: 12, marginTop: 10 }} />
          </div>
        ))}
      </div>
    );
  }
  if (isEmpty) return empty;
  return (
    <>
      {question.isError && question.error && !question.isFetchNextPageError && (
        <p className={classes.behind} role="status">
          What you see is not the newest: {question.error.message} It is asked for again by itself.
        </p>
      )}
      {children}
      {question.hasNextPage && (
        <div className={classes.more}>
          {question.isFetchNextPageError && (
            <p role="alert">{question.error?.message} What is above is still good.</p>
          )}
          <Button
            variant="default"
            loading={question.isFetchingNextPage ?? false}
            onClick={() => question.fetchNextPage?.()}
          >
            {question.isFetchNextPageError ? "Try again" : "Load more"}
          </Button>
        </div>
      )}
    </>
  );
}
