import { describe, expect, it } from "vitest";
import { factText } from "../../../shared/interfaces/fact-text.ts";

describe("factText", () => {
  it("writes amounts as money of the finding", () => {
    expect(factText("actual", "13237.17633722446021214", "USD")).toBe("13,237.18 USD");
  });

  it("leaves shares, ratios, words and what is no number as they are", () => {
    expect(factText("ratio", "1.57", "USD")).toBe("1.57");
    expect(factText("limit", "15000 USD", "USD")).toBe("15000 USD");
    expect(factText("threshold", "80%", "USD")).toBe("80%");
  });
});
