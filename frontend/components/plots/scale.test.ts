import { expect, test } from "vitest";
import { niceScale, spreadLabels } from "./scale";

test("the ticks are round and hold every value", () => {
  const scale = niceScale([12_800, 14_600, 16_500]);
  expect(scale.low).toBeLessThanOrEqual(12_800);
  expect(scale.high).toBeGreaterThanOrEqual(16_500);
  expect(scale.ticks.every((tick) => tick % 500 === 0)).toBe(true);
});

test("one value alone still has a scale, and stands inside it", () => {
  const at = niceScale([5000]).at(5000);
  expect(at).toBeGreaterThan(0);
  expect(at).toBeLessThan(100);
});

test("what lies outside is drawn at the edge", () => {
  expect(niceScale([100, 200]).at(99_999)).toBe(100);
});

test("labels that would lie on each other are moved apart", () => {
  const [upper, lower] = spreadLabels([100, 110], 36) as [number, number];
  expect(lower - upper).toBe(36);
  expect(spreadLabels([10, 200], 36)).toEqual([10, 200]);
});

test("three labels of one place stand under each other, around it", () => {
  expect(spreadLabels([50, 50, 50], 18)).toEqual([32, 50, 68]);
  expect(spreadLabels([60, 50, 51], 18)).toEqual([
    expect.closeTo(71.67, 1),
    expect.closeTo(35.67, 1),
    expect.closeTo(53.67, 1),
  ]);
});
