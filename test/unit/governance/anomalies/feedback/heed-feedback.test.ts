import { describe, expect, it } from "vitest";
import { fromInteger } from "../../../../../shared/core/decimal.ts";
import type { Observation } from "../../../../../shared/core/finding.ts";
import { answerTo, heedFeedback } from "../../../../../shared/governance/anomalies/feedback/heed-feedback.ts";
import type { Feedback } from "../../../../../shared/governance/anomalies/feedback/types.ts";
import { observation } from "../../support.ts";
import { anomaly, said } from "./support.ts";

const now = new Date("2024-09-20T09:00:00Z");
const planned = said({ kind: "planned", planned: { start: "2024-09-18", end: "2024-09-21" } });
const expected = said({ kind: "expected", since: "2024-09-18" });
const on = (start: string, fields: Partial<Observation> = {}) => anomaly({ period: { start, end: start }, ...fields });
const isTold = (seen: Observation, feedback: Feedback) => heedFeedback([seen], [feedback], now).length === 1;

describe("heedFeedback", () => {
  it("holds back planned days of the series and of those below it", () => {
    expect(["2024-09-17", "2024-09-18", "2024-09-20", "2024-09-21"].map((day) => isTold(on(day), planned))).toEqual([
      true,
      false,
      false,
      true,
    ]);
    const below = { provider: ["aws"], service: ["Compute"], account: ["111"] };
    expect(isTold(on("2024-09-19", { scope: below }), planned)).toBe(false);
    expect(isTold(on("2024-09-19", { scope: { provider: ["gcp"], service: ["Compute"] } }), planned)).toBe(true);
    expect(isTold(on("2024-09-19", { currency: "EUR" }), planned)).toBe(true);
  });

  it("holds back an expected level for a week", () => {
    expect(["2024-09-17", "2024-09-18", "2024-09-24", "2024-09-25"].map((day) => isTold(on(day), expected))).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it("tells what begins below an expected level after that was said: nobody meant it", () => {
    const below = { provider: ["aws"], service: ["Compute"], account: ["111"] };
    const isBelowTold = (day: string) => isTold(on(day, { scope: below }), expected);
    expect(["2024-09-18", "2024-09-20", "2024-09-21"].map(isBelowTold)).toEqual([false, false, true]);
  });

  it("tells a series above only when less than half of its excess was spoken for", () => {
    const above = (inside: number) =>
      on("2024-09-19", {
        scope: { provider: ["aws"] },
        amount: fromInteger(100),
        evidence: {
          ...anomaly().evidence,
          contributors: [
            { keys: { service: "Compute", account: "111" }, amount: fromInteger(inside) },
            { keys: { service: "Storage" }, amount: fromInteger(100 - inside) },
          ],
        },
      });
    expect(isTold(above(49), planned)).toBe(true);
    expect(isTold(above(50), planned)).toBe(false);
    expect(isTold(above(50), said())).toBe(true);
  });

  it("tells a series without excess or contributors", () => {
    expect(isTold(on("2024-09-19", { scope: {}, amount: fromInteger(0) }), planned)).toBe(true);
  });

  it("says among the facts what was said about the series", () => {
    const [seen] = heedFeedback([on("2024-10-19")], [said(), expected, planned], now);
    expect(seen?.evidence.facts["feedback"]).toBe(
      "called wrong by ada on 2024-09-20 (caution 1.5); expected by ada: the level since 2024-09-18 is normal; planned by ada, 2024-09-18 to 2024-09-20: nobody is told about these days",
    );
  });

  it("leaves other kinds of findings and what nothing was said about", () => {
    const others = [observation(), on("2024-09-19", { scope: { provider: ["gcp"] } })];
    expect(heedFeedback(others, [planned], now)).toEqual(others);
  });

  it("does not heed what was undone", () => {
    const undone = { by: "bob", at: "2024-09-20T10:00:00.000Z" };
    expect(heedFeedback([on("2024-09-19")], [{ ...planned, undone }], now)).toEqual([on("2024-09-19")]);
    expect(answerTo(on("2024-09-19"), [{ ...planned, undone }])).toBeUndefined();
  });
});

describe("answerTo", () => {
  it("is what was said, in the words of a resolution", () => {
    expect(answerTo(on("2024-09-19"), [said(), planned])).toBe("planned by ada, 2024-09-18 to 2024-09-20");
    expect(answerTo(on("2024-09-29"), [planned])).toBeUndefined();
  });
});
