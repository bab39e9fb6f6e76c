import { expect, test } from "vitest";
import { withoutEmpty } from "./address";
import { readPriority } from "./plan-view";
import {
  asSentence,
  auditKindWords,
  budgetWords,
  countsWords,
  detailWords,
  jobKindWords,
  shareDone,
} from "./words";

test("kinds have words, and unknown ones are shown readably", () => {
  expect(jobKindWords("refresh_comps")).toBe("Read past sales");
  expect(jobKindWords("send_digest")).toBe("Send digest");
  expect(auditKindWords("admin.roles_changed")).toBe("Changed an account’s roles");
  expect(auditKindWords("buyer.list_shared")).toBe("Buyer: list shared");
});

test.each([
  ["admin.roles_changed", { before: [], after: ["admin", "buyer"] }, "none → admin, buyer"],
  ["admin.job_retried", { kind: "scan" }, "Scan marketplaces"],
  [
    "admin.scan_plan_changed",
    { change: "deleted", query: "", category: "15230", priority: 5, enabled: false },
    "Deleted category 15230, switched off",
  ],
  ["admin.comps_imported", { finished: false, stored: 5000 }, "Begun: 5,000 stored so far"],
  ["admin.comps_imported", { finished: true, stored: 1200, rejected: 0 }, "stored: 1,200 · rejected: 0"],
  ["admin.comps_deleted", { job: "0190a000-0000-7000-8000-000000000001" }, ""],
  ["account.exported", {}, ""],
])("%s is told in a line", (kind, details, words) => {
  expect(detailWords(kind, details)).toBe(words);
});

test("counts leave out what is nothing, and what is no number", () => {
  expect(countsWords({ source: "ebay", calls: 1200, new: 0, finished: ["a"], done: 3, of: 12 })).toBe(
    "1,200 calls",
  );
  expect(countsWords(null)).toBe("");
});

test("a share is only known where the whole is", () => {
  expect(shareDone({ done: 3, of: 12 })).toBe(0.25);
  expect(shareDone({ done: 13, of: 12 })).toBe(1);
  for (const progress of [null, {}, { done: 3 }, { done: 0, of: 0 }, { done: "3", of: 12 }])
    expect(shareDone(progress)).toBeNull();
});

test("a budget worries from its last tenth on", () => {
  expect(budgetWords({ used: 0, allowed: 5000 })).toEqual({ words: "5,000 left today", tone: "plain" });
  expect(budgetWords({ used: 4501, allowed: 5000 })).toEqual({ words: "499 left today", tone: "doubt" });
  for (const used of [5000, 5001]) expect(budgetWords({ used, allowed: 5000 }).tone).toBe("danger");
  expect(budgetWords({ used: 0, allowed: 0 }).tone).toBe("danger");
});

test("a reason ends with one full stop", () => {
  expect(asSentence("eBay sends no listings at all")).toBe("eBay sends no listings at all.");
  expect(asSentence("Used up.")).toBe("Used up.");
});

test("a priority is a whole number from 1 to 1,000", () => {
  expect(["1", " 1000 ", "007"].map(readPriority)).toEqual([1, 1000, 7]);
  for (const text of ["", "0", "1001", "1.5", "-1", "1e2", "x"]) expect(readPriority(text)).toBeNull();
});

test("equal questions are equal, whatever is not set in them", () => {
  expect(withoutEmpty({ state: "dead", kind: null })).toEqual(withoutEmpty({ state: "dead", kind: "" }));
});
