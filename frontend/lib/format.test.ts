import { describe, expect, test } from "vitest";
import {
  formatAge,
  formatDiscount,
  formatDiscountShort,
  formatMoney,
  formatMoneyRange,
  formatSignedMoney,
  formatTotal,
  keepPercents,
} from "./format";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

describe("money", () => {
  test.each([
    [8999, "USD", "$89.99"],
    [8900, "USD", "$89.00"],
    [150_000, "USD", "$1,500"],
    [150_050, "USD", "$1,500.50"],
    [1999, "EUR", "€19.99"],
    [0, "USD", "$0.00"],
  ])("%i %s is %s", (cents, currency, words) => {
    expect(formatMoney(cents, currency)).toBe(words);
  });

  test.each([
    [3100, "+$31.00", "+$31"],
    [-1986, "−$19.86", "−$20"],
    [0, "±$0.00", "±$0"],
  ])("%i in or out is %s, in short %s", (cents, words, short) => {
    expect(formatSignedMoney(cents, "USD")).toBe(words);
    expect(formatSignedMoney(cents, "USD", { whole: true })).toBe(short);
  });

  test("a range says its currency once", () => {
    expect(formatMoneyRange(12_800, 16_500, "USD")).toBe("$128–165");
  });
});

test.each([
  [0.32, "32 % under", "−32 %"],
  [-0.08, "8 % over", "+8 %"],
  [0.001, "at its value", "±0 %"],
])("a discount of %f reads %s", (discount, long, short) => {
  expect(formatDiscount(discount)).toBe(long);
  expect(formatDiscountShort(discount)).toBe(short);
});

test("a line never breaks between a number and its per cent sign", () => {
  expect(keepPercents("costs $99; 32 % under, 100 % sure")).toBe(
    "costs $99; 32\u00a0% under, 100\u00a0% sure",
  );
});

test("a total past the cap does not pretend to be exact", () => {
  expect(formatTotal(1000)).toBe("1,000");
  expect(formatTotal(1001)).toBe("1,000+");
});

test.each([
  [20, "just now"],
  [60, "1 min ago"],
  [12 * 60, "12 min ago"],
  [3600, "1 h ago"],
  [47 * 3600, "47 h ago"],
  [3 * 86_400, "3 days ago"],
  [90 * 86_400, "2 months ago"],
  [-3 * 3600, "in 3 h"],
  [-30, "in under a minute"],
])("%i seconds before now is %s", (seconds, words) => {
  expect(formatAge(ago(seconds), NOW)).toBe(words);
});
