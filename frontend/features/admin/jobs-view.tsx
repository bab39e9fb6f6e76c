"use client";
// The work: what is being done, waits, failed or was given up, as it goes; and the way to try again.
import { NativeSelect } from "@mantine/core";
import { IconCircleCheck, IconRefresh } from "@tabler/icons-react";
import { useQueryStates } from "nuqs";
import { Notice } from "@/components/notice";
import { useNow } from "@/components/now";
import { RelativeTime } from "@/components/relative-time";
import { formatCount } from "@/lib/format";
import { type JobFilters, jobParsers } from "./address";
import classes from "./admin.module.css";
import { PageHead } from "./admin-frame";
import jobClasses from "./jobs.module.css";
import { Listed } from "./listed";
import { type Given, itemsOf, type JobList, type JobRow, useJobs, useRetryJob } from "./queries";
import { countsWords, JOB_STATE_WORDS, JOB_STATES, jobKindWords, shareDone, shortId } from "./words";

export function JobsView({ given }: { given: Given<JobList, JobFilters> }) {
  const [{ state, kind }, setFilters] = useQueryStates(jobParsers, { history: "push" });
  const shown = state ?? "running";
  const jobs = useJobs({ state: shown, kind }, given);
  const first = jobs.data?.pages[0];
  const rows = itemsOf(jobs.data).filter((job) => job.state === shown);
  // What stands there is another tab's: no row of this one, and no sign that it has none.
  const isOnItsWay = jobs.isPlaceholderData && rows.length === 0;
  const words = JOB_STATE_WORDS[shown];
  return (
    <div className={classes.page}>
      <PageHead
        title="Jobs"
        lead="Work is kept as rows: nothing here is lost when a worker dies. Kept up to date while you look."
      >
        <NativeSelect
          label="Kind of work"
          value={kind ?? ""}
          onChange={(event) => setFilters({ kind: event.currentTarget.value || null })}
          data={[
            { value: "", label: "Every kind" },
            ...[...new Set([...(first?.kinds ?? []), ...(kind ? [kind] : [])])].map((each) => ({
              value: each,
              label: jobKindWords(each),
            })),
          ]}
        />
      </PageHead>
      <fieldset className="plain-group">
        <legend className="visually-hidden">State of the work</legend>
        <div className={jobClasses.tabs}>
          {JOB_STATES.map((each) => {
            const many = first?.counts[each];
            return (
              <button
                key={each}
                type="button"
                aria-pressed={each === shown}
                data-tone={(each === "failed" || each === "dead") && many ? "danger" : undefined}
                onClick={() => setFilters({ state: each === "running" ? null : each })}
              >
                {JOB_STATE_WORDS[each].tab} <span>{many === undefined ? "–" : formatCount(many)}</span>
              </button>
            );
          })}
        </div>
      </fieldset>
      <Listed
        question={isOnItsWay ? { ...jobs, isPending: true } : jobs}
        what="The jobs"
        rows={6}
        rowHeight={70}
        isEmpty={rows.length === 0}
        empty={
          <Notice icon={<IconCircleCheck size={20} />} title={words.none}>
            <p>{words.noneMore}</p>
          </Notice>
        }
      >
        <ul className={classes.rows} aria-label={`Jobs, ${words.tab.toLowerCase()}`}>
          {rows.map((job) => (
            <JobItem key={job.id} job={job} />
          ))}
        </ul>
      </Listed>
    </div>
  );
}

function JobItem({ job }: { job: JobRow }) {
  const retry = useRetryJob();
  const canRetry = job.state === "failed" || job.state === "dead";
  const kind = jobKindWords(job.kind);
  return (
    <li className={classes.row} data-job={job.id}>
      <div className={classes.rowHead}>
        <h2 className={classes.name}>{kind}</h2>
        {canRetry && (
          <button
            type="button"
            className={classes.small}
            disabled={retry.isPending || retry.isSuccess}
            onClick={() => retry.mutate(job.id)}
            aria-label={`Retry: ${kind}`}
          >
            <IconRefresh size={16} aria-hidden />
            Retry
          </button>
        )}
      </div>
      <p className={classes.facts}>
        <span>
          Attempt {job.attempts} of {job.max_attempts}
        </span>
        <When job={job} />
        {job.state === "done" && <span>{countsWords(job.result)}</span>}
        <span title={job.id}>{shortId(job.id)}</span>
      </p>
      {job.state === "running" && <Progress progress={job.progress} />}
      {job.last_error && (
        <details className={classes.error}>
          <summary>
            {job.state === "queued" || job.state === "running" ? "Last attempt’s error" : "Why it failed"}
          </summary>
          <pre>{job.last_error}</pre>
        </details>
      )}
      {retry.isError && (
        <p className={classes.refused} role="alert">
          It was not queued: {retry.error.message}
        </p>
      )}
    </li>
  );
}

function When({ job }: { job: JobRow }) {
  const now = useNow();
  const asked = (
    <span>
      Queued <RelativeTime at={job.created_at} />
    </span>
  );
  return (
    <>
      {asked}
      {job.state === "running" && job.started_at && (
        <span>
          Begun <RelativeTime at={job.started_at} />
        </span>
      )}
      {job.next_attempt_at &&
        (Date.parse(job.next_attempt_at) <= now ? (
          <span>Waits for a free worker</span>
        ) : (
          <span>
            Next attempt <RelativeTime at={job.next_attempt_at} />
          </span>
        ))}
      {job.finished_at && (
        <span>
          Ended <RelativeTime at={job.finished_at} />
        </span>
      )}
    </>
  );
}

/** How far a job is: a bar where it says of how much, and what it counted. */
export function Progress({ progress }: { progress: JobRow["progress"] }) {
  const share = shareDone(progress);
  const counts = countsWords(progress);
  if (share === null && !counts) return null;
  return (
    <div className={jobClasses.progress}>
      {share !== null && (
        <div
          className={classes.bar}
          role="progressbar"
          aria-label="How far it is"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(share * 100)}
        >
          <span style={{ width: `${share * 100}%` }} />
        </div>
      )}
      <span>
        {share !== null && `${String(progress?.done)} of ${String(progress?.of)} parts`}
        {share !== null && counts && " · "}
        {counts}
      </span>
    </div>
  );
}
