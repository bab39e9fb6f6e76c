"use client";
// The plan of scans in the order in which calls are spent; to add to, to put in order, to switch off.
import { Button, TextInput } from "@mantine/core";
import { IconListSearch, IconTrash } from "@tabler/icons-react";
import { useCallback, useId, useState } from "react";
import { Notice } from "@/components/notice";
import { RelativeTime } from "@/components/relative-time";
import { SearchSelect } from "@/components/search-select";
import { type Done, Undo } from "@/components/undo";
import { formatCount } from "@/lib/format";
import classes from "./admin.module.css";
import { PageHead } from "./admin-frame";
import { Listed } from "./listed";
import planClasses from "./plan.module.css";
import {
  type Given,
  type ScanPlan,
  type ScanPlanEntry,
  useAddEntry,
  useCategoryNames,
  useChangeEntry,
  useDeleteEntry,
  usePlan,
} from "./queries";

const USUAL_PRIORITY = 100;

export function PlanView({ given }: { given: Given<ScanPlan> }) {
  const plan = usePlan(given);
  const items = plan.data?.items ?? [];
  const names = useCategoryNames();
  const [done, setDone] = useState<Done | null>(null);
  const forget = useCallback(() => setDone(null), []);
  const add = useAddEntry();
  const remove = useDeleteEntry();
  const nameOf = (entry: ScanPlanEntry) =>
    [
      entry.query && `“${entry.query}”`,
      entry.category_id && (names.get(entry.category_id) ?? `Category ${entry.category_id}`),
    ]
      .filter(Boolean)
      .join(" in ");

  const removeEntry = (entry: ScanPlanEntry) =>
    remove.mutate(entry, {
      onSuccess: () => {
        const { query, category_id, priority, enabled } = entry;
        setDone({
          words: `Scans no longer ask for ${nameOf(entry)}.`,
          undo: () => add.mutate({ query, category_id, priority, enabled }),
        });
      },
    });

  return (
    <div className={classes.page}>
      <PageHead
        title="Scan plan"
        lead="What scans ask for, in the order in which a scan spends its calls: lowest priority number first, then what was not asked for longest."
      />
      <AddForm names={names} />
      {(remove.isError || add.isError) && (
        <p className={classes.refused} role="alert">
          {(remove.error ?? add.error)?.message} The plan is as it was.
        </p>
      )}
      <Listed
        question={plan}
        what="The scan plan"
        rows={6}
        rowHeight={65}
        isEmpty={items.length === 0}
        empty={
          <Notice icon={<IconListSearch size={20} />} title="Scans ask for nothing">
            <p>Add words or a category above; the next scan begins with it.</p>
          </Notice>
        }
      >
        <ol className={classes.rows} aria-label="Scan plan">
          {items.map((entry, index) => (
            <Entry
              key={entry.id}
              entry={entry}
              place={index + 1}
              name={nameOf(entry)}
              onRemove={() => removeEntry(entry)}
            />
          ))}
        </ol>
      </Listed>
      <Undo done={done} onGone={forget} />
    </div>
  );
}

/** A whole number from 1 to 1,000; null for anything else. */
export function readPriority(text: string): number | null {
  const number = Number(text);
  return /^\d{1,4}$/.test(text.trim()) && number >= 1 && number <= 1000 ? number : null;
}

function AddForm({ names }: { names: Map<string, string> }) {
  const add = useAddEntry();
  const [words, setWords] = useState("");
  const [category, setCategory] = useState<string | null>(null);
  const [priority, setPriority] = useState(String(USUAL_PRIORITY));
  const number = readPriority(priority);
  const isReady = (words.trim() !== "" || category !== null) && number !== null;
  return (
    <form
      className={classes.form}
      aria-label="Add to the plan"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isReady) return;
        add.mutate(
          { query: words.trim(), category_id: category ?? "", priority: number },
          {
            onSuccess: () => {
              setWords("");
              setCategory(null);
            },
          },
        );
      }}
    >
      <TextInput
        label="Words"
        placeholder="leica m6"
        maxLength={100}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
      />
      <SearchSelect
        label="Category"
        none="Any category"
        value={category}
        options={[...names].map(([value, label]) => ({ value, label }))}
        onChange={setCategory}
      />
      <TextInput
        label="Priority"
        inputMode="numeric"
        value={priority}
        error={number === null ? "1 to 1,000" : undefined}
        onChange={(event) => setPriority(event.currentTarget.value)}
      />
      <Button type="submit" disabled={!isReady} loading={add.isPending}>
        Add
      </Button>
      {add.isError && (
        <p className={classes.refused} role="alert">
          {add.error.message}
        </p>
      )}
    </form>
  );
}

type EntryProps = { entry: ScanPlanEntry; place: number; name: string; onRemove: () => void };

function Entry({ entry, place, name, onRemove }: EntryProps) {
  const change = useChangeEntry();
  const field = useId();
  return (
    <li className={planClasses.entry} data-off={!entry.enabled || undefined} data-entry={entry.id}>
      <span className={planClasses.place}>{place}</span>
      <div>
        <h2 className={`${classes.name} ${planClasses.what}`}>{name}</h2>
        <p className={classes.facts}>
          {entry.last_run_at ? (
            <span>
              Asked <RelativeTime at={entry.last_run_at} />
            </span>
          ) : (
            <span>Not asked yet</span>
          )}
          {entry.last_items !== null && <span>{formatCount(entry.last_items)} listings came</span>}
          {entry.last_error && <span className={planClasses.failed}>Failed: {entry.last_error}</span>}
          {!entry.enabled && <span>Switched off</span>}
        </p>
      </div>
      <div className={planClasses.tools}>
        <span className={planClasses.priority}>
          <label htmlFor={field}>Priority</label>
          <input
            // A priority that was refused or came from elsewhere is shown as it is now.
            key={entry.priority}
            id={field}
            aria-label={`Priority of ${name}`}
            inputMode="numeric"
            defaultValue={entry.priority}
            onKeyDown={(event) => {
              if (event.key === "Enter") event.currentTarget.blur();
              if (event.key === "Escape") event.currentTarget.value = String(entry.priority);
            }}
            onBlur={(event) => {
              const priority = readPriority(event.currentTarget.value);
              if (priority === null) event.currentTarget.value = String(entry.priority);
              else if (priority !== entry.priority) change.mutate({ entry, priority });
            }}
          />
        </span>
        <button
          type="button"
          role="switch"
          className={planClasses.switch}
          aria-checked={entry.enabled}
          aria-label={`Scan for ${name}`}
          onClick={() => change.mutate({ entry, enabled: !entry.enabled })}
        />
        <button
          type="button"
          className={planClasses.trash}
          aria-label={`Delete ${name}`}
          title="Delete"
          onClick={onRemove}
        >
          <IconTrash size={16} aria-hidden />
        </button>
      </div>
      {change.isError && (
        <p className={classes.refused} role="alert" style={{ gridColumn: "1 / -1" }}>
          {change.error.message} It is as it was.
        </p>
      )}
    </li>
  );
}
