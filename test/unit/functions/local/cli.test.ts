import { copyFile, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatDecimal, parseDecimal, subtract } from "../../../../shared/core/decimal.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { type CliResult, genops } from "./cli-support.ts";

const BILLS = fileURLToPath(new URL("../../../fixtures/billing/", import.meta.url));
const folders = createFolders();
afterAll(() => folders.clean());

const CONFIG = `
lake: file:./lake
sources:
  - { id: aws-2, type: aws-data-export, location: "${BILLS}aws_cur2_synth.csv" }
  - { id: aws-legacy, type: aws-data-export, location: "${BILLS}aws_cur_focusconverters_sample.csv" }
  - { id: aws-trimmed, type: aws-data-export, location: "${BILLS}aws_cur_untagged_synth.csv", billingAccountId: "111122223333" }
  - { id: azure-mca, type: azure-cost-export, actual: "${BILLS}azure_mca_actual_synth.csv", amortized: "${BILLS}azure_mca_amortized_synth.csv" }
  - { id: azure-ea, type: azure-cost-export, actual: "${BILLS}azure_ea_actual_ftk_small.csv", amortized: "${BILLS}azure_ea_amortized_ftk_small.csv" }
  - { id: azure-part, type: azure-cost-export, actual: "${BILLS}azure_opencost_template.csv", currency: USD }
  - { id: gcp, type: gcp-billing-export, location: "${BILLS}gcp_detailed_export_synth.ndjson" }
  - { id: focus, type: focus-export, location: "${BILLS}focus_sample_1.0_half.csv" }
budgets:
  global:
    monthly_limit: 5000
    currency: USD
    alerts: [{ threshold: 80, action: notify }, { threshold: 500, action: block }]
  by_team:
    ml: { monthly_limit: 100000 }
`;

const EXPECTED: Readonly<Record<string, string>> = {
  "aws-2": "aws_cur2_synth.csv",
  "aws-legacy": "aws_cur_focusconverters_sample.csv",
  "aws-trimmed": "aws_cur_untagged_synth.csv",
  "azure-mca": "azure_mca_actual_synth.csv + azure_mca_amortized_synth.csv",
  "azure-part": "azure_opencost_template.csv",
  gcp: "gcp_detailed_export_synth.ndjson",
  focus: "focus_sample_1.0_half.csv",
};

interface Sums {
  rows: number;
  BilledCost: string;
  EffectiveCost: string;
}
interface Golden {
  files: Record<
    string,
    {
      focus_rows: number;
      total: Sums;
      by_charge_category: Record<string, Sums>;
      by_billing_period?: Record<string, Sums>;
    }
  >;
}
interface CollectJson {
  runs: {
    source: string;
    period: string;
    status: string;
    rows: number;
    billedCost: { amount: string }[];
    messages: string[];
    control: unknown;
  }[];
  summary: Record<string, number>;
}
interface ReportJson {
  rows: { keys: Record<string, string>; currency: string; amount: string; settled: string }[];
  totals: { currency: string; amount: string }[];
}

let home: string;
let first: CliResult;
let golden: Golden;
const at = (args: readonly string[]) => genops(home, [...args, "--now", "2024-10-20T12:00:00Z"]);

beforeAll(async () => {
  home = await folders.make();
  await writeFile(path.join(home, "genops.yaml"), CONFIG);
  golden = JSON.parse(await readFile(path.join(BILLS, "expected.json"), "utf8")) as Golden;
  first = await at(["collect", "--format", "json"]);
}, 60_000);

describe("genops collect", () => {
  it("loads every bill but the one that does not add up, and says so by its exit code", () => {
    const document = first.json() as CollectJson;
    expect(first.code).toBe(1);
    expect(document.summary).toEqual({ replaced: 9, unchanged: 0, quarantined: 1, failed: 0 });
    expect(document.runs.find(({ source }) => source === "azure-ea")).toMatchObject({
      status: "quarantined",
      rows: 29,
      control: [{ difference: "10.502772349426707827" }, { difference: "0" }],
    });
  });

  it.each(Object.keys(EXPECTED))(
    "gives the rows and sums of expected.json for %s",
    async (source) => {
      const expected = golden.files[EXPECTED[source] ?? ""];
      const runs = (first.json() as CollectJson).runs.filter((run) => run.source === source);
      expect(runs.reduce((sum, { rows }) => sum + rows, 0)).toBe(expected?.focus_rows);
      for (const run of runs)
        expect(run.billedCost[0]?.amount).toBeWithin(
          expected?.by_billing_period?.[run.period]?.BilledCost ?? expected?.total.BilledCost ?? "?",
        );
      for (const [cost, name] of [
        ["billed", "BilledCost"],
        ["effective", "EffectiveCost"],
      ] as const) {
        const report = (
          await at([
            "report",
            "--by",
            "charge_category",
            "--period",
            "2000-01-01..2030-01-01",
            "--cost",
            cost,
            "--source",
            source,
            "--format",
            "json",
          ])
        ).json() as ReportJson;
        const sums = Object.fromEntries(report.rows.map(({ keys, amount }) => [keys["charge_category"], amount]));
        for (const [category, { [name]: amount }] of Object.entries(expected?.by_charge_category ?? {}))
          expect(sums[category]).toBeWithin(amount);
      }
    },
    60_000,
  );

  it("says unchanged when run again", async () => {
    const again = (await at(["collect", "--format", "json"])).json() as CollectJson;
    expect(again.summary).toEqual({ replaced: 0, unchanged: 9, quarantined: 1, failed: 0 });
  });

  it("goes on after a source that fails, and exits with 3", async () => {
    const folder = await folders.make();
    await copyFile(path.join(BILLS, "aws_cur2_synth.csv"), path.join(folder, "good.csv"));
    await writeFile(path.join(folder, "bad.csv"), "a,b\n1,2\n");
    await writeFile(
      path.join(folder, "genops.yaml"),
      "sources:\n  - { id: bad, type: aws-data-export, location: bad.csv }\n  - { id: later, type: otlp }\n  - { id: good, type: aws-data-export, location: good.csv }\n",
    );
    const result = await genops(folder, ["cost-sync", "--cloud", "all", "--force", "--format", "json"]);
    expect(result.code).toBe(3);
    expect((result.json() as CollectJson).runs.map(({ source, status }) => [source, status])).toEqual([
      ["bad", "failed"],
      ["later", "failed"],
      ["good", "replaced"],
    ]);
    const guide = (
      await genops(folder, ["cost-report", "--cloud", "all", "--period", "2024-09", "--format", "json"])
    ).json();
    expect(guide).toMatchObject({
      aws: { total: "2446.4961411033", currency: "USD", tracking_errors: 1 },
      azure: { total: "0" },
      gcp: { total: "0" },
    });
  });
});

describe("genops report", () => {
  it("keeps currencies apart and answers in the promised shape", async () => {
    const result = await at([
      "report",
      "--by",
      "provider,charge_category",
      "--period",
      "2024-09",
      "--cost",
      "billed",
      "--format",
      "json",
    ]);
    expect(result.code).toBe(0);
    expect(result.json()).toMatchObject({
      period: { start: "2024-09-01", end: "2024-10-01" },
      cost: "billed",
      by: ["provider", "charge_category"],
      totals: [{ currency: "EUR", amount: "932.5468757808" }, { currency: "USD" }],
    });
    expect((result.json() as ReportJson).rows).toContainEqual({
      keys: { provider: "aws", charge_category: "Tax" },
      currency: "USD",
      amount: "44.063",
      settled: "44.063",
      expected: "44.063",
      completeness: "1",
    });
  });

  it("groups by any FOCUS column, and says which it knows when it does not", async () => {
    const result = await at([
      "report",
      "--by",
      "commitment_discount_status,sub_account_name",
      "--period",
      "2024-09",
      "--cost",
      "effective",
      "--format",
      "json",
    ]);
    expect((result.json() as ReportJson).rows.some(({ keys }) => keys["commitment_discount_status"] === "Unused")).toBe(
      true,
    );
    const wrong = await at(["report", "--by", "colour", "--period", "2024-09"]);
    expect([wrong.code, wrong.stdout]).toEqual([2, ""]);
    expect(wrong.stderr).toMatch(/unknown dimension "colour"/);
    expect(wrong.stderr).not.toMatch(/\n\s+at /);
  });

  it("reads as of an instant before anything was known", async () => {
    const result = await at(["report", "--period", "2024-09", "--as-of", "2020-01-01T00:00:00Z", "--format", "json"]);
    expect(result.json()).toMatchObject({ rows: [], totals: [], asOf: "2020-01-01T00:00:00.000Z" });
  });

  it.each(["evaluate", "collect"])(
    "does not tell people today what was known at an earlier instant: %s",
    async (command) => {
      const result = await at([command, "--as-of", "2020-01-01T00:00:00Z"]);
      expect([result.code, result.stdout]).toEqual([2, ""]);
      expect(result.stderr).toMatch(/--as-of only looks back/);
    },
  );

  it.each(["focus-1.0", "focus-1.2", "focus-1.4"])("exports %s as CSV and Parquet", async (version) => {
    for (const ending of ["csv", "parquet"]) {
      const result = await at([
        "report",
        "--export",
        version,
        "--period",
        "2024-09",
        "--to",
        `out.${ending}`,
        "--format",
        "json",
      ]);
      expect([result.code, result.stderr]).toEqual([0, ""]);
      expect(result.json()).toMatchObject({ rows: 103 + 81 + 475 + 522 });
    }
  });
});

describe("genops budgets and findings", () => {
  it("prints budgets in the promised shape and exits with 1 when one needs attention", async () => {
    const result = await genops(home, ["budgets", "--check", "--format", "json", "--now", "2024-09-30T12:00:00Z"]);
    expect(result.code).toBe(1);
    const { budgets } = result.json() as { budgets: Record<string, unknown>[] };
    expect(budgets.map(({ name }) => name)).toEqual(["global", "team/ml"]);
    expect(Object.keys(budgets[0] ?? {}).sort()).toEqual(
      [
        "actual",
        "alerts",
        "completeness",
        "currency",
        "expected",
        "forecast",
        "limit",
        "name",
        "period",
        "scope",
        "settled",
        "used",
      ].sort(),
    );
  });

  it.each([
    [["budgets"], /^name,period\.start,.*\r\nglobal,2024-10-01,/],
    [["findings"], /^key,kind,.*\r\n/],
    [["collect", "--source", "focus"], /^source,providers,period,.*\r\nfocus,/],
    [["cost-report", "--period", "2024-09"], /^cloud,total,currency,.*\r\naws,/],
    [["doctor"], /^what,ok,detail\r\nconfiguration,true,/],
  ])("prints %j as CSV and nothing else", async (args, text) => {
    const result = await at([...args, "--format", "csv"]);
    expect([result.code, result.stdout.replaceAll("\r\n", "").includes("\n")]).toEqual([0, false]);
    expect(result.stdout).toMatch(text);
  });

  it("opens a finding for the quarantine, and closes it when a person decides", async () => {
    const list = async () =>
      (
        (await at(["findings", "--format", "json"])).json() as {
          findings: { kind: string; key: string; evidence: { facts: Record<string, string> } }[];
        }
      ).findings;
    const quarantine = (await list()).find(({ kind }) => kind === "quarantine");
    const shown = (await at(["findings"])).stdout.split("\n").find((line) => line.includes("azure-ea")) ?? "";
    const acknowledged = await at(["findings", "ack", shown.split(" ").at(-1) ?? "", "--format", "json"]);
    expect([acknowledged.code, acknowledged.json()]).toMatchObject([
      0,
      { key: quarantine?.key, state: "acknowledged" },
    ]);
    const id = quarantine?.evidence.facts["quarantine"] ?? "";
    expect((await at(["collect", "discard", id])).stdout).toMatch(/stays/);
    expect((await list()).filter(({ kind }) => kind === "quarantine")).toEqual([]);
    expect((await at(["collect", "--format", "json"])).code).toBe(0);
  });
});

describe("genops, used wrongly", () => {
  it.each([
    [["collect", "--nope"], /unknown option/],
    [["report", "--period", "soon"], /not a period/],
    [["report", "--now", "yesterday"], /--now/],
    [["collect", "--source", "nobody"], /no source "nobody"/],
    [["frobnicate"], /unknown command/],
    [["collect", "confirm", "../x"], /no quarantine/],
    [["report", "--format", "xml"], /--format/],
    [["findings", "ack", "nothing"], /no finding/],
  ])("answers %j with exit code 2", async (args, message) => {
    const result = await genops(home, args);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(message);
    expect(result.stdout).toBe("");
  });

  it("names line and field of a wrong configuration", async () => {
    const folder = await folders.make();
    await writeFile(path.join(folder, "genops.yaml"), "lake: file:./lake\nsorces: []\n");
    const result = await genops(folder, ["collect"]);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/sorces[\s\S]*sources/);
    expect(result.stderr).toMatch(/line 2/);
  });

  it("writes a first configuration once", async () => {
    const folder = await folders.make();
    expect((await genops(folder, ["init"])).code).toBe(0);
    expect((await genops(folder, ["init"])).code).toBe(2);
    const doctor = await genops(folder, ["doctor", "--format", "json"]);
    expect(doctor.code).toBe(1);
    expect(doctor.json()).toMatchObject({
      checks: [{ ok: true }, { what: "lake", ok: true }, { ok: true }, { what: "source aws", ok: false }],
    });
  });
});

expect.extend({
  /** Sums agree to 1e-9, as expected.json asks. */
  toBeWithin(received: unknown, expected: string) {
    const difference =
      typeof received === "string" ? subtract(parseDecimal(received), parseDecimal(expected)) : undefined;
    const tolerance = parseDecimal("0.000000001");
    const pass = difference !== undefined && difference <= tolerance && difference >= -tolerance;
    return {
      pass,
      message: () =>
        `${String(received)} is not ${expected}${difference === undefined ? "" : ` (off by ${formatDecimal(difference)})`}`,
    };
  },
});

declare module "vitest" {
  interface Assertion {
    toBeWithin(expected: string): void;
  }
}
