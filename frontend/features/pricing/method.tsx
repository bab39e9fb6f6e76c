import { Section } from "@/components/section";
import { formatDate, formatPercent } from "@/lib/format";
import classes from "./method.module.css";
import type { Priced } from "./queries";

const SPEED_METHODS: Record<Priced["speed"]["basis"], string> = {
  turnover: "turnover",
  spells: "spells of listings",
  none: "not known",
};

/** By which formula, model and fees the answer was made. */
export function Method({ answer }: { answer: Priced }) {
  const { fee_schedule: schedule } = answer;
  const facts: [name: string, value: string][] = [
    ["Formula", answer.formula_version],
    ["Model", answer.model_version ?? "none in use"],
    ["Confidence", answer.confidence === null ? "none" : formatPercent(answer.confidence)],
    ["Speed from", SPEED_METHODS[answer.speed.basis]],
    ["Category", `${answer.category_name} (${answer.category_guessed ? "guessed" : "chosen"})`],
    [
      "Fees",
      schedule ? `${formatDate(schedule.version)}, read ${formatDate(schedule.read_on)}` : "not known",
    ],
  ];
  return (
    <Section id="method" title="Method and versions">
      <dl className={classes.method}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
