import { IconX } from "@tabler/icons-react";
import classes from "./filter-bar.module.css";

export function RemoveFilter({ words, onRemove }: { words: string; onRemove: () => void }) {
  return (
    <button type="button" className={classes.remove} aria-label={`Remove filter ${words}`} onClick={onRemove}>
      <IconX size={14} aria-hidden />
    </button>
  );
}
