import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { formatDecimal, formatFixed, fromInteger, parseDecimal, sum } from "../../../../shared/core/decimal.ts";
import { priceOf } from "../../../../shared/prices/own-cost/list-prices.ts";
import { estimateMonth, type MonthlyUse } from "../../../support/estimate-month.ts";

const PAGE = readFileSync(new URL("../../../../docs/cost-of-running.md", import.meta.url), "utf8");
const GIB = 1024 ** 3;

/** The table of docs/cost-of-running.md: `| aws | invocations | 20,000 | $0.0040 |`. */
function tableOfPage(): { cloud: string; measure: string; count: number; amount: string }[] {
  const rows = PAGE.matchAll(/^\| (aws|azure|gcp) \| (\w+) \| ([\d,]+)( GiB| million MiB·ms)? \| \$([\d.]+) \|/gm);
  return [...rows].map(([, cloud = "", measure = "", count = "", unit = "", amount = ""]) => ({
    cloud,
    measure,
    count: Number(count.replaceAll(",", "")) * (unit === " GiB" ? GIB : unit === "" ? 1 : 1_000_000),
    amount,
  }));
}

describe("the price of one's own use", () => {
  it("is exact at list price", () => {
    expect(formatDecimal(priceOf("aws", "invocations", 1_000_000)?.amount ?? fromInteger(-1))).toBe("0.2");
    expect(formatDecimal(priceOf("aws", "costExplorerPages", 7)?.amount ?? fromInteger(-1))).toBe("0.07");
    expect(formatDecimal(priceOf("azure", "storedBytes", 10 * GIB)?.amount ?? fromInteger(-1))).toBe("0.184");
    expect(priceOf("local", "reads", 5)).toBeUndefined();
    expect(priceOf("azure", "costExplorerPages", 5)).toBeUndefined();
  });
});

describe("docs/cost-of-running.md", () => {
  const rows = tableOfPage();
  const use: MonthlyUse[] = (["aws", "azure", "gcp"] as const).map((cloud) => ({
    cloud,
    counts: Object.fromEntries(rows.filter((row) => row.cloud === cloud).map(({ measure, count }) => [measure, count])),
  }));

  it("computes every line as the model does", () => {
    expect(rows.length).toBeGreaterThan(15);
    const { lines } = estimateMonth(use);
    expect(lines.map(({ cloud, measure, amount }) => [cloud, measure, formatFixed(amount, 4)])).toEqual(
      rows.map(({ cloud, measure, amount }) => [cloud, measure, amount]),
    );
  });

  it("comes to the total it claims, which is below 25 dollars", () => {
    const { lines, total } = estimateMonth(use);
    expect(sum(lines.map(({ amount }) => amount))).toBe(total);
    expect(PAGE).toContain(`**$${formatFixed(total, 2)}**`);
    expect(total < parseDecimal("25")).toBe(true);
  });
});
