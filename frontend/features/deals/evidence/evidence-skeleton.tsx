// The evidence page before it comes, with the geometry that it will have.

import section from "@/components/section.module.css";
import { Skeleton } from "@/components/skeleton";
import classes from "./evidence-view.module.css";

export function EvidenceSkeleton() {
  return (
    <div aria-hidden="true" data-testid="evidence-skeleton">
      <div className={classes.head}>
        <Skeleton width="min(420px, 80%)" height={28} />
        <div style={{ height: 4 }} />
        <Skeleton width="min(300px, 60%)" height={18} />
      </div>
      <div className={classes.columns}>
        <div className={classes.item}>
          <div className={classes.photo} style={{ aspectRatio: "4 / 3", background: "var(--sunken)" }} />
          <div style={{ padding: 16 }}>
            <Skeleton height={220} />
          </div>
        </div>
        <div className={classes.evidence}>
          {[186, 300, 640].map((height) => (
            <div key={height} className={section.section}>
              <Skeleton height={height - 42} />
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
