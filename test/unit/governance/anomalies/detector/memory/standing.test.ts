import { describe, expect, it } from "vitest";
import {
  impactOf,
  standingOf,
  type Told,
} from "../../../../../../shared/governance/anomalies/detector/memory/standing.ts";
import type { RememberedAlert } from "../../../../../../shared/governance/anomalies/types.ts";

const RULES = { learnt: 14, quiet: 2 };
const ALERT: RememberedAlert = {
  at: 10,
  since: 10,
  score: 5,
  actual: 150,
  expected: 100,
  lower: 90,
  upper: 110,
  direction: "up",
  channel: "point",
  impact: 50,
  alertedAt: 11,
};
const from10 = (...actuals: number[]): Told[] =>
  actuals.map((actual, index) => ({ at: 10 + index, actual, expected: 100, lower: 90, upper: 110 }));
const state = (told: readonly Told[], more: Partial<RememberedAlert> = {}) =>
  standingOf({ ...ALERT, ...more }, told, 1, RULES).state;

describe("what became of an alert", () => {
  it("stands while the period is out and nothing else is known", () => {
    expect(standingOf(ALERT, from10(160), 1, RULES)).toEqual({
      alert: ALERT,
      state: "stands",
      now: { ...ALERT, alertedAt: undefined, actual: 160, impact: 60 },
    });
  });

  it("vanished when its period is back in the range, or little is left", () => {
    expect(state(from10(109))).toBe("vanished");
    expect(state(from10(80))).toBe("vanished");
    expect(state(from10(112))).toBe("vanished");
    expect(state(from10(115))).toBe("stands");
  });

  it("does not vanish for a drift whose periods each lie in the range", () => {
    const drift = { channel: "drift", actual: 108 } as const;
    expect(state(from10(108), drift)).toBe("stands");
    expect(state(from10(101), drift)).toBe("vanished");
  });

  it("is over after ordinary periods", () => {
    expect(state(from10(150, 105))).toBe("stands");
    expect(state(from10(150, 105, 95))).toBe("over");
    expect(state(from10(150, 105, 150))).toBe("stands");
    expect(state([])).toBe("over");
  });

  it("is the new level when it lasts", () => {
    expect(state(from10(...Array.from({ length: 14 }, () => 150)))).toBe("stands");
    expect(state(from10(...Array.from({ length: 15 }, () => 150)))).toBe("new-level");
  });

  it("counts a fall the other way round", () => {
    const fall = { direction: "down", actual: 40, expected: 100 } as const;
    expect(state(from10(40), fall)).toBe("stands");
    expect(state(from10(99), fall)).toBe("vanished");
    expect(impactOf(from10(40, 50), fall)).toBe(110);
    expect(impactOf(from10(140), fall)).toBe(0);
  });
});
