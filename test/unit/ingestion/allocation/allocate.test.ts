import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AllocationConfig } from "../../../../shared/config/types.ts";
import type { Labels } from "../../../../shared/core/labels.ts";
import { allocate } from "../../../../shared/ingestion/allocation/allocate.ts";
import { createDimensions } from "../../../../shared/ingestion/allocation/create-dimensions.ts";
import { type SqlEngine, sqlText } from "../../../../shared/ports/sql-engine.ts";
import { allocationOf } from "./config.ts";
import { openDuckDb } from "./duckdb.ts";

const keyed = allocationOf({ labels: { team: { keys: ["genops.ai/team", "team"] } } });
const aliased = allocationOf({
  labels: { team: { aliases: { "ai-research": ["AIR", "ai research"], Größe: ["size"] } } },
});
const tabled = allocationOf({
  labels: { team: { default: "nobody" } },
  namespaces: { ml: { team: "ml-team" }, constructor: { project: "built" } },
  accounts: { "111": { team: "acc-team", project: "acc-project" }, "o'brien": { cost_center: "it's" } },
});

const CASES: readonly [string, AllocationConfig, Labels | null, string | null, Partial<ReturnType<typeof allocate>>][] =
  [
    ["an exact key", keyed, { "genops.ai/team": "ml" }, null, { team: "ml" }],
    ["the first configured key before the second", keyed, { team: "b", "genops.ai/team": "a" }, null, { team: "a" }],
    [
      "another spelling of the first key before the second key",
      keyed,
      { team: "b", "GENOPS.AI/Team": "a" },
      null,
      { team: "a" },
    ],
    ["the exact spelling before others", keyed, { TEAM: "upper", team: "exact" }, null, { team: "exact" }],
    ["the lexicographically first spelling", keyed, { Team: "later", TEAM: "first" }, null, { team: "first" }],
    ["- like _", allocationOf(), { "Cost-Center": "42" }, null, { cost_center: "42" }],
    [
      "the next spelling after an empty value",
      keyed,
      { "genops.ai/team": "", TEAM: "", Team: "ml" },
      null,
      { team: "ml" },
    ],
    ["the next spelling after a null", keyed, { team: null, Team: "ml" }, null, { team: "ml" }],
    [
      "numbers and booleans as text",
      allocationOf(),
      { team: 7, project: true, environment: 1e21 },
      null,
      { team: "7", project: "true", environment: "1e21" },
    ],
    ["values as delivered", allocationOf(), { team: " ML\u0001'\"😀 " }, null, { team: " ML\u0001'\"😀 " }],
    [
      "a slash and a tilde in a key",
      allocationOf({ labels: { team: { keys: ["a/b~c"] } } }),
      { "A/B~c": "x" },
      null,
      { team: "x" },
    ],
    ["an alias, whatever its case", aliased, { team: "Ai Research" }, null, { team: "ai-research" }],
    ["another case of the canonical value", aliased, { team: "GRÖSSE".replace("SS", "ß") }, null, { team: "Größe" }],
    ["a value without alias as it is", aliased, { team: "AI-Researcher" }, null, { team: "AI-Researcher" }],
    [
      "the namespace before the account",
      tabled,
      { "k8s-namespace": "ml" },
      "111",
      { team: "ml-team", project: "acc-project" },
    ],
    ["a namespace under any of its keys", tabled, { Kubernetes_Namespace: "ml" }, null, { team: "ml-team" }],
    ["a tag before the tables", tabled, { team: "tag", "aws:eks:namespace": "ml" }, "111", { team: "tag" }],
    ["the account", tabled, null, "111", { team: "acc-team", project: "acc-project", environment: "unallocated" }],
    ["quotes in the tables", tabled, {}, "o'brien", { cost_center: "it's" }],
    [
      "names that objects have by birth",
      tabled,
      { "k8s-namespace": "constructor", toString: "x" },
      "valueOf",
      { project: "built", team: "nobody" },
    ],
    ["the default", tabled, {}, "222", { team: "nobody", project: "unallocated" }],
    [
      "unallocated",
      allocationOf(),
      {},
      null,
      { team: "unallocated", project: "unallocated", environment: "unallocated", cost_center: "unallocated" },
    ],
  ];

describe("allocation", () => {
  let engine: SqlEngine;
  beforeAll(async () => {
    engine = await openDuckDb();
  });
  afterAll(() => engine.close());

  async function allocateInSql(config: AllocationConfig, tags: string | null, account: string | null) {
    const cell = (value: string | null) => (value === null ? "NULL::VARCHAR" : sqlText(value));
    await engine.run(`CREATE OR REPLACE TABLE bill AS SELECT ${cell(tags)} AS "Tags", ${cell(account)} AS account`);
    await createDimensions(engine, config, { relation: "bill", table: "dims" });
    const rows = await engine.query("SELECT team, project, environment, cost_center FROM dims");
    await engine.run("DROP TABLE dims");
    return rows;
  }

  it.each(CASES)("takes %s, in TypeScript", (_, config, tags, account, expected) => {
    expect(allocate(config, { tags: tags ?? {}, account })).toMatchObject(expected);
  });

  it.each(CASES)("takes %s, in SQL", async (_, config, tags, account, expected) => {
    const rows = await allocateInSql(config, tags === null ? null : JSON.stringify(tags), account);
    expect(rows).toEqual([expect.objectContaining(expected)]);
  });

  it.each(["nope", "", "[1]", '"text"', "null", '{"team":'])(
    "counts tags that are no JSON object (%j) as none",
    async (tags) => {
      const [row] = await allocateInSql(allocationOf(), tags, null);
      expect(row).toMatchObject({ team: "unallocated" });
    },
  );

  it("gives one row per distinct combination, however many tables and spellings match", async () => {
    const config = allocationOf({
      labels: { team: { aliases: { a: ["x", "X", "a"], b: ["x"] } } },
      accounts: { "1": { team: "t" } },
      namespaces: { n: { team: "t" } },
    });
    await engine.run(`CREATE OR REPLACE TABLE bill AS
      SELECT '{"team":"X","TEAM":"b","k8s-namespace":"n"}' AS "Tags", (i % 2)::VARCHAR AS account FROM range(10) t(i)`);
    await createDimensions(engine, config, { relation: "bill", table: "dims" });
    expect(await engine.query("SELECT account, team FROM dims ORDER BY account")).toEqual([
      { account: "0", team: "a" },
      { account: "1", team: "a" },
    ]);
    await engine.run("DROP TABLE dims");
  });
});
