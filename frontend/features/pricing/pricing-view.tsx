"use client";
// "What is it worth?": the question from the address, the answer with everything behind it.
import { IconCloudOff } from "@tabler/icons-react";
import { useQueryStates } from "nuqs";
import { useShortcuts } from "@/components/app-shell/use-shortcuts";
import { FailureWords, Notice, RetryButton } from "@/components/notice";
import {
  type PricingAddress,
  pricingParsers,
  type Question,
  questionIn,
  tidyAddress,
} from "@/lib/pricing-address";
import { Answer } from "./answer";
import { Beginning } from "./beginning";
import { NoEstimate } from "./no-estimate";
import { PricingSkeleton } from "./pricing-skeleton";
import classes from "./pricing-view.module.css";
import {
  type Category,
  type Given,
  isPriced,
  type Page,
  type PriceSuggestion,
  useCategories,
  useSuggestion,
} from "./queries";
import { QuestionForm } from "./question-form";

type Props = {
  /** What `given.answer` answers. */
  question: Question | null;
  given: { categories: Given<Page<Category>> | null; answer: Given<PriceSuggestion> | null };
};

export function PricingView({ question: questionGiven, given }: Props) {
  const [state, setState] = useQueryStates(pricingParsers, { history: "push", clearOnDefault: true });
  const address = tidyAddress(state);
  const question = questionIn(address);
  const isGiven = JSON.stringify(question) === JSON.stringify(questionGiven);
  const categories = useCategories(given.categories).data?.items ?? [];
  const answer = useSuggestion(question, isGiven ? given.answer : null);
  const ask = (next: PricingAddress) => void setState(next);
  useShortcuts({ "/": () => document.getElementById("pricing-title")?.focus() });

  return (
    <>
      <header className={classes.head}>
        <h1>What is it worth?</h1>
        <p>A price to ask, how fast it sells at that price, and what is left after fees.</p>
      </header>
      <QuestionForm
        address={address}
        categories={categories}
        categoryName={answer.data?.category_name ?? null}
        busy={question !== null && answer.isFetching}
        onAsk={ask}
      />
      <div className={classes.below} data-old={answer.isPlaceholderData || undefined}>
        {question === null && <Beginning onTry={(title) => ask({ ...address, title })} />}
        {question !== null && answer.isPending && <PricingSkeleton />}
        {question !== null && answer.isError && (
          <Notice
            alert
            icon={<IconCloudOff size={24} stroke={1.5} />}
            title="There is no answer yet"
            action={<RetryButton onRetry={() => answer.refetch()} busy={answer.isFetching} />}
          >
            <FailureWords
              error={answer.error}
              safe="Nothing was posted, and your question is kept in the address."
            />
          </Notice>
        )}
        {question !== null && answer.isSuccess && <Found answer={answer.data} onAsk={ask} />}
      </div>
    </>
  );
}

type FoundProps = { answer: PriceSuggestion; onAsk: (address: PricingAddress) => void };

function Found({ answer, onAsk }: FoundProps) {
  return isPriced(answer) ? (
    <Answer answer={answer} />
  ) : (
    <NoEstimate answer={answer} onChoose={(category) => onAsk({ ...answer.asked, category })} />
  );
}
