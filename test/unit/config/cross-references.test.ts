import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../shared/config/parse-config.ts";

const parse = (text: string) => () =>
  parseConfig(text, { fileName: "genops.yaml", baseDir: "/", secrets: { read: () => undefined } });
const SOURCES = "sources: [{ id: aws, type: focus-export, location: x.csv }]\n";

describe("what one part of the configuration says about another", () => {
  it.each([
    [
      "sources:\n  - { id: a, type: focus-export, location: x.csv, lake: moon }\n",
      /expected a name in lakes: there are none \(file genops.yaml, line 2, field sources\[0\]\.lake\)/,
    ],
    [
      'lakes: { eu: "file:./eu" }\nsources:\n  - { id: k, type: opencost, url: "http://o", cluster: c, match: { account: 1 }, lake: eu }\n',
      /expected no lake: shares are read wherever costs are, so they are kept in the primary lake \(.*line 3, field sources\[0\]\.lake\)/,
    ],
    [
      `${SOURCES}reconcile:\n  against:\n    - { source: asw, with: cost-explorer }\n`,
      /expected the id of a source: aws \(.*line 4, field reconcile\.against\[0\]\.source\)/,
    ],
    [
      `${SOURCES}reconcile:\n  against:\n    - { source: aws, with: cost-explorer }\n    - { source: aws, with: file, location: y.csv }\n`,
      /expected one independent total for each source \(.*line 5, field reconcile\.against\[1\]\.source\)/,
    ],
  ])("is refused where it cannot be: %s", (text, message) => {
    expect(parse(text)).toThrow(message);
  });

  it("is accepted where it can", () => {
    const { reconcile, sources } = parse(
      `lakes: { eu: "file:./eu" }\nsources: [{ id: aws, type: focus-export, location: x.csv, lake: eu }]\nreconcile: { against: [{ source: aws, with: cost-explorer }] }\n`,
    )();
    expect([reconcile.against[0]?.source, sources[0]?.lake]).toEqual(["aws", "eu"]);
  });

  it.each([
    "sources: [{ id: a, type: aws-cost-explorer, maxDailyCost: 0.005 }]",
    `${SOURCES}reconcile: { against: [{ source: aws, with: cost-explorer, maxDailyCost: 0.009 }] }`,
  ])("refuses a cap that buys no call: %s", (text) => {
    expect(parse(text)).toThrow(/expected an amount of at least 0.01, the price of one call .*maxDailyCost/);
  });
});
