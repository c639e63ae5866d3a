import { writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { createFolders } from "../../../support/collect-deps.ts";
import { genops } from "./cli-support.ts";

const BILL = fileURLToPath(new URL("../../../fixtures/billing/aws_cur2_synth.csv", import.meta.url));
const folders = createFolders();
afterAll(() => folders.clean());

interface Document {
  reconciliations: {
    problem?: string;
    residuals: {
      account: string;
      currency: string;
      ledger: string;
      independent: string;
      residual: string;
      reasons: { reason: string }[];
      withinBound: boolean;
    }[];
  }[];
}

/** The sample bill, collected, and a file of invoice totals that is written afterwards. */
async function createWorld() {
  const folder = await folders.make();

  await writeFile(
    path.join(folder, "genops.yaml"),
    `lake: file:./lake
sources: [{ id: aws, type: aws-data-export, location: "${BILL}" }]
reconcile: { bound: 0.50, against: [{ source: aws, with: file, location: invoices.csv }] }
`,
  );
  const run = (...args: string[]) => genops(folder, [...args, "--now", "2025-01-01"]);
  expect((await run("collect")).code).toBe(0);
  const report = JSON.parse(
    (await run("report", "--by", "account", "--period", "2024-09", "--format", "json")).stdout,
  ) as {
    rows: { keys: { account: string | null }; amount: string; currency: string }[];
  };
  return {
    run,
    accounts: report.rows.map(({ keys, amount, currency }) => ({ account: keys.account ?? "", amount, currency })),
    invoices: (lines: readonly { account: string; amount: string; currency: string }[]) =>
      writeFile(
        path.join(folder, "invoices.csv"),
        ["period,account,currency,amount", ...lines.map((l) => `2024-09,${l.account},${l.currency},${l.amount}`)].join(
          "\n",
        ),
      ),
    reconcile: async () => {
      const result = await run("reconcile", "--period", "2024-09", "--format", "json");
      return { code: result.code, document: JSON.parse(result.stdout) as Document };
    },
  };
}

async function configured(yaml: string): Promise<string> {
  const folder = await folders.make();
  await writeFile(path.join(folder, "genops.yaml"), yaml);
  return folder;
}

describe("genops reconcile", () => {
  it("shows 0 per account where ledger and invoices agree, a finding where they do not, and closes it when they do again", async () => {
    const world = await createWorld();
    await world.invoices(world.accounts);
    const agreed = await world.reconcile();
    expect(agreed.code).toBe(0);
    const residuals = agreed.document.reconciliations.flatMap((each) => each.residuals);
    expect(residuals.length).toBe(world.accounts.length);
    expect(residuals.every(({ residual, reasons }) => residual === "0" && reasons.length === 0)).toBe(true);

    const [first, ...rest] = world.accounts;
    await world.invoices([{ account: "", currency: "USD", ...first, amount: "1000000" }, ...rest]);
    const differs = await world.reconcile();
    expect(differs.code).toBe(1);
    expect(differs.document.reconciliations[0]?.residuals[0]).toMatchObject({
      account: first?.account,
      independent: "1000000",
      reasons: [{ reason: "unexplained" }],
      withinBound: false,
    });
    const open = async () => {
      const { stdout } = await world.run("findings", "--format", "json");
      const { findings } = JSON.parse(stdout) as { findings: { kind: string; state: string }[] };
      return findings.filter(({ kind }) => kind === "reconciliation").map(({ state }) => state);
    };
    expect(await open()).toEqual(["open"]);
    await world.invoices(world.accounts);
    expect((await world.reconcile()).code).toBe(0);
    expect((await open()).filter((state) => state !== "resolved")).toEqual([]);
  }, 60_000);

  it("says what is missing, and where", async () => {
    const world = await createWorld();
    const missing = await world.reconcile();
    expect(missing.code).toBe(3);
    expect(missing.document.reconciliations[0]?.problem).toMatch(/cannot read the invoice totals.*file invoices.csv/s);
    const csv = await world.run("reconcile", "--period", "2024-09", "--format", "csv");
    expect(csv.stdout).toMatch(/^source,period,origin,problem\r\naws,2024-09,,.*cannot read the invoice totals/);
    const wrong = await world.run("reconcile", "--period", "September");
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("billing periods look like 2024-09")]);
    const unknown = await world.run("reconcile", "--period", "2024-09", "--source", "gcp");
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      'genops: nothing is configured to compare source "gcp" with (field reconcile.against)\n',
    ]);
    const nothing = await genops(await configured("lake: file:./lake\n"), ["reconcile", "--period", "2024-09"]);
    expect([nothing.code, nothing.stderr]).toEqual([
      2,
      "genops: nothing is configured to compare the ledger with (field reconcile.against)\n",
    ]);
  }, 60_000);
});
