import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { providerSlug } from "../../../shared/core/provider.ts";
import { PROVIDER_SQL } from "../../../shared/ledger/dimensions.ts";
import { createDuckDbEngine } from "../../../shared/ledger/engines/duckdb/duckdb-engine.ts";
import type { SqlEngine } from "../../../shared/ports/sql-engine.ts";
import { createFolders } from "../../support/collect-deps.ts";

const folders = createFolders();
let engine: SqlEngine;
beforeAll(async () => {
  engine = await createDuckDbEngine({ tempDir: await folders.make() });
});
afterAll(async () => {
  await engine.close();
  await folders.clean();
});

async function slugsInSql(names: readonly string[]): Promise<unknown[]> {
  const values = names.map((_name, index) => `(${index}, $${index + 1})`).join(", ");
  const rows = await engine.query(
    `SELECT ${PROVIDER_SQL} AS slug FROM (VALUES ${values}) t(i, HostProviderName) ORDER BY i`,
    names,
  );
  return rows.map((row) => row["slug"]);
}

describe("providerSlug", () => {
  it.each([
    ["AWS", "aws"],
    ["Amazon Web Services", "aws"],
    [" aws ", "aws"],
    ["Microsoft", "azure"],
    ["azure", "azure"],
    ["Google Cloud", "gcp"],
    ["GCP", "gcp"],
    ["Oracle", "oracle"],
    ["OCI", "oracle"],
    ["Acme Cloud", "acme-cloud"],
    ["--Acme__Cloud--", "acme-cloud"],
    ["Müller Rechenzentrum", "m-ller-rechenzentrum"],
    ["", "unknown"],
    ["云", "unknown"],
  ])("of %j is %j, in TypeScript and in SQL", async (name, slug) => {
    expect(providerSlug(name)).toBe(slug);
    expect(await slugsInSql([name])).toEqual([slug]);
  });

  it("agrees with the SQL for any name", async () => {
    const tricky = fc.constantFrom(
      "İ",
      "K",
      "ſ",
      "ß",
      "A",
      "w",
      "S",
      "-",
      " ",
      "\n",
      "é",
      "aws",
      "OCI",
      "google",
      "云",
      "\u0301",
    );
    const name = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 12 }),
      fc.array(tricky, { maxLength: 6 }).map((parts) => parts.join("")),
    );
    // SQL text has no NUL.
    const names = fc.array(
      name.map((text) => text.replaceAll("\0", "")),
      { minLength: 1, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(names, async (all) => {
        expect(await slugsInSql(all)).toEqual(all.map(providerSlug));
      }),
      { numRuns: 60 },
    );
  });

  it("of a missing name is unknown", async () => {
    expect(
      await engine.query(`SELECT ${PROVIDER_SQL} AS slug FROM (SELECT NULL::VARCHAR AS HostProviderName)`),
    ).toEqual([{ slug: "unknown" }]);
  });
});
