import classes from "./score-ring.module.css";

type Props = { score: number | null; muted?: boolean; size?: "sm" | "lg" };

const RADIUS = 19;
const LENGTH = 2 * Math.PI * RADIUS;

export function scoreBand(score: number | null, muted: boolean): "high" | "middle" | "low" | "none" {
  if (score === null) return "none";
  if (muted || score < 40) return "low";
  return score >= 70 ? "high" : "middle";
}

/** The score as a ring: its colour is the band, its number is always readable. */
export function ScoreRing({ score, muted = false, size = "sm" }: Props) {
  const label = score === null ? "Not scored" : `Score ${score} of 100`;
  return (
    <span
      className={classes.ring}
      data-band={scoreBand(score, muted)}
      data-size={size}
      role="img"
      aria-label={label}
    >
      <svg viewBox="0 0 44 44" aria-hidden="true">
        <circle className={classes.track} cx="22" cy="22" r={RADIUS} />
        {score !== null && (
          <circle
            className={classes.arc}
            cx="22"
            cy="22"
            r={RADIUS}
            strokeDasharray={`${(LENGTH * score) / 100} ${LENGTH}`}
            transform="rotate(-90 22 22)"
          />
        )}
      </svg>
      <span className={classes.number} aria-hidden="true">
        {score ?? "–"}
      </span>
    </span>
  );
}
