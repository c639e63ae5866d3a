import { describe, expect, it } from "vitest";
import { recordsCsv } from "../../../../functions/local/answer.ts";

describe("recordsCsv", () => {
  it("makes a column of every field, nested ones with a dot, lists as JSON", () => {
    const records = [
      { name: "global", period: { start: "2024-09-01" }, forecast: null, alerts: [{ threshold: "80" }] },
      { name: "aws", period: { start: "2024-09-01" }, forecast: { low: "1.5" }, alerts: [] },
    ];
    expect(recordsCsv(records)).toBe(
      [
        "name,period.start,forecast,alerts,forecast.low",
        'global,2024-09-01,,"[{""threshold"":""80""}]",',
        "aws,2024-09-01,,[],1.5",
        "",
      ].join("\r\n"),
    );
  });

  it("disarms formulas and is empty without records", () => {
    expect(recordsCsv([{ title: "=cmd()" }])).toBe("title\r\n'=cmd()\r\n");
    expect(recordsCsv([])).toBe("");
  });
});
