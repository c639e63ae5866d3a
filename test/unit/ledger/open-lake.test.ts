import { readFile } from "node:fs/promises";
import { afterAll, describe, expect, it } from "vitest";
import { confirmQuarantine } from "../../../shared/ledger/decide-quarantine.ts";
import { createFolders, LIMITS } from "../../support/collect-deps.ts";
import type { BillLine } from "../../support/focus-bill.ts";
import { createLedgerFixture } from "../../support/ledger-fixture.ts";

const folders = createFolders();
afterAll(() => folders.clean());

/** The statement as the document shows it. */
async function documented(): Promise<string> {
  const text = await readFile(new URL("../../../docs/ledger.md", import.meta.url), "utf8");
  const sql = /^DuckDB:\n+```sql\n([\s\S]*?);\n```/m.exec(text)?.[1];
  if (sql === undefined) throw new Error("docs/ledger.md shows no statement for DuckDB");
  return sql;
}

const lines = (count: number): BillLine[] =>
  Array.from({ length: count }, (_, index) => ({
    billed: "1.5",
    day: `2024-09-${String(index + 1).padStart(2, "0")}`,
    service: index % 2 === 0 ? "Amazon EC2" : "Support",
  }));

describe("L9: a lake, read without GenOps", () => {
  it("gives the current sums by the documented statement, beside superseded, quarantined and emptied versions", async () => {
    const ledger = await createLedgerFixture(folders);
    const load = async (id: string, bill: readonly BillLine[]) =>
      (await ledger.load(bill, { id, allowShrink: false }))[0];
    await load("aws", lines(4));
    await load("aws", lines(10));
    expect(await load("aws", lines(2))).toMatchObject({ status: "quarantined" });
    await load("other", [{ billed: "100", service: "Gone", period: "2024-08", day: "2024-08-01" }]);
    const emptied = await load("other", []);
    await confirmQuarantine(ledger.deps, emptied?.quarantine ?? "", LIMITS);

    const sql = (await documented()).replaceAll("'lake/", `'${ledger.lakeDir}/`);
    expect(sql).toContain(ledger.lakeDir);
    const rows = await ledger.withCosts(({ engine }) =>
      engine.query(`SELECT * FROM (${sql}) AS t(service, amount) ORDER BY service`),
    );
    expect(rows).toEqual([
      { service: "Amazon EC2", amount: "7.500000000000000000" },
      { service: "Support", amount: "7.500000000000000000" },
    ]);
    expect((await ledger.report()).totals).toEqual([{ currency: "USD", amount: "15" }]);
  });
});
