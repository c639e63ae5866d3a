import { appendFile, copyFile, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { SourceConfig } from "../../../../shared/config/types.ts";
import { collectSources } from "../../../../shared/ledger/collect/collect-source.ts";
import type { CollectRun } from "../../../../shared/ledger/collect/run.ts";
import { confirmQuarantine } from "../../../../shared/ledger/decide-quarantine.ts";
import { currentVersion, readHead } from "../../../../shared/ledger/head.ts";
import { createCollectDeps, createFolders, type TestCollectDeps } from "../../../support/collect-deps.ts";
import { type BillLine, focusCsv, writeFocusBill } from "../../../support/focus-bill.ts";

const folders = createFolders();
afterAll(() => folders.clean());

const GOOD: BillLine[] = Array.from({ length: 10 }, (_, index) => ({
  billed: "10",
  day: `2024-09-${String(index + 1).padStart(2, "0")}`,
}));

let deps: TestCollectDeps;
let folder: string;
let bill: string;

async function collect(overrides: Partial<SourceConfig> = {}): Promise<CollectRun[]> {
  const source = { id: "any", type: "focus-export", location: "bill.csv", ...overrides } as SourceConfig;
  return collectSources(deps, { sources: [source], periods: [], force: false, baseDir: folder });
}

async function billed(): Promise<string | undefined> {
  const head = await readHead(deps.lake, "any", "2024-09");
  return head === undefined ? undefined : currentVersion(head.value).totals[0]?.billed;
}

beforeEach(async () => {
  folder = await folders.make();
  bill = path.join(folder, "bill.csv");
  deps = createCollectDeps(await folders.make());
  await writeFocusBill(bill, GOOD);
  expect((await collect()).map(({ status }) => status)).toEqual(["replaced"]);
});

describe("collect of a bill that cannot be trusted", () => {
  const with3 = (change: Partial<BillLine>) =>
    focusCsv(GOOD.map((line, index) => (index === 2 ? { ...line, ...change } : line)));
  const cases: [string, () => string | Uint8Array, RegExp[]][] = [
    ["a truncated gzip", () => gzipSync(focusCsv(GOOD)).subarray(0, 200), [/gzip/, /file bill\.csv/]],
    [
      "an unterminated quote",
      () => focusCsv(GOOD).replace("Amazon EC2", '"Amazon EC2'),
      [/quote/, /file bill\.csv/, /row \d+/],
    ],
    [
      "a missing mandatory column",
      () => focusCsv(GOOD).replace("BilledCost", "Bilked"),
      [/BilledCost/, /file bill\.csv/],
    ],
    [
      "a German number",
      () => with3({ billed: "1.234,56" }),
      [/1\.234,56/, /file bill\.csv/, /row 3/, /column BilledCost/],
    ],
    ["a number with words", () => with3({ billed: "twelve" }), [/twelve/, /row 3/, /column BilledCost/]],
    [
      "an unknown currency",
      () => with3({ currency: "XXX" }),
      [/XXX/, /urrency/, /file bill\.csv/, /row 3/, /column BillingCurrency/],
    ],
    [
      "binary noise",
      () => Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919 + 13) % 256),
      [/file bill\.csv/, /not text|NUL/],
    ],
    ["a ragged row", () => focusCsv(GOOD).replace(/\n(10,10,[^\n]*)\n/, "\n$1,extra\n"), [/fields/, /file bill\.csv/]],
    [
      "a bomb",
      () => gzipSync(Buffer.concat([Buffer.from(focusCsv(GOOD)), Buffer.alloc(80 * 1024 * 1024, 0x20)])),
      [/decompresses/, /file bill\.csv/],
    ],
    [
      "an impossible date",
      () => focusCsv(GOOD).replace("2024-09-03T00:00:00Z,2024-09-04", "2024-13-03T00:00:00Z,2024-09-04"),
      [/2024-13-03/, /row 3/, /column ChargePeriodStart/],
    ],
    [
      "an endless date",
      () => focusCsv(GOOD).replace("2024-09-03T00:00:00Z,2024-09-04", "infinity,2024-09-04"),
      [/infinity/, /row 3/, /column ChargePeriodStart/],
    ],
  ];

  it.each(cases)("refuses %s, names the place and changes nothing", async (_name, content, words) => {
    await writeFile(bill, content());
    deps.published.length = 0;
    const [run] = await collect();
    expect(run?.status).toBe("failed");
    const message = run?.messages.join("\n") ?? "";
    for (const word of [/source any/, ...words]) expect(message).toMatch(word);
    expect(await billed()).toBe("100");
    expect(deps.published).toEqual([]);
  });

  it("refuses a manifest that names a missing part", async () => {
    await writeFile(
      path.join(folder, "x-Manifest.json"),
      JSON.stringify({ dataFiles: ["s3://b/p/bill.csv", "s3://b/p/bill-2.csv"] }),
    );
    const [run] = await collect({ location: "." } as Partial<SourceConfig>);
    expect(run?.status).toBe("failed");
    expect(run?.messages.join()).toMatch(/bill-2\.csv.*x-Manifest\.json/);
    expect(await billed()).toBe("100");
  });

  it.each([
    ["an empty file", () => ""],
    ["white space", () => "\n \n"],
    ["a header without rows", () => focusCsv([])],
    ["a sharply smaller file", () => focusCsv(GOOD.slice(0, 5))],
  ])("quarantines %s and keeps the old version", async (_name, content) => {
    await writeFile(bill, content());
    const [run] = await collect();
    expect(run?.status).toBe("quarantined");
    expect(run?.period).toBe("2024-09");
    expect(await billed()).toBe("100");
    expect((await collect()).map(({ status }) => status)).toEqual(["quarantined"]);
  });
});

describe("collect of a delivery that is not whole", () => {
  it("quarantines an empty file beside a good one, and loads the good one when a person says so", async () => {
    await writeFile(bill, focusCsv([...GOOD, { billed: "1" }]));
    await writeFile(path.join(folder, "bill-2.csv"), "");
    const [run] = await collect({ location: "bill*.csv" } as Partial<SourceConfig>);
    expect([run?.status, run?.messages.join()]).toEqual([
      "quarantined",
      expect.stringContaining("no rows in bill-2.csv"),
    ]);
    expect(await billed()).toBe("100");
    await confirmQuarantine(deps, run?.quarantine ?? "", deps.limits);
    expect(await billed()).toBe("101");
  });

  it.each([
    ["nothing", () => ""],
    ["a header alone", (text: string) => `${text.split("\n")[0]}\n`],
  ])("quarantines an Azure pair of which one file has %s", async (_name, cut) => {
    const fixture = (kind: string) =>
      fileURLToPath(new URL(`../../../fixtures/billing/azure_mca_${kind}_synth.csv`, import.meta.url));
    await copyFile(fixture("actual"), path.join(folder, "actual.csv"));
    await copyFile(fixture("amortized"), path.join(folder, "amortized.csv"));
    const source = {
      id: "azure",
      type: "azure-cost-export",
      actual: "actual.csv",
      amortized: "amortized.csv",
    } as const;
    const run = () => collectSources(deps, { sources: [source], periods: [], force: false, baseDir: folder });
    expect((await run()).map(({ status, rows }) => [status, rows])).toEqual([["replaced", 81]]);
    await writeFile(path.join(folder, "amortized.csv"), cut(await readFile(fixture("amortized"), "utf8")));
    expect((await run()).map(({ status }) => status)).toEqual(["quarantined"]);
    const head = await readHead(deps.lake, "azure", "2024-09");
    expect(head === undefined ? 0 : currentVersion(head.value).rows).toBe(81);
  });
});

describe("collect of a bill that only looks strange", () => {
  it("keeps unknown columns, long tags, control characters, formulas, and keys that differ by case", async () => {
    const tags = { Team: "a", team: "b", long: "x".repeat(200_000), ctl: "\u0001\u001b[31m" };
    const lines = GOOD.map((line, index) => ({ ...line, ...(index === 0 ? { tags, description: '=cmd("x")' } : {}) }));
    const text = focusCsv(lines)
      .split("\n")
      .map((line, index) => (line === "" ? line : `${line},${index === 0 ? "Mystery" : "kept"}`))
      .join("\n");
    await writeFile(bill, text);
    expect((await collect()).map(({ status, messages }) => [status, messages])).toEqual([
      ["replaced", expect.anything()],
    ]);
    const head = await readHead(deps.lake, "any", "2024-09");
    const part = await deps.lake.getFile(head === undefined ? "" : (currentVersion(head.value).parts[0]?.key ?? ""));
    const engine = await deps.createEngine();
    const rows = await engine.query(
      `SELECT Tags, ChargeDescription, x_Mystery FROM read_parquet('${part}') WHERE Tags IS NOT NULL`,
    );
    await engine.close();
    expect(rows).toHaveLength(1);
    expect(JSON.parse(String(rows[0]?.["Tags"]))).toEqual(tags);
    expect(rows[0]).toMatchObject({ ChargeDescription: '=cmd("x")', x_Mystery: "kept" });
  });

  it("reads UTF-16 with a byte order mark as the same bill", async () => {
    await writeFile(bill, Buffer.from(`\uFEFF${focusCsv(GOOD)}`, "utf16le"));
    expect((await collect())[0]).toMatchObject({ status: "unchanged", rows: 10 });
    deps = createCollectDeps(await folders.make());
    expect((await collect())[0]).toMatchObject({ status: "replaced", rows: 10 });
    expect(await billed()).toBe("100");
  });

  it("counts the same file under two names once, and says so", async () => {
    await copyFile(bill, path.join(folder, "bill-copy.csv"));
    await writeFile(path.join(folder, "bill-copy2.csv.gz"), gzipSync(await readFile(bill)));
    const [run] = await collect({ location: "bill*" } as Partial<SourceConfig>);
    expect([run?.status, run?.messages.join()]).toEqual([
      "unchanged",
      expect.stringMatching(/same content as .*counted once/),
    ]);
    expect(await billed()).toBe("100");
  });

  it("keeps two currencies of one period apart", async () => {
    await writeFocusBill(bill, [...GOOD, { billed: "5", currency: "EUR" }]);
    const [run] = await collect();
    expect(run?.billedCost).toEqual([
      { currency: "EUR", amount: "5" },
      { currency: "USD", amount: "100" },
    ]);
  });

  it("says unchanged when the same comes again, and emits nothing", async () => {
    const before = deps.published.length;
    expect((await collect()).map(({ status }) => status)).toEqual(["unchanged"]);
    expect(deps.published).toHaveLength(before);
  });

  it("accepts a late charge and keeps the old number for asOf reads", async () => {
    await appendFile(bill, focusCsv([{ billed: "0.000000000000000001" }]).split("\n")[1] ?? "");
    expect((await collect()).map(({ status }) => status)).toEqual(["replaced"]);
    expect(await billed()).toBe("100.000000000000000001");
  });

  it("gives the right total however often and in whatever order a month arrives", async () => {
    const part = focusCsv(GOOD.slice(0, 6));
    const full = focusCsv([...GOOD, { billed: "11" }]);
    const late = focusCsv(GOOD.slice(0, 4));
    for (const order of [
      [part, full, late],
      [full, part, late],
      [full, late, part],
    ]) {
      deps = createCollectDeps(await folders.make());
      for (const content of order) {
        await writeFile(bill, content);
        await collect();
      }
      expect(await billed()).toBe("111");
    }
  });
});
