import { writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFolders } from "../../../support/collect-deps.ts";
import { genops } from "./cli-support.ts";

const BILL = fileURLToPath(new URL("../../../fixtures/billing/focus_sample_1.0_half.csv", import.meta.url));
const CONFIG = `
lake: file:./lake
sources:
  - { id: focus, type: focus-export, location: "${BILL}" }
`;
const BUDGETS = "budgets: { global: { monthly_limit: 5000, currency: USD } }\n";
const NOW = ["--now", "2024-09-20T12:00:00Z"];

interface Forecast {
  name: string;
  actual: string;
  forecast: { amount: string; low: string; high: string };
}

describe("genops forecast", () => {
  const folders = createFolders();
  afterAll(() => folders.clean());
  let home: string;
  beforeAll(async () => {
    home = await folders.make();
    await writeFile(path.join(home, "genops.yaml"), CONFIG);
    await writeFile(path.join(home, "budgets.yaml"), CONFIG + BUDGETS);
    const collected = await genops(home, ["collect", "--format", "json"]);
    expect(collected.code).toBe(0);
  });

  it("forecasts the month by provider where there are no budgets", async () => {
    const result = await genops(home, ["forecast", "--format", "json", ...NOW]);
    expect(result.code).toBe(0);
    const document = result.json() as { by: string; forecasts: Forecast[]; total: Forecast };
    expect(document.by).toBe("provider");
    expect(document.forecasts.length).toBeGreaterThan(0);
    for (const { actual, forecast } of [document.total, ...document.forecasts]) {
      expect(Number(forecast.low)).toBeLessThanOrEqual(Number(forecast.amount));
      expect(Number(forecast.amount)).toBeLessThanOrEqual(Number(forecast.high));
      expect(Number.isFinite(Number(actual))).toBe(true);
    }
  });

  it("prints a table with the total last, and CSV", async () => {
    const table = await genops(home, ["forecast", "--by", "service", ...NOW]);
    expect([table.code, table.stdout]).toEqual([0, expect.stringMatching(/total .*\n.*four of five months/)]);
    const csv = await genops(home, ["forecast", "--by", "service", "--format", "csv", ...NOW]);
    expect(csv.stdout).toMatch(/^name,scope\.service,.*forecast\.amount,forecast\.low,forecast\.high/);
  });

  it("forecasts budgets where there are some, and the month when asked", async () => {
    const config = ["--config", "budgets.yaml"];
    const budgets = await genops(home, ["forecast", "--format", "json", ...config, ...NOW]);
    expect(budgets.json()).toMatchObject({ forecasts: [{ name: "global", limit: "5000" }] });
    const month = await genops(home, ["forecast", "--by", "provider", "--format", "json", ...config, ...NOW]);
    expect(month.json()).toMatchObject({ by: "provider" });
  });

  it("refuses an unknown dimension", async () => {
    const result = await genops(home, ["forecast", "--by", "weather", ...NOW]);
    expect([result.code, result.stderr]).toEqual([2, expect.stringContaining("--by weather")]);
  });
});
