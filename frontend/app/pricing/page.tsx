import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { PricingView } from "@/features/pricing/pricing-view";
import { fetchCategories, fetchSuggestion } from "@/features/pricing/queries";
import { forFirstView } from "@/lib/first-view";
import { loadPricingAddress, questionIn } from "@/lib/pricing-address";

export const metadata: Metadata = { title: "What is it worth?" };

export default async function Pricing({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const question = questionIn(await loadPricingAddress(searchParams));
  const [categories, answer] = await Promise.all([
    forFirstView(fetchCategories()),
    question && forFirstView(fetchSuggestion(question)),
  ]);
  return <PricingView question={question} given={{ categories, answer }} />;
}
