// The answer before it comes, with the geometry that it will have.

import section from "@/components/section.module.css";
import { Skeleton } from "@/components/skeleton";
import answer from "./answer.module.css";

const Block = ({ height }: { height: number }) => (
  <div className={section.section}>
    <Skeleton height={height - 42} />
  </div>
);

export function PricingSkeleton() {
  return (
    <div aria-hidden="true" className={answer.answer} data-testid="pricing-skeleton">
      <div className={answer.main}>
        <Block height={232} />
        <Block height={640} />
      </div>
      <div className={answer.side}>
        <Block height={340} />
        <Block height={280} />
      </div>
      <div className={answer.wide}>
        <Block height={720} />
      </div>
    </div>
  );
}
