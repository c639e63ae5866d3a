import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ConfigFile } from "../../../shared/config/config-file.ts";
import { SOURCE_TYPES } from "../../../shared/config/sources.ts";
import { formatDecimal, formatFixed, parseDecimal, sum } from "../../../shared/core/decimal.ts";
import { convert, parseRates } from "../../../shared/core/rates.ts";
import { type CubeRow, splitShared } from "../../../shared/ingestion/allocation/split-shared.ts";
import { parse } from "./parse.ts";

const PAGE = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8");

function blocks(language: string): string[] {
  return [...PAGE.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "gs"))].map(([, block = ""]) => block);
}

const SECRETS = {
  "secret:SLACK_TOKEN": "xoxb-1",
  "secret:HOOK": "whsec_eA==",
  "env:SMTP_USER": "u",
  "secret:SMTP_PASSWORD": "p",
};

describe("docs/configuration.md", () => {
  it.each(blocks("yaml"))("has an example that can be read: %s", (example) => {
    expect(parse(example, SECRETS).lake).toMatch(/^(file:|s3:\/\/)/);
  });

  it("names every key of the top level and every type of source", () => {
    const missing = [...Object.keys(ConfigFile.shape), ...SOURCE_TYPES].filter((name) => !PAGE.includes(`\`${name}`));
    expect(missing).toEqual([]);
  });

  it("computes its example of shared costs right", () => {
    const example = blocks("yaml").find((block) => block.includes("shared:")) ?? "";
    const row = (team: string, effective: string, service = "Compute"): CubeRow => ({
      dims: { billing_period: "2024-09", currency: "USD", service, team },
      measures: { effective: parseDecimal(effective) },
    });
    const rows = [
      row("ai-research", "600"),
      row("web", "300"),
      row("platform", "100"),
      row("unallocated", "100", "Support"),
    ];
    const after = splitShared(rows, parse(example).allocation.shared);
    const total = (team: string) =>
      formatFixed(
        sum(
          after
            .filter(({ dims }) => dims["team"] === team)
            .map(({ measures }) => measures["effective"] ?? parseDecimal("0")),
        ),
        2,
      );
    expect(["ai-research", "web", "platform", "unallocated"].map(total)).toEqual(["742.50", "357.50", "0.00", "0.00"]);
  });

  it("computes its example of exchange rates right", () => {
    const table = parseRates(blocks("csv")[0] ?? "", "rates.csv");
    const converted = (currency: string, to: string, day: string) =>
      formatDecimal(convert(table, { amount: parseDecimal("100"), currency }, to, day).amount);
    expect(converted("EUR", "USD", "2024-09-01")).toBe("110.61");
    expect(converted("EUR", "USD", "2024-09-15")).toBe("110.75");
    expect(PAGE).toContain(`${converted("USD", "EUR", "2024-09-02").padEnd(21, "0")} EUR`);
    expect(() => converted("EUR", "USD", "2024-08-31")).toThrow("from EUR to USD for 2024-08-31");
  });

  it("names the budgets of its tree right", () => {
    const example = blocks("yaml").find((block) => block.includes("tree:")) ?? "";
    const budgets = parse(example).budgets;
    expect(budgets.map(({ name }) => name)).toEqual([
      "company",
      "company/platform",
      "company/platform/ai",
      "company/web",
    ]);
    expect(budgets.at(-1)).toMatchObject({
      period: { every: "quarter" },
      scope: { team: ["web"] },
      alerts: [{ action: "notify" }],
    });
  });
});
