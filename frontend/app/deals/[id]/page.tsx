import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { EvidenceView } from "@/features/deals/evidence/evidence-view";
import { firstDeal, firstMarketplaces } from "@/features/deals/first-view";

type Props = { params: Promise<{ id: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { given } = await firstDeal((await params).id);
  return { title: given?.data.title ?? "Deal" };
}

export default async function DealPage({ params }: Props) {
  const { id } = await params;
  const [{ given, isMissing }, marketplaces] = await Promise.all([firstDeal(id), firstMarketplaces()]);
  if (isMissing) notFound();
  return <EvidenceView id={id} given={given} marketplaces={marketplaces} />;
}
