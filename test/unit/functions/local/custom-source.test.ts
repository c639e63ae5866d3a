import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createFolders } from "../../../support/collect-deps.ts";
import { genops } from "./cli-support.ts";

const folders = createFolders();
afterAll(() => folders.clean());

const CONFIG = `
lake: file:./lake
sources: [{ id: acme, type: custom, location: bill.csv, sql: acme.sql, currency: USD, billingAccountId: a }]
`;
const SELECT = `SELECT money("Amount") AS BilledCost, instant("Day") AS ChargePeriodStart, instant("Day") + INTERVAL 1 DAY AS ChargePeriodEnd,
  'Usage' AS ChargeCategory, 'Queue' AS ServiceName, 'Acme' AS ServiceProviderName FROM bill`;

interface Collected {
  runs: { status: string; billedCost: { amount: string }[] }[];
}

async function setUp(): Promise<{ folder: string; collect: (cwd?: string) => Promise<string[]> }> {
  const folder = await folders.make();
  await writeFile(path.join(folder, "genops.yaml"), CONFIG);
  await writeFile(path.join(folder, "bill.csv"), "Day,Amount\n2024-09-01,1.25\n");
  await writeFile(path.join(folder, "acme.sql"), SELECT);
  const collect = async (cwd = folder) => {
    const config = path.join(folder, "genops.yaml");
    const { runs } = (await genops(cwd, ["collect", "--config", config, "--format", "json"])).json() as Collected;
    return runs.map(({ status, billedCost }) => `${status} ${billedCost.map(({ amount }) => amount).join()}`);
  };
  return { folder, collect };
}

describe("the SELECT of a custom source in a file", () => {
  it("is found beside the configuration, wherever the command runs", async () => {
    const { folder, collect } = await setUp();
    const elsewhere = path.join(folder, "elsewhere");
    await mkdir(elsewhere);

    expect(await collect(elsewhere)).toEqual(["replaced 1.25"]);
  });

  it("makes a new version when it was edited, and none when it was not", async () => {
    const { folder, collect } = await setUp();
    await collect();
    expect(await collect()).toEqual(["unchanged 1.25"]);

    await writeFile(path.join(folder, "acme.sql"), SELECT.replace('money("Amount")', 'money("Amount") * 2'));
    expect(await collect()).toEqual(["replaced 2.5"]);
  });

  it("is a configuration error when the file is missing", async () => {
    const folder = await folders.make();
    await writeFile(path.join(folder, "genops.yaml"), CONFIG);
    const { code, stderr } = await genops(folder, ["collect"]);

    expect(code).toBe(2);
    expect(stderr).toContain("cannot read the SELECT");
    expect(stderr).toContain("acme.sql");
  });
});
