import { describe, expect, it } from "vitest";
import { levelsOf } from "../../../../../shared/governance/anomalies/series/levels.ts";
import {
  leafCompleteness,
  nodeCompleteness,
} from "../../../../../shared/governance/anomalies/series/node-completeness.ts";
import { seriesNodes } from "../../../../../shared/governance/anomalies/series/series-nodes.ts";
import type { LeafTable } from "../../../../../shared/governance/anomalies/series/types.ts";

describe("levelsOf", () => {
  it("makes the total, the first dimension, and every cut within it", () => {
    expect(levelsOf(["provider", "account", "service"])).toEqual([
      [],
      ["provider"],
      ["provider", "account"],
      ["provider", "service"],
      ["provider", "account", "service"],
    ]);
    expect(levelsOf([])).toEqual([[]]);
    expect(levelsOf(["a", "b", "c", "d"])).toHaveLength(9);
  });

  it("makes prefixes and single dimensions of more than four", () => {
    expect(levelsOf(["a", "b", "c", "d", "e"])).toEqual([
      [],
      ["a"],
      ["a", "b"],
      ["a", "c"],
      ["a", "d"],
      ["a", "e"],
      ["a", "b", "c"],
      ["a", "b", "c", "d"],
      ["a", "b", "c", "d", "e"],
    ]);
  });
});

function table(leaves: readonly (readonly [currency: string, values: string[], costs: number[]])[]): LeafTable {
  return {
    by: ["provider", "account", "service"],
    start: "2026-01-01",
    days: 3,
    leaves: leaves.map(([currency, values, costs]) => ({
      provider: values[0] ?? "",
      currency,
      values,
      costs: Float64Array.from(costs),
    })),
  };
}

const TABLE = table([
  ["EUR", ["aws", "9", "EC2"], [7, 7, 7]],
  ["USD", ["aws", "1", "EC2"], [1, 2, 3]],
  ["USD", ["aws", "1", "S3"], [10, 20, 30]],
  ["USD", ["aws", "2", "EC2"], [5, 5, Number.NaN]],
]);

describe("seriesNodes", () => {
  it("adds leaves up per currency and leaves out what a finer series is already", () => {
    expect(seriesNodes(TABLE).map(({ currency, keys, costs }) => [currency, keys, [...costs]])).toEqual([
      ["USD", { provider: "aws" }, [16, 27, Number.NaN]],
      ["USD", { provider: "aws", account: "1" }, [11, 22, 33]],
      ["USD", { provider: "aws", service: "EC2" }, [6, 7, Number.NaN]],
      ["EUR", { provider: "aws", account: "9", service: "EC2" }, [7, 7, 7]],
      ["USD", { provider: "aws", account: "1", service: "EC2" }, [1, 2, 3]],
      ["USD", { provider: "aws", account: "1", service: "S3" }, [10, 20, 30]],
      ["USD", { provider: "aws", account: "2", service: "EC2" }, [5, 5, Number.NaN]],
    ]);
  });

  it("keeps names whatever else is in the table", () => {
    const ids = seriesNodes(TABLE).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const fewer = seriesNodes({ ...TABLE, leaves: TABLE.leaves.slice(1) }).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(fewer));
  });
});

describe("nodeCompleteness", () => {
  const completenessOf = (_provider: string, service: string) =>
    service === "S3"
      ? [
          { share: 0.5, spread: 0.2 },
          { share: 0.9, spread: 0.1 },
        ]
      : [{ share: 1, spread: 0 }];

  it("weighs leaves by what they cost", () => {
    const of = nodeCompleteness(TABLE, leafCompleteness(TABLE, completenessOf));
    const answers = new Map(seriesNodes(TABLE).map((node) => [node.id, of(node)]));
    const account = answers.get('["USD",{"provider":"aws","account":"1"}]') ?? [];
    expect(account[0]?.share).toBeCloseTo((6 * 1 + 60 * 0.5) / 66);
    expect(account[1]?.spread).toBeCloseTo((60 * 0.1) / 66);
    expect(answers.get('["USD",{"provider":"aws","service":"EC2"}]')).toEqual([{ share: 1, spread: 0 }]);
  });

  it("weighs leaves alike that cost nothing", () => {
    const free = table([
      ["USD", ["aws", "1", "S3"], [0, 0, 0]],
      ["USD", ["aws", "1", "EC2"], [0, 0, -1]],
    ]);
    const of = nodeCompleteness(free, leafCompleteness(free, completenessOf));
    expect(
      of(seriesNodes(free)[0] ?? { id: "", currency: "", keys: {}, leaves: [], costs: new Float64Array() })[0],
    ).toEqual({
      share: 0.75,
      spread: 0.1,
    });
  });
});
