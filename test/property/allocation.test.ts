import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ALLOCATION_DIMENSIONS, type AllocationConfig, type LabelRule } from "../../shared/config/types.ts";
import { allocate } from "../../shared/ingestion/allocation/allocate.ts";
import { allocationJoin } from "../../shared/ingestion/allocation/allocation-sql.ts";
import { createDimensions } from "../../shared/ingestion/allocation/create-dimensions.ts";
import { NAMESPACE_KEYS } from "../../shared/ingestion/allocation/tag-keys.ts";
import type { SqlEngine } from "../../shared/ports/sql-engine.ts";
import { openDuckDb } from "../unit/ingestion/allocation/duckdb.ts";

const STEMS = [
  "team",
  "genops.ai/team",
  "cost-center",
  "a'b\"c",
  "x/y~z",
  "*",
  "-",
  "0",
  "",
  "größe",
  "Σ",
  ...NAMESPACE_KEYS,
];

/** Texts that meet often: few stems in many spellings, and anything else. */
const spelling = fc.constantFrom(...STEMS).chain((stem) =>
  fc.array(fc.nat(2), { minLength: stem.length, maxLength: stem.length }).map((choices) =>
    Array.from(stem, (character, index) => {
      if (choices[index] === 1) return character.toUpperCase();
      return choices[index] === 2 && character === "-" ? "_" : character;
    }).join(""),
  ),
);
const anyText = fc.string({ unit: "binary", maxLength: 6 }).filter((text) => !text.includes("\uFEFF"));
const key = fc.oneof({ weight: 6, arbitrary: spelling }, { weight: 1, arbitrary: anyText });
const word = fc.oneof(fc.constantFrom("ml", "ML", "Ml", "shop", "ß", "it's", "1e21", "true", "constructor"), anyText);
const tagValue = fc.oneof(
  { weight: 6, arbitrary: word },
  { weight: 1, arbitrary: fc.constantFrom("", null, true, false, 0, -0, 1e21, 1e-7, 0.1) },
  { weight: 1, arbitrary: fc.integer() },
);
const place = fc.constantFrom("ml", "shop", "constructor");
const tags = fc
  .tuple(fc.array(fc.tuple(key, tagValue), { maxLength: 8 }), fc.option(place, { nil: undefined }))
  .map(([pairs, namespace]) => ({
    ...(namespace === undefined ? {} : { "K8s-Namespace": namespace }),
    ...Object.fromEntries(pairs),
  }));

/** Configured texts are never empty and hold no NUL. */
const configured = <T extends string>(text: fc.Arbitrary<T>) =>
  text.filter((each) => each !== "" && !each.includes("\0"));
const rule: fc.Arbitrary<LabelRule> = fc
  .record({
    keys: fc.array(configured(key), { minLength: 1, maxLength: 4 }),
    aliases: fc.dictionary(configured(word), fc.array(configured(word), { maxLength: 3 }), { maxKeys: 3 }),
    default: fc.option(configured(word), { nil: undefined }),
  })
  .map(({ default: value, ...rest }) => (value === undefined ? rest : { ...rest, default: value }));
const values = fc.record(
  { team: configured(word), project: configured(word), environment: configured(word) },
  { requiredKeys: [] },
);
const table = fc.dictionary(
  fc.oneof({ weight: 4, arbitrary: place }, { weight: 1, arbitrary: configured(word) }),
  values,
);
const config: fc.Arbitrary<AllocationConfig> = fc.record({
  labels: fc.record({ team: rule, project: rule, environment: rule, cost_center: rule }),
  accounts: table,
  namespaces: table,
  shared: fc.constant([]),
});
const rows = fc.array(fc.record({ tags, account: fc.option(fc.oneof(place, word), { nil: null }) }), {
  minLength: 1,
  maxLength: 25,
});

describe("allocation", () => {
  let engine: SqlEngine;
  beforeAll(async () => {
    engine = await openDuckDb();
    await engine.run(`CREATE TABLE bill (id INTEGER, "Tags" VARCHAR, account VARCHAR)`);
  });
  afterAll(() => engine.close());

  it("means the same in SQL and in TypeScript", async () => {
    await fc.assert(
      fc.asyncProperty(config, rows, async (configuration, bill) => {
        await engine.run("DELETE FROM bill");
        for (const [id, row] of bill.entries()) {
          const account = row.account === null ? "NULL" : "$2";
          const parameters = [JSON.stringify(row.tags), ...(row.account === null ? [] : [row.account])];
          await engine.query(`INSERT INTO bill VALUES (${id}, $1, ${account})`, parameters);
        }
        await engine.run("DROP TABLE IF EXISTS dims");
        await createDimensions(engine, configuration, { relation: "bill", table: "dims" });
        const found = await engine.query(
          `SELECT ${ALLOCATION_DIMENSIONS.join(", ")} FROM bill b JOIN dims d
           ON ${allocationJoin("b", "d")} ORDER BY id`,
        );
        expect(found).toEqual(bill.map((row) => allocate(configuration, row)));
      }),
      { numRuns: 60 },
    );
  });
});
