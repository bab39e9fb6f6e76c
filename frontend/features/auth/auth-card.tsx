import type { ReactNode } from "react";
import classes from "./auth-card.module.css";

/** The narrow card that signing in, registering and links by mail are done on. */
export function AuthCard({
  title,
  lead,
  children,
}: {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className={classes.page}>
      <section className={classes.card} aria-labelledby="auth-title">
        <h1 id="auth-title">{title}</h1>
        {lead && <p className={classes.lead}>{lead}</p>}
        {children}
      </section>
    </div>
  );
}
