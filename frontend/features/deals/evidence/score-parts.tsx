import { Section } from "@/components/section";
import { formatPoints, keepPercents } from "@/lib/format";
import type { DealEvidence } from "../queries";
import classes from "./score-parts.module.css";

/** The score as a staircase: every part begins where the one before it ended, and the last ends at the score. */
export function ScoreParts({ deal }: { deal: DealEvidence }) {
  if (deal.score === null) {
    return (
      <Section id="score" title="How the score adds up">
        <p className={classes.none}>
          There is no score to add up. {deal.no_score_explanation} The evidence that was found is below.
        </p>
      </Section>
    );
  }
  let reached = 0;
  const steps = deal.score_parts.map((part) => {
    const from = Math.min(reached, reached + part.points);
    reached += part.points;
    return { part, from };
  });
  return (
    <Section
      id="score"
      title="How the score adds up"
      hint="Each bar begins where the one above ends. The pale rest is what was left to earn."
    >
      <table className={classes.parts}>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">Part</th>
            <th scope="col">Bar</th>
            <th scope="col">Points</th>
          </tr>
        </thead>
        <tbody>
          {steps.map(({ part, from }) => (
            <tr key={part.name} data-part={part.name} data-points={part.points}>
              <th scope="row">
                {part.label}
                <span className={classes.detail}>{keepPercents(part.detail)}</span>
              </th>
              <td className={classes.track} aria-hidden="true">
                <span
                  className={classes.room}
                  style={{ left: `${from}%`, width: `${Math.max(0, part.max_points)}%` }}
                />
                <span
                  className={classes.bar}
                  data-negative={part.points < 0 || undefined}
                  style={{ left: `${from}%`, width: `${Math.abs(part.points)}%` }}
                />
              </td>
              <td className={classes.points}>
                {formatPoints(part.points)}
                <span> of {formatPoints(part.max_points)}</span>
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr data-total={deal.score}>
            <th scope="row">Score</th>
            <td className={classes.track} aria-hidden="true">
              <span className={classes.sum} style={{ width: `${deal.score}%` }} />
            </td>
            <td className={classes.points}>
              <strong>{deal.score}</strong>
              <span> of 100</span>
            </td>
          </tr>
        </tfoot>
      </table>
    </Section>
  );
}
