"use client";
// What was done by whom, the newest first. Nothing here can be changed.
import { NativeSelect } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useQueryStates } from "nuqs";
import { Notice } from "@/components/notice";
import { RelativeTime } from "@/components/relative-time";
import { SearchSelect } from "@/components/search-select";
import { type AuditFilters, auditParsers } from "./address";
import classes from "./admin.module.css";
import { PageHead } from "./admin-frame";
import { Listed } from "./listed";
import { type AuditEvent, type AuditEventList, type Given, itemsOf, useAccounts, useAudit } from "./queries";
import {
  AUDIT_GROUPS,
  AUDIT_KIND_WORDS,
  AUDIT_KINDS,
  type AuditKind,
  auditKindWords,
  detailWords,
  shortId,
} from "./words";

const KIND_CHOICES = [
  { value: "", label: "Everything" },
  ...Object.entries(AUDIT_GROUPS).map(([prefix, group]) => ({
    group,
    items: AUDIT_KINDS.filter((kind) => kind.startsWith(`${prefix}.`)).map((kind) => ({
      value: kind,
      label: AUDIT_KIND_WORDS[kind],
    })),
  })),
];

export function AuditView({ given }: { given: Given<AuditEventList, AuditFilters> }) {
  const [{ kind, actor }, setFilters] = useQueryStates(auditParsers, { history: "push" });
  const events = useAudit({ kind, actor }, given);
  const items = itemsOf(events.data);
  const accounts = useAccounts().data?.items ?? [];
  const isFiltered = kind !== null || actor !== null;
  return (
    <div className={classes.page}>
      <PageHead
        title="Audit log"
        lead="What was done by whom, the newest first. It can be added to, never changed."
      />
      <div className={classes.toolbar}>
        <SearchSelect
          label="Account"
          none="Everybody"
          value={actor}
          otherwise={items.find((event) => event.actor_id === actor)?.actor ?? "One account"}
          options={accounts.map(({ id, email }) => ({ value: id, label: email }))}
          onChange={(chosen) => setFilters({ actor: chosen })}
        />
        <NativeSelect
          label="What"
          value={kind ?? ""}
          onChange={(event) => setFilters({ kind: (event.currentTarget.value || null) as AuditKind | null })}
          data={KIND_CHOICES}
        />
      </div>
      <Listed
        question={events}
        what="The audit log"
        rows={8}
        rowHeight={66}
        isEmpty={items.length === 0}
        empty={
          <Notice
            icon={<IconHistory size={20} />}
            title={isFiltered ? "Nothing like this was done" : "Nothing has been done yet"}
            action={
              isFiltered && (
                <button
                  type="button"
                  className={classes.small}
                  onClick={() => setFilters({ kind: null, actor: null })}
                >
                  Show everything
                </button>
              )
            }
          >
            <p>
              {isFiltered
                ? "Choose another account or another kind."
                : "Sign-ins, roles, keys and what administrators do show up here."}
            </p>
          </Notice>
        }
      >
        <ol className={classes.rows} aria-label="Events" aria-busy={events.isPlaceholderData}>
          {items.map((event) => (
            <EventItem key={event.id} event={event} onActor={(id) => setFilters({ actor: id })} />
          ))}
        </ol>
      </Listed>
    </div>
  );
}

function EventItem({ event, onActor }: { event: AuditEvent; onActor: (id: string) => void }) {
  const details = detailWords(event.kind, event.details);
  const { actor_id } = event;
  return (
    <li className={classes.row} data-event={event.kind}>
      <div className={`${classes.rowHead} ${classes.oneLine}`}>
        <h2 className={classes.name}>
          {auditKindWords(event.kind)}
          {details && <span className={classes.aside}>{details}</span>}
        </h2>
        <span className={classes.aside}>
          <RelativeTime at={event.at} />
        </span>
      </div>
      <p className={classes.facts}>
        {actor_id ? (
          <button
            type="button"
            className={classes.asLink}
            onClick={() => onActor(actor_id)}
            title="Only what this account did"
          >
            {event.actor ?? "A deleted account"}
          </button>
        ) : (
          <span>Nobody known</span>
        )}
        {event.key_id && <span title={event.key_id}>by API key {shortId(event.key_id)}</span>}
        {event.ip && <span>from {event.ip}</span>}
        {event.subject && event.subject !== actor_id && (
          <span title={event.subject}>on {shortId(event.subject)}</span>
        )}
        {event.request_id && <span title={event.request_id}>request {shortId(event.request_id)}</span>}
      </p>
    </li>
  );
}
