// The list before it comes, with the geometry that it will have.
import { Skeleton } from "@/components/skeleton";
import card from "./deal-card.module.css";
import section from "./deal-section.module.css";

const CARDS = ["a", "b", "c", "d", "e", "f", "g", "h"];

export function DealGridSkeleton() {
  return (
    <ul className={section.grid} aria-hidden="true" data-testid="deals-skeleton">
      {CARDS.map((name) => (
        <li key={name}>
          <div className={card.card}>
            <div className={card.photo} style={{ aspectRatio: "4 / 3", background: "var(--sunken)" }} />
            <div className={card.words}>
              <div className={card.title} style={{ paddingTop: 4 }}>
                <Skeleton width="86%" height={14} />
              </div>
              <Skeleton width="62%" height={12} />
              <div style={{ height: 12 }} />
              <Skeleton width="48%" height={16} />
            </div>
            <div className={card.value}>
              <Skeleton width="70%" height={14} />
              <div className={card.figures}>
                <Skeleton width={108} height={30} />
                <Skeleton width={56} height={36} />
              </div>
              <div style={{ height: 12 }} />
              <Skeleton width="40%" height={12} />
            </div>
          </div>
        </li>
      ))}
    </ul>
  );
}
