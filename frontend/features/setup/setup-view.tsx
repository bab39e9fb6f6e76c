"use client";
// The choices of whoever runs this, as facts: what may feed a value, why, and how to change it.
import { Button } from "@mantine/core";
import { IconCloudOff, IconExternalLink } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { RelativeTime } from "@/components/relative-time";
import { formatCount, formatDate } from "@/lib/format";
import { ApiError, type GivenSetup, type Setup, useSetup } from "./queries";
import classes from "./setup-view.module.css";

const KIND_WORDS: Record<Setup["comparables"][number]["kind"], string> = {
  sold: "Sales read from eBay",
  own_sale: "Your own sales",
  imported: "Imported sales",
  asking: "Imported asking prices",
};

const INSIGHTS_WORDS: Record<Setup["insights"]["state"], string> = {
  off: "Off",
  not_asked: "Not asked yet",
  granted: "Granted",
  not_granted: "Not granted",
};

export function SetupView({ given }: { given: GivenSetup | null }) {
  const setup = useSetup(given);
  return (
    <div className={classes.page}>
      <h1>Set-up</h1>
      <p className={classes.lead}>
        What values and scores are made from here, and what you can decide about it.
      </p>
      {setup.isPending && <Skeleton />}
      {setup.isError && !setup.data && (
        <div className={classes.card} role="alert">
          <h2>
            <IconCloudOff size={16} aria-hidden /> The set-up did not load
          </h2>
          <p>{setup.error.message} Nothing was changed.</p>
          {setup.error instanceof ApiError && setup.error.requestId && (
            <p className={classes.quiet}>Request {setup.error.requestId}</p>
          )}
          <Button onClick={() => setup.refetch()} loading={setup.isFetching}>
            Try again
          </Button>
        </div>
      )}
      {setup.data && <Facts setup={setup.data} />}
    </div>
  );
}

function Facts({ setup }: { setup: Setup }) {
  const { pricing, insights, comparables } = setup;
  const { source } = pricing;
  return (
    <>
      <Card
        id="pricing"
        title="Values from eBay’s prices"
        state={pricing.permitted ? "On" : "Off"}
        tone={pricing.permitted && !setup.simulated ? "doubt" : "plain"}
      >
        <p className={classes.now}>{pricing.now}</p>
        <h3>What the choice means</h3>
        <ul className={classes.list}>
          {pricing.meanings.map((meaning) => (
            <li key={meaning}>{meaning}</li>
          ))}
        </ul>
        <h3>Why it is a choice</h3>
        <ul className={classes.list}>
          {source.rules.map((rule) => (
            <li key={rule}>{rule}</li>
          ))}
        </ul>
        <p className={classes.source}>
          <a href={source.url} target="_blank" rel="noreferrer">
            {source.title}
            <IconExternalLink size={14} aria-hidden />
            <span className="visually-hidden"> (opens in a new tab)</span>
          </a>
          , as of {formatDate(source.read_on)}. {source.how_read}
        </p>
        <h3>How to change it</h3>
        <p>{pricing.how_to_change}</p>
        <Setting name={pricing.setting} value={String(pricing.permitted)} />
      </Card>

      <Card
        id="insights"
        title="Past sales from eBay"
        state={INSIGHTS_WORDS[insights.state]}
        tone={insights.state === "not_granted" ? "doubt" : "plain"}
      >
        <p className={classes.now}>{insights.now}</p>
        {insights.reason && (
          <p className={classes.quiet}>
            eBay said: {insights.reason}
            {insights.since && (
              <>
                {" "}
                (<RelativeTime at={insights.since} />)
              </>
            )}
          </p>
        )}
        <Setting name={insights.setting} value={String(insights.state !== "off")} />
      </Card>

      <Card
        id="comparables"
        title="Comparables in the store"
        state={comparables.length === 0 ? "None yet" : formatCount(total(comparables))}
        tone="plain"
      >
        {comparables.length > 0 && (
          <dl className={classes.kinds}>
            {comparables.map(({ kind, comps, newest_at }) => (
              <div key={kind}>
                <dt>{KIND_WORDS[kind]}</dt>
                <dd>
                  {formatCount(comps)}{" "}
                  <span className={classes.quiet}>
                    newest <RelativeTime at={newest_at} />
                  </span>
                </dd>
              </div>
            ))}
          </dl>
        )}
        <h3>Bring your own</h3>
        <p>{setup.how_to_import}</p>
      </Card>
    </>
  );
}

const total = (held: Setup["comparables"]) => held.reduce((sum, { comps }) => sum + comps, 0);

type CardProps = { id: string; title: string; state: string; tone: "plain" | "doubt"; children: ReactNode };

function Card({ id, title, state, tone, children }: CardProps) {
  return (
    <section className={classes.card} aria-labelledby={`${id}-title`} data-card={id}>
      <div className={classes.head}>
        <h2 id={`${id}-title`}>{title}</h2>
        <span className={classes.state} data-tone={tone}>
          {state}
        </span>
      </div>
      {children}
    </section>
  );
}

function Setting({ name, value }: { name: string; value: string }) {
  return (
    <p className={classes.setting}>
      <span className={classes.quiet}>Now</span> <code>{`${name}=${value}`}</code>
    </p>
  );
}

function Skeleton() {
  return (
    <div aria-hidden="true">
      {[320, 132, 168].map((height) => (
        <div key={height} className={`skeleton ${classes.placeholder}`} style={{ height }} />
      ))}
    </div>
  );
}
