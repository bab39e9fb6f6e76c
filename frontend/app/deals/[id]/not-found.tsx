import { DealMissing } from "@/features/deals/evidence/deal-missing";

export default function NotFound() {
  return <DealMissing />;
}
