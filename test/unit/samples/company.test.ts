import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { clusterFile, companyFiles } from "../../../scripts/generate-samples.ts";
import { INCIDENT_DAY, total } from "../../../scripts/samples/company-bill.ts";
import { FOCUS_1_2_COLUMNS, type FocusRow, stableGzip } from "../../../scripts/samples/focus-csv.ts";
import { abs, multiply, parseDecimal, subtract, sum, tryParseDecimal, ZERO } from "../../../shared/core/decimal.ts";

const folder = new URL("../../../samples/", import.meta.url);
const BILLS: readonly (readonly [string, string])[] = [
  ["aws_cur2_synth.csv", "9bcbcac8122ac5e4d8271c5d5d8f4f8e502e1fabed52e23ec67ecbe368d6616a"],
  ["aws_cur_focusconverters_sample.csv", "31e59976423fa7fb041ff39e7148f3e4e548d55661fe81482847fa885efdd51b"],
  ["azure_mca_actual_synth.csv", "4059524c448f45042b5c12ba7328754d3fb2edf28789b21325b73cac29f54419"],
  ["azure_mca_amortized_synth.csv", "8160ade3dc66d86ad2ea2428bc7124bbb55595183dd89bffd9b171d973344b88"],
  ["focus_sample_1.0_half.csv", "0556a20fd6e963c86c9e214a16c6afe7ba7affbd29608d99410e4097473d4865"],
  ["gcp_detailed_export_synth.ndjson", "613cb3977b3b7a1c567114e4bec7fad5d9231212f816add995d3782d05453906"],
];
const columns = JSON.parse(
  readFileSync(new URL("../../../shared/ingestion/focus/columns.json", import.meta.url), "utf8"),
) as Column[];

interface Column {
  name: string;
  type: string;
  allowNulls: boolean;
  introducedIn: string;
  allowedValues: string[] | null;
  parentValues?: Record<string, string[]>;
}

function committed(name: string): string {
  return gunzipSync(readFileSync(new URL(`company/${name}`, folder))).toString("utf8");
}

function rowsOf(name: string): FocusRow[] {
  return parse(committed(name), { columns: true }) as FocusRow[];
}

const names = readdirSync(new URL("company/", folder))
  .filter((name) => name.endsWith(".csv.gz"))
  .sort();
const rows = names.flatMap(rowsOf);

describe("the generated company", () => {
  it("is what the generator writes, byte for byte on every run", () => {
    const first = companyFiles();
    const second = companyFiles();
    expect([...first.keys()].sort()).toEqual(names);
    for (const [name, text] of first) {
      expect(committed(name) === text, name).toBe(true);
      expect(Buffer.from(stableGzip(text)).equals(Buffer.from(stableGzip(second.get(name) ?? ""))), name).toBe(true);
    }
  });

  it("writes gzip without a time", () => {
    for (const name of names) {
      const bytes = readFileSync(new URL(`company/${name}`, folder));
      expect([...bytes.subarray(4, 8), bytes[9]]).toEqual([0, 0, 0, 0, 255]);
    }
  });

  it("is small", () => {
    const bytes = names.reduce((size, name) => size + statSync(new URL(`company/${name}`, folder)).size, 0);
    expect(bytes).toBeLessThan(1_500_000);
  });

  it("covers 120 days on three clouds in the columns of FOCUS 1.2", () => {
    expect(FOCUS_1_2_COLUMNS).toHaveLength(57);
    expect(names).toHaveLength(12);
    for (const name of names) expect(committed(name).split("\n", 1)[0]).toBe(FOCUS_1_2_COLUMNS.join(","));
    const days = new Set(rows.map((row) => row.ChargePeriodStart?.slice(0, 10)));
    expect(days.size).toBe(120);
    expect([...days].sort().at(0)).toBe("2024-06-03");
    expect([...days].sort().at(-1)).toBe("2024-09-30");
  });

  it("keeps every cell within the types, nullability and allowed values of FOCUS", () => {
    const known = columns.filter((column) => FOCUS_1_2_COLUMNS.includes(column.name));
    const wrong = rows.flatMap((row) =>
      known.filter((column) => !isValid(column, row)).map((column) => `${column.name}=${row[column.name]}`),
    );
    expect([...new Set(wrong)]).toEqual([]);
  });

  it("keeps every subcategory below its category", () => {
    const parents = columns.find((column) => column.name === "ServiceSubcategory")?.parentValues ?? {};
    const wrong = rows.filter(
      (row) => parents[row.ServiceCategory ?? ""]?.includes(row.ServiceSubcategory ?? "") !== true,
    );
    expect(wrong).toEqual([]);
  });

  it("keeps costs within ten fraction digits and unit prices times quantities equal to costs", () => {
    const long = rows.filter((row) =>
      /\.\d{11,}$/.test(`${row.BilledCost} ${row.EffectiveCost} ${row.ListCost} ${row.ContractedCost}`),
    );
    expect(long).toEqual([]);
    for (const [price, cost] of [
      ["ListUnitPrice", "ListCost"],
      ["ContractedUnitPrice", "ContractedCost"],
    ] as const) {
      const off = rows
        .filter((row) => row[price] !== "" && row.PricingQuantity !== "")
        .filter(
          (row) => abs(subtract(multiply(money(row[price]), money(row.PricingQuantity)), money(row[cost]))) !== ZERO,
        );
      expect(off).toEqual([]);
    }
  });

  it("pays for commitments in Purchase rows and carries their cost in Used and Unused rows", () => {
    const closed = rows.filter((row) => row.CommitmentDiscountId !== "" && (row.BillingPeriodStart ?? "") < "2024-09");
    const ids = new Set(closed.map((row) => row.CommitmentDiscountId));
    expect(ids.size).toBe(3);
    for (const id of ids) {
      const own = closed.filter((row) => row.CommitmentDiscountId === id);
      const paid = total(own, "BilledCost", (row) => row.ChargeCategory === "Purchase");
      expect(total(own, "EffectiveCost", (row) => row.ChargeCategory === "Usage")).toBe(paid);
      expect(total(own, "BilledCost", (row) => row.ChargeCategory === "Usage")).toBe(ZERO);
      expect(new Set(own.map((row) => row.CommitmentDiscountStatus))).toEqual(new Set(["", "Used", "Unused"]));
    }
  });

  it("quadruples what ai-research spends on Vertex AI from the day of the incident on", () => {
    const research = rows.filter(
      (row) => row.ServiceName === "Vertex AI" && /"team":"ai-research"/.test(row.Tags ?? ""),
    );
    const onDay = (day: string) =>
      total(research, "BilledCost", (row) => row.ChargePeriodStart?.startsWith(day) === true);
    expect(INCIDENT_DAY).toBe("2024-09-23");
    const ratio = Number(onDay("2024-09-24")) / Number(onDay("2024-09-17"));
    expect(ratio).toBeGreaterThan(3.5);
    expect(ratio).toBeLessThan(4.5);
  });

  it("breaks the budgets of samples/genops.yaml that are meant to break, and no others", () => {
    const september = rows.filter((row) => row.BillingPeriodStart?.startsWith("2024-09"));
    const spent = (pattern: RegExp) =>
      total(september, "BilledCost", (row) => pattern.test(`${row.ProviderName} ${row.Tags}`));
    const demo = { aws: money("2446.4961411033"), gcp: money("2325.239356795") };
    const global = percent(sum([spent(/./), demo.aws, demo.gcp]), "41000");
    expect(global).toBeGreaterThan(80);
    expect(global).toBeLessThan(95);
    expect(percent(sum([spent(/^Google/), demo.gcp]), "12500")).toBeGreaterThan(90);
    expect(percent(spent(/"team":"ai-research"/i), "11000")).toBeGreaterThan(100);
    expect(percent(sum([spent(/^AWS/), demo.aws]), "20000")).toBeLessThan(80);
    expect(percent(spent(/^Microsoft/), "12000")).toBeLessThan(80);
    expect(percent(spent(/"product-engineering"/), "13000")).toBeLessThan(80);
    expect(percent(spent(/"customer-success"/), "8500")).toBeLessThan(80);
  });
});

describe("the sample bills", () => {
  it.each(BILLS)("%s is byte-identical to its source", (name, hash) => {
    expect(
      createHash("sha256")
        .update(readFileSync(new URL(`bills/${name}`, folder)))
        .digest("hex"),
    ).toBe(hash);
  });

  it("are all named with their licence", () => {
    const readme = readFileSync(new URL("README.md", folder), "utf8");
    const present = readdirSync(new URL("bills/", folder)).sort();
    expect(present).toEqual(BILLS.map(([name]) => name).sort());
    for (const name of present) expect(readme).toContain(name);
  });
});

function money(text: string | undefined) {
  return parseDecimal(text ?? "");
}

function percent(amount: bigint, limit: string): number {
  return Number((amount * 10_000n) / money(limit)) / 100;
}

function isValid(column: Column, row: FocusRow): boolean {
  const cell = row[column.name] ?? "";
  if (cell === "") return column.allowNulls;
  if (column.type === "decimal") return tryParseDecimal(cell) !== undefined;
  if (column.type === "datetime") return /^\d{4}-\d{2}-\d{2}T00:00:00Z$/.test(cell);
  if (column.type === "json") return typeof JSON.parse(cell) === "object";
  return column.allowedValues === null || column.allowedValues.includes(cell);
}

describe("samples/cluster.json", () => {
  const text = readFileSync(new URL("cluster.json", folder), "utf8");
  const { items } = JSON.parse(text) as { items: { kind: string; metadata: { uid: string; namespace?: string } }[] };

  it("is what the generator writes", () => {
    expect(text).toBe(clusterFile());
  });

  it("has a uid of its own for every object, and no object in a namespace that is not there", () => {
    expect(new Set(items.map(({ metadata }) => metadata.uid)).size).toBe(items.length);
    const namespaces = new Set(
      items
        .flatMap(({ kind, metadata }) => (kind === "Namespace" ? [metadata] : []))
        .map((each) => (each as { name?: string }).name),
    );
    expect(
      items.filter(({ metadata: { namespace } }) => namespace !== undefined && !namespaces.has(namespace)),
    ).toEqual([]);
  });
});
