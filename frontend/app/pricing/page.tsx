import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { callerHeaders, mayOpen } from "@/features/auth/first-session";
import { NotYours } from "@/features/auth/not-yours";
import { PricingView } from "@/features/pricing/pricing-view";
import { fetchCategories, fetchSuggestion } from "@/features/pricing/queries";
import { forFirstView } from "@/lib/first-view";
import { loadPricingAddress, pricingAddress, questionIn } from "@/lib/pricing-address";

export const metadata: Metadata = { title: "What is it worth?" };

export default async function Pricing({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const address = await loadPricingAddress(searchParams);
  const question = questionIn(address);
  if ((await mayOpen(pricingAddress(address), "seller")) === "not_yours") return <NotYours needs="seller" />;
  const headers = await callerHeaders();
  const [categories, answer] = await Promise.all([
    forFirstView(fetchCategories()),
    question && forFirstView(fetchSuggestion(question, undefined, headers)),
  ]);
  return <PricingView question={question} given={{ categories, answer }} />;
}
