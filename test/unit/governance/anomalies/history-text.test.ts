import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { historyText, readHistory } from "../../../../shared/governance/anomalies/history-text.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;
const start = Date.parse("2024-09-01");

describe("historyText", () => {
  it("is the first day and costs of four digits, gaps left empty", () => {
    const text = historyText({ start, step: DAY, costs: [12.34567, Number.NaN, 0, -3, 123_456] });
    expect(text).toBe("2024-09-01 12.35,,0,-3,123500");
    expect(readHistory(text)).toEqual({ start, step: DAY, costs: [12.35, Number.NaN, 0, -3, 123_500] });
  });

  it("names the minutes of a period that is not a day", () => {
    const text = historyText({ start: start + HOUR, step: HOUR, costs: [1] });
    expect(text).toBe("2024-09-01T01:00:00.000Z/60 1");
    expect(readHistory(text)).toEqual({ start: start + HOUR, step: HOUR, costs: [1] });
  });

  it("is read back to four digits, whatever it holds", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 }), (costs) => {
        const read = readHistory(historyText({ start, step: DAY, costs }));
        expect(read?.costs).toEqual(costs.map((cost) => Number(cost.toPrecision(4)) + 0));
      }),
    );
  });

  it.each(["", "2024-09-01", "sometime 1,2", "2024-09-01 1,x", "2024-09-01/0 1"])("is not %j", (text) => {
    expect(readHistory(text)).toBeUndefined();
  });
});
