import type { ReactNode } from "react";
import form from "@/components/form.module.css";
import classes from "./settings.module.css";

type Props = { id: string; title: string; lead?: ReactNode; children: ReactNode };

/** One matter of the account, with an address of its own on the page. */
export function SettingsSection({ id, title, lead, children }: Props) {
  return (
    <section id={id} className={classes.card} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {lead && <p className={classes.quiet}>{lead}</p>}
      {children}
    </section>
  );
}

/** What went wrong, where it went wrong. */
export function Fault({ error }: { error: Error | null }) {
  return error ? (
    <p className={form.fault} role="alert">
      {error.message}
    </p>
  ) : null;
}

export function Done({ children }: { children: ReactNode }) {
  return (
    <p className={form.done} role="status">
      {children}
    </p>
  );
}
