import { expect, test } from "vitest";
import { loadPricingAddress, pricingAddress, questionIn } from "./pricing-address";

const read = (search: string) => loadPricingAddress(new URLSearchParams(search));

test("an address gives its question back", () => {
  const question = {
    title: "Canon AE-1 body",
    category: "15230",
    condition: "good" as const,
    cost: 6000,
    goal: "fast" as const,
  };
  const address = pricingAddress(question);
  expect(address).toBe("/pricing?title=Canon+AE-1+body&category=15230&condition=good&cost=6000&goal=fast");
  expect(questionIn(read(address.split("?")[1] ?? ""))).toEqual(question);
});

test("what is usual is not written into the address", () => {
  expect(pricingAddress({ title: "Leica M6", condition: "used", goal: "balanced" })).toBe(
    "/pricing?title=Leica+M6",
  );
});

test("a hand-typed address never asks the API for what it refuses", () => {
  const question = questionIn(
    read(`title=${"x".repeat(900)}&category=1;2&condition=shiny&cost=-4&goal=greedy`),
  );
  expect(question?.title).toHaveLength(350);
  expect(question).toMatchObject({ category: null, condition: "used", cost: null, goal: "balanced" });
  expect(questionIn(read("title=x&cost=1e99"))).toBeNull();
});

test.each(["", "title=", "title=%20a%20%20", "goal=fast"])("no question in %j", (search) => {
  expect(questionIn(read(search))).toBeNull();
});
