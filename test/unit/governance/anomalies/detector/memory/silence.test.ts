import { describe, expect, it } from "vitest";
import { newsOf, remember } from "../../../../../../shared/governance/anomalies/detector/memory/news.ts";
import {
  isRepeat,
  repeatScore,
  type SilenceRules,
} from "../../../../../../shared/governance/anomalies/detector/memory/silence.ts";
import type { Alert, RememberedAlert } from "../../../../../../shared/governance/anomalies/types.ts";

const RULES: SilenceRules = { silence: 7, sameCause: 30, wayBack: 45, growth: 2 };

/** Periods of length 1; an alert at 100, given when 101 ended the newest period. */
function alert(actual: number, more: Partial<Alert> = {}): Alert {
  const direction = actual > 100 ? "up" : "down";
  return {
    at: 100,
    since: 100,
    score: 5,
    actual,
    expected: 100,
    lower: 90,
    upper: 110,
    direction,
    channel: "point",
    impact: 50,
    ...more,
  };
}
const told = (actual: number, more: Partial<Alert> = {}): RememberedAlert => ({
  ...alert(actual, more),
  alertedAt: 101,
});
const repeats = (due: Alert, now: number, ...memory: RememberedAlert[]) => isRepeat(memory, due, now, 1, RULES);

describe("whether people know already", () => {
  it("is no without a memory", () => {
    expect(repeats(alert(150), 101)).toBe(false);
  });

  it("is yes for a week, and longer for what began within it", () => {
    expect(repeats(alert(150, { at: 104, since: 104 }), 105, told(150))).toBe(true);
    expect(repeats(alert(150, { at: 115, since: 106 }), 116, told(150))).toBe(true);
    expect(repeats(alert(150, { at: 115, since: 112 }), 116, told(150))).toBe(false);
    expect(repeats(alert(150, { at: 140, since: 106 }), 141, told(150))).toBe(false);
  });

  it("is no when it is much further off, or plainly another cause", () => {
    expect(repeats(alert(230, { at: 103 }), 104, told(150))).toBe(false);
    const clear = { at: 104, since: 103, score: 12 };
    expect(repeats(alert(170, clear), 105, told(150))).toBe(false);
    expect(repeats(alert(170, { ...clear, score: 7 }), 105, told(150))).toBe(true);
    expect(repeats(alert(155, clear), 105, told(150))).toBe(true);
    expect(repeats(alert(170, { ...clear, since: 100 }), 105, told(150))).toBe(true);
  });

  it("is yes for the way back, no for what goes beyond it", () => {
    expect(repeats(alert(68, { at: 104, since: 104 }), 105, told(150))).toBe(true);
    expect(repeats(alert(30, { at: 104, since: 104 }), 105, told(150))).toBe(false);
    expect(repeats(alert(66, { at: 130, since: 130 }), 131, told(150))).toBe(true);
    expect(repeats(alert(30, { at: 130, since: 130 }), 131, told(150))).toBe(false);
    expect(repeats(alert(66, { at: 150, since: 150 }), 151, told(150))).toBe(false);
  });

  it("copes with credits and expectations of nothing", () => {
    expect(repeats(alert(-40, { at: 103 }), 104, told(-500))).toBe(true);
    expect(repeats(alert(10, { expected: 0 }), 104, told(150))).toBe(false);
  });

  it("leaves a repeat a small score", () => {
    expect(repeatScore(5)).toBe(0.5);
    expect(repeatScore(-5)).toBe(0);
  });
});

describe("the news of a look", () => {
  const rules = { threshold: 4, floor: 20, silence: RULES };

  it("is the most telling that people do not know and that is worth the floor", () => {
    const small = alert(150, { impact: 10 });
    const down = alert(20, { score: 4.5 });
    expect(newsOf([small, down], [], 101, 1, rules)).toEqual({ told: down, repeats: [] });
    expect(newsOf([alert(150), down], [told(150)], 102, 1, rules)).toEqual({ told: down, repeats: [alert(150)] });
  });

  it("is nothing below the threshold", () => {
    expect(newsOf([alert(150, { score: 3.9 })], [], 101, 1, rules)).toEqual({ told: undefined, repeats: [] });
  });

  it("is remembered, and forgotten when it is old", () => {
    const memory = remember([told(150)], alert(150, { at: 120 }), 121, 1, RULES);
    expect(memory.map((one) => one.alertedAt)).toEqual([101, 121]);
    expect(remember(memory, alert(150, { at: 200 }), 201, 1, RULES).map((one) => one.alertedAt)).toEqual([121, 201]);
  });
});
