// The rules of the house that the linter also knows, checked over the files themselves.
import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const ROOT = `${import.meta.dirname}/..`;
const sources = globSync("{app,components,features,lib}/**/*.{ts,tsx}", { cwd: ROOT }).map((path) => ({
  path,
  text: readFileSync(`${ROOT}/${path}`, "utf8"),
}));

const importing = (pattern: RegExp) =>
  sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

describe("who may import whom", () => {
  test("the sources are found at all", () => {
    expect(sources.length).toBeGreaterThan(40);
  });

  test("components know no feature", () => {
    const offenders = importing(/from "(@\/features|(\.\.\/)+features)/).filter((path) =>
      path.startsWith("components/"),
    );
    expect(offenders).toEqual([]);
  });

  test("only a feature's queries.ts talks to the API", () => {
    const offenders = importing(/from "(@\/lib\/api|(\.\.\/)+lib\/api)/).filter(
      (path) => !/^features\/\w+\/queries\.ts$/.test(path),
    );
    expect(offenders).toEqual([]);
  });

  test("no module outgrows 300 lines", () => {
    const long = sources.filter(
      ({ path, text }) => !path.includes("/generated/") && text.split("\n").length > 300,
    );
    expect(long.map(({ path }) => path)).toEqual([]);
  });
});
