"use client";
// What is to be sold. Nothing is asked while one types: Enter or the button asks; once there is an answer,
// another condition, category or goal asks again at once.
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useState } from "react";
import { SearchSelect } from "@/components/search-select";
import { Segmented } from "@/components/segmented";
import { readPrice, writePrice } from "@/lib/price-field";
import { type Goal, MAX_TITLE, MIN_TITLE, type PricingAddress } from "@/lib/pricing-address";
import { CONDITIONS } from "@/lib/url-state";
import { CONDITION_WORDS, type Condition } from "@/lib/words";
import type { Category } from "./queries";
import classes from "./question-form.module.css";

const GOAL_OPTIONS: readonly { value: Goal; label: string }[] = [
  { value: "fast", label: "Sell fast" },
  { value: "balanced", label: "Balanced" },
  { value: "max", label: "Get the most" },
];

type Props = {
  address: PricingAddress;
  categories: Category[];
  /** The category that the answer is about, for one that is not in the list. */
  categoryName: string | null;
  busy: boolean;
  onAsk: (address: PricingAddress) => void;
};

type Draft = Omit<PricingAddress, "title" | "cost"> & { title: string; cost: string };
type Faults = { title?: string; cost?: string };

const draftOf = ({ title, cost, ...rest }: PricingAddress): Draft => ({
  ...rest,
  title: title ?? "",
  cost: writePrice(cost),
});

export function QuestionForm({ address, categories, categoryName, busy, onAsk }: Props) {
  const [draft, setDraft] = useState(() => draftOf(address));
  const [faults, setFaults] = useState<Faults>({});
  const [shown, setShown] = useState(address);
  if (JSON.stringify(shown) !== JSON.stringify(address)) {
    // The address changed by itself or by the last question: Back, an example, a link.
    setShown(address);
    setDraft(draftOf(address));
    setFaults({});
  }

  const ask = (next: Draft) => {
    const title = next.title.trim();
    const cost = readPrice(next.cost);
    const found: Faults = {
      ...(title.length < MIN_TITLE && { title: "Write what it is, brand and model first" }),
      ...(cost === undefined && { cost: "Write a price such as 45 or 89.99" }),
    };
    setFaults(found);
    if (found.title || cost === undefined) return;
    onAsk({ ...next, title, cost });
  };
  const choose = (patch: Partial<Draft>) => {
    const next = { ...draft, ...patch };
    setDraft(next);
    if (address.title !== null) ask(next);
  };

  return (
    <form
      className={classes.form}
      aria-label="What do you want to sell?"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        ask(draft);
      }}
    >
      <TextInput
        id="pricing-title"
        className={classes.title}
        label="Title"
        name="title"
        placeholder="Brand, model and what sets it apart, as you would list it"
        autoComplete="off"
        enterKeyHint="go"
        maxLength={MAX_TITLE}
        error={faults.title}
        value={draft.title}
        onChange={(event) => setDraft({ ...draft, title: event.currentTarget.value })}
      />
      <Button type="submit" className={classes.ask} loading={busy}>
        Price it
      </Button>
      <SearchSelect
        label="Category"
        none="Guess from the title"
        options={categories.map(({ id, name }) => ({ value: id, label: name }))}
        value={draft.category}
        otherwise={categoryName}
        onChange={(category) => choose({ category })}
      />
      <NativeSelect
        label="Condition"
        data={CONDITIONS.map((condition) => ({ value: condition, label: CONDITION_WORDS[condition] }))}
        rightSection={<IconChevronDown size={16} aria-hidden />}
        value={draft.condition}
        onChange={(event) => choose({ condition: event.currentTarget.value as Condition })}
      />
      {/* Without a name: a form that is sent before scripts run would put dollars where the address has cents. */}
      <TextInput
        label="What it cost you"
        inputMode="decimal"
        placeholder="optional"
        autoComplete="off"
        leftSection="$"
        error={faults.cost}
        value={draft.cost}
        onChange={(event) => setDraft({ ...draft, cost: event.currentTarget.value })}
      />
      <Segmented
        legend="Goal"
        options={GOAL_OPTIONS}
        value={draft.goal}
        onChange={(goal) => choose({ goal })}
      />
    </form>
  );
}
