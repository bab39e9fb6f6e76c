import { IconChartHistogram, IconClockHour4, IconReceipt2, IconScale } from "@tabler/icons-react";
import classes from "./beginning.module.css";

const WILL_APPEAR = [
  { Icon: IconScale, words: "What alike things sold for: the range first, then the likely price" },
  { Icon: IconClockHour4, words: "How fast it sells at every price, on a curve that you can move along" },
  { Icon: IconReceipt2, words: "What is left after the marketplace’s fees and shipping, line by line" },
  { Icon: IconChartHistogram, words: "Every sale that was used, and every one left out with the reason" },
];

const EXAMPLES = [
  "Canon AE-1 Program 35mm film camera body",
  "Nikon FM2 35mm film camera body",
  "Fender Player Stratocaster electric guitar",
];

/** Before the first question: what will appear, and something to try. */
export function Beginning({ onTry }: { onTry: (title: string) => void }) {
  return (
    <section className={classes.beginning} aria-labelledby="beginning-title">
      <h2 id="beginning-title">Write a title above, and this appears here</h2>
      <ul className={classes.list}>
        {WILL_APPEAR.map(({ Icon, words }) => (
          <li key={words}>
            <Icon size={20} stroke={1.5} aria-hidden />
            {words}
          </li>
        ))}
      </ul>
      <p>Or try one of these:</p>
      <ul className={classes.examples}>
        {EXAMPLES.map((title) => (
          <li key={title}>
            <button type="button" onClick={() => onTry(title)}>
              {title}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
