import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDuckDbEngine, SqlError } from "../../../../../shared/ledger/engines/duckdb/duckdb-engine.ts";
import type { SqlEngine } from "../../../../../shared/ports/sql-engine.ts";
import { createFolders } from "../../../../support/collect-deps.ts";

const folders = createFolders();
let engine: SqlEngine;
beforeAll(async () => {
  engine = await createDuckDbEngine({ tempDir: await folders.make() });
});
afterAll(async () => {
  await engine.close();
  await folders.clean();
});

describe("queryLists", () => {
  it("gives lists of numbers as typed arrays and the rest as text", async () => {
    const rows = await engine.queryLists(
      "SELECT k, list(v ORDER BY v) AS vs, NULL::DOUBLE[] AS none FROM (VALUES ('a', 1.5::DOUBLE), ('a', NULL), (NULL, -2)) AS t(k, v) GROUP BY k ORDER BY k",
    );
    expect(rows).toEqual([
      { texts: ["a"], lists: [Float64Array.of(1.5, Number.NaN), new Float64Array()] },
      { texts: [null], lists: [Float64Array.of(-2), new Float64Array()] },
    ]);
  });

  it("reads more rows than a chunk holds", async () => {
    const rows = await engine.queryLists(
      "SELECT i::VARCHAR AS k, [i::DOUBLE, 1] AS v FROM range(5000) AS t(i) ORDER BY i",
    );
    expect(rows).toHaveLength(5000);
    expect(rows[4999]).toEqual({ texts: ["4999"], lists: [Float64Array.of(4999, 1)] });
  });

  it("fails as other queries do", async () => {
    await expect(engine.queryLists("SELECT nothing")).rejects.toThrow(SqlError);
  });
});
