"use client";
// How each marketplace is read: its health and why, today's calls, the last scans; and the two things to set going.
import { Button } from "@mantine/core";
import { IconRadar2, IconScale } from "@tabler/icons-react";
import Link from "next/link";
import { useState } from "react";
import { Notice } from "@/components/notice";
import { RelativeTime } from "@/components/relative-time";
import { formatCount, formatPercent } from "@/lib/format";
import classes from "./admin.module.css";
import { PageHead } from "./admin-frame";
import { Progress } from "./jobs-view";
import { Listed } from "./listed";
import {
  type Budget,
  type Cycle,
  type Given,
  hasEnded,
  type Source,
  type SourceList,
  type Task,
  useJob,
  useSources,
  useStartTask,
} from "./queries";
import sourceClasses from "./sources.module.css";
import { asSentence, BUDGET_WORDS, budgetWords, countsWords, JOB_STATE_WORDS } from "./words";

const STATES: Record<Source["state"], { words: string; tone: string }> = {
  healthy: { words: "Healthy", tone: "good" },
  degraded: { words: "Degraded", tone: "doubt" },
  starting: { words: "Starting", tone: "plain" },
};

const SALES: Record<Source["sales_state"], string> = {
  off: "Off",
  not_asked: "Not asked yet",
  granted: "Granted",
  not_granted: "Not granted",
};

const SCANS_SHOWN = 6;

export function SourcesView({ given }: { given: Given<SourceList> }) {
  const sources = useSources(given);
  const items = sources.data?.items ?? [];
  return (
    <div className={classes.page}>
      <PageHead title="Sources" lead="How well each marketplace is read, and what its calls cost today.">
        <StartTask task="scan" />
        <StartTask task="recompute-comps" />
      </PageHead>
      <Listed
        question={sources}
        what="The sources"
        rows={1}
        rowHeight={420}
        isEmpty={items.length === 0}
        empty={
          <Notice icon={<IconRadar2 size={20} />} title="No source is known">
            <p>A marketplace shows up here once this Deal Scout has terms for it.</p>
          </Notice>
        }
      >
        {items.map((source) => (
          <SourceCard key={source.id} source={source} />
        ))}
      </Listed>
    </div>
  );
}

const TASKS: Record<Task, { label: string; name: string; Icon: typeof IconRadar2 }> = {
  scan: { label: "Scan now", name: "The scan", Icon: IconRadar2 },
  "recompute-comps": { label: "Recompute comparables", name: "Recomputing comparables", Icon: IconScale },
};

/** A button that queues work and then says how it goes. */
function StartTask({ task }: { task: Task }) {
  const { label, name, Icon } = TASKS[task];
  const start = useStartTask();
  const [id, setId] = useState<string | null>(null);
  const job = useJob(id);
  const isOn = start.isPending || (id !== null && !hasEnded(job.data) && !job.isError);
  return (
    <>
      <Button
        variant={task === "scan" ? "filled" : "default"}
        leftSection={<Icon size={16} aria-hidden />}
        loading={isOn}
        onClick={() => start.mutate(task, { onSuccess: setId })}
      >
        {label}
      </Button>
      {(start.isError || id !== null) && (
        <div className={sourceClasses.job} role="status" data-task={task}>
          {start.isError ? (
            <p>
              {name} was not started: {start.error.message}
            </p>
          ) : job.isError ? (
            <p>
              {name} was queued, but how it goes could not be read: {job.error.message}{" "}
              <Link href="/admin/jobs">See the jobs</Link>
            </p>
          ) : (
            <>
              <p>
                <strong>{name}:</strong> {JOB_STATE_WORDS[job.data?.state ?? "queued"].one.toLowerCase()}
                {hasEnded(job.data) && countsWords(job.data?.result ?? null) && (
                  <> · {countsWords(job.data?.result ?? null)}</>
                )}
              </p>
              {job.data?.state === "running" && <Progress progress={job.data.progress} />}
              {job.data?.last_error && <p>{job.data.last_error}</p>}
            </>
          )}
        </div>
      )}
    </>
  );
}

function SourceCard({ source }: { source: Source }) {
  const state = STATES[source.state];
  return (
    <section className={sourceClasses.card} aria-labelledby={`${source.id}-title`}>
      <div>
        <div className={classes.rowHead}>
          <h2 id={`${source.id}-title`}>
            {source.name} {source.simulated && <span className={classes.aside}>simulated</span>}
          </h2>
          <span className={classes.pill} data-tone={state.tone}>
            {state.words}
          </span>
        </div>
        {source.state === "degraded" && (
          <p className={classes.behind} style={{ marginTop: 12 }}>
            <strong>Why:</strong> {asSentence(source.reason ?? "Scans fail")} Two bad scans in a row degrade a
            source; one good scan heals it. Listings stay as they are meanwhile.
          </p>
        )}
      </div>
      <dl className={sourceClasses.facts}>
        <Fact name="In this state since" at={source.state_since} />
        <Fact name="Last scan" at={source.last_scan_at} />
        <Fact name="Last good scan" at={source.last_success_at} />
        <Fact name="Comparables read" at={source.comps_refreshed_at} />
        <div>
          <dt>Listings held</dt>
          <dd>
            {formatCount(source.listings)} <span>{formatCount(source.live_listings)} shown</span>
          </dd>
        </div>
        <div>
          <dt>Past sales</dt>
          <dd title={source.sales_reason ?? undefined}>{SALES[source.sales_state]}</dd>
        </div>
      </dl>
      <div>
        <h3>Calls today</h3>
        <div className={sourceClasses.budgets}>
          {source.budgets.map((budget) => (
            <BudgetBar key={budget.service} budget={budget} />
          ))}
        </div>
      </div>
      <div>
        <h3>Last scans</h3>
        {source.cycles.length === 0 ? (
          <p className={classes.aside}>None yet. Each scan shows here what it asked and got.</p>
        ) : (
          <Cycles cycles={source.cycles.slice(0, SCANS_SHOWN)} />
        )}
      </div>
    </section>
  );
}

function Fact({ name, at }: { name: string; at: string | null }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{at ? <RelativeTime at={at} /> : "Never"}</dd>
    </div>
  );
}

function BudgetBar({ budget }: { budget: Budget }) {
  const { words, tone } = budgetWords(budget);
  const share = budget.allowed > 0 ? Math.min(1, budget.used / budget.allowed) : 1;
  const name = BUDGET_WORDS[budget.service] ?? budget.service;
  return (
    <div className={sourceClasses.budget}>
      <p>
        <span>{name}</span>
        <span>
          {formatCount(budget.used)} of {formatCount(budget.allowed)}
        </span>
      </p>
      <div className={classes.bar} data-tone={tone} aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <p>
        <span data-tone={tone}>{words}</span>
        <span>
          resets <RelativeTime at={budget.resets_at} />
        </span>
      </p>
    </div>
  );
}

function Cycles({ cycles }: { cycles: Cycle[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls sideways is reached by keys too
    <section className={sourceClasses.scroll} tabIndex={0} aria-label="Last scans, table">
      <table className={sourceClasses.cycles}>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Calls</th>
            <th scope="col">Failed</th>
            <th scope="col">Rows</th>
            <th scope="col">Readable</th>
            <th scope="col">Judged</th>
          </tr>
        </thead>
        <tbody>
          {cycles.map((cycle) => (
            <tr key={cycle.at} data-bad={cycle.problem !== null || undefined}>
              <td>
                <RelativeTime at={cycle.at} />
              </td>
              <td>{formatCount(cycle.calls)}</td>
              <td>{formatCount(cycle.failed)}</td>
              <td>{formatCount(cycle.rows)}</td>
              <td>{cycle.rows > 0 ? formatPercent(cycle.readable / cycle.rows) : "–"}</td>
              <td>{cycle.problem ?? "Good"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
