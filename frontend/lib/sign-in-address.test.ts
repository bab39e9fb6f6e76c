import { describe, expect, test } from "vitest";
import { ownPath, signInAddress } from "./sign-in-address";

describe("the way back after signing in", () => {
  test.each(["/deals", "/pricing?title=canon%20ae-1", "/deals/1#comps"])("%s is ours", (path) => {
    expect(ownPath(path)).toBe(path);
  });

  test.each([
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/a\\b",
    "deals",
    "",
    null,
    `/${"x".repeat(3000)}`,
  ])("%j is not", (path) => {
    expect(ownPath(path)).toBeNull();
  });

  test("it is kept in the address", () => {
    expect(signInAddress("/pricing?title=a&cost=1")).toBe("/login?next=%2Fpricing%3Ftitle%3Da%26cost%3D1");
    expect(signInAddress("//evil.example")).toBe("/login");
  });
});
