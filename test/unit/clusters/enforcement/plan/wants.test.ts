import { describe, expect, it } from "vitest";
import { nextWants } from "../../../../../shared/clusters/enforcement/plan/wants.ts";
import {
  NO_WANTS,
  type Silence,
  silence,
  type WantsState,
  wantsOf,
} from "../../../../../shared/clusters/enforcement/plan/wants-state.ts";
import { type StandingParts, standingAt } from "../../../../support/budget-standings.ts";
import { enforcementSettings } from "../../../../support/plan-world.ts";

const settings = enforcementSettings();
const START = Date.parse("2026-11-22T00:00:00Z");
const POLICY = "budget/global/2026-11-01/threshold-95-actual-throttle";

type Look = Partial<StandingParts> & { hour: number; used: number };

/** Looks at the budget once an hour, or when said. */
function looked(looks: readonly Look[], from: WantsState = NO_WANTS): WantsState {
  let state = from;
  for (const { hour, ...look } of looks) {
    const now = at(hour);
    state = nextWants(state, [standingAt({ evaluation: hour, now, ...look })], now, settings);
  }
  return state;
}

function at(hour: number): Date {
  return new Date(START + hour * 3_600_000);
}

function policies(state: WantsState, hour: number): string[] {
  return wantsOf(state, at(hour)).map(({ policy }) => policy);
}

const entered = looked([
  { hour: 0, used: 96 },
  { hour: 1, used: 96 },
]);

describe("entering", () => {
  it("takes two evaluations in a row at or above the threshold", () => {
    const once = looked([{ hour: 0, used: 95 }]);
    expect(policies(once, 0)).toEqual([]);
    expect(once.leftOut).toEqual([
      { subject: "budget global", policy: POLICY, reason: "1 of 2 consecutive evaluations have reached the threshold" },
    ]);
    expect(policies(looked([{ hour: 1, used: 95 }], once), 1)).toEqual([POLICY]);
    expect(
      policies(
        looked(
          [
            { hour: 1, used: 94 },
            { hour: 2, used: 96 },
          ],
          once,
        ),
        2,
      ),
    ).toEqual([]);
  });

  it("does not count one evaluation twice", () => {
    const same = looked([
      { hour: 0, used: 96 },
      { hour: 1, used: 96, evaluation: 0 },
    ]);
    expect(policies(same, 1)).toEqual([]);
  });

  it("waits for cost that can be relied on", () => {
    const waiting = standingAt({ used: 96, evaluation: 1, now: at(1) });
    const alerts = waiting.alerts.map((alert) => ({ ...alert, state: "waiting" as const }));
    const state = nextWants(looked([{ hour: 0, used: 96 }]), [{ ...waiting, alerts }], at(1), settings);
    expect(policies(state, 1)).toEqual([]);
    expect(state.leftOut[0]?.reason).toContain("cost that can be relied on has not");
  });

  it("asks for the burn that would last until the period's end", () => {
    const [want] = wantsOf(entered, at(1));
    // 10 an hour, 40 left for 100 hours.
    expect(want).toMatchObject({
      budget: "global",
      action: "throttle",
      rung: "throttle",
      scopes: [{ team: ["ml"] }],
      currency: "USD",
      expiresAt: "2026-12-01T00:00:00.000Z",
    });
    expect(want?.reduceByPerHour).toBe(96n * 10n ** 17n);
    const [idle] = wantsOf(looked([{ hour: 2, used: 96, more: { burnPerHour: 0n as never } }], entered), at(2));
    expect(idle?.reduceByPerHour).toBe(0n);
  });

  it("asks for everything when it blocks", () => {
    const thresholds = [
      [95, "throttle"],
      [100, "block"],
    ] as const;
    const state = looked([
      { hour: 0, used: 101, thresholds },
      { hour: 1, used: 101, thresholds },
    ]);
    expect(wantsOf(state, at(1)).map(({ rung, reduceByPerHour }) => [rung, reduceByPerHour === undefined])).toEqual([
      ["block", true],
      ["throttle", false],
    ]);
  });
});

describe("doubtful numbers", () => {
  it.each([
    [
      { dataAsOf: "2026-11-19T00:00:00Z" },
      "the billing data is 74 hours old, and nothing is done on data older than 36 hours",
    ],
    [{ missingRates: ["BRL"] }, "there is no exchange rate for BRL, so that the budget's usage is not whole"],
  ])("%j neither enter nor leave anything", (more, reason) => {
    const high = looked([
      { hour: 1, used: 96 },
      { hour: 2, used: 96, more },
    ]);
    expect(policies(high, 2)).toEqual([]);
    expect(high.leftOut[0]?.reason).toBe(reason);
    const low = looked([{ hour: 2, used: 10, more }], entered);
    expect(policies(low, 2)).toEqual([POLICY]);
  });

  it("nothing delivered is no number", () => {
    const { dataAsOf: _, ...blind } = standingAt({ used: 96, evaluation: 1, now: at(1) });
    const state = nextWants(NO_WANTS, [blind], at(1), settings);
    expect(state.leftOut[0]?.reason).toBe("no billing data has been delivered");
  });
});

describe("leaving", () => {
  it("takes five points and the minimum hold", () => {
    expect(policies(looked([{ hour: 5, used: 91 }], entered), 5)).toEqual([POLICY]);
    expect(policies(looked([{ hour: 1.5, used: 50 }], entered), 1.5)).toEqual([POLICY]);
    const left = looked([{ hour: 2, used: 90 }], entered);
    expect(policies(left, 2)).toEqual([]);
    expect(left.records[POLICY]).toMatchObject({
      leftAt: at(2).toISOString(),
      leftBecause: "usage fell below the threshold",
    });
  });

  it("is followed by a cooldown", () => {
    const left = looked([{ hour: 2, used: 90 }], entered);
    const again = looked(
      [
        { hour: 2.25, used: 99 },
        { hour: 2.5, used: 99 },
      ],
      left,
    );
    expect(policies(again, 2.5)).toEqual([]);
    expect(again.leftOut[0]?.reason).toBe(
      `it was left at ${at(2).toISOString()} and cools down until ${at(3).toISOString()}`,
    );
    expect(policies(looked([{ hour: 3, used: 99 }], again), 3)).toEqual([POLICY]);
  });

  it("comes at once with a raised budget that usage is below", () => {
    expect(policies(looked([{ hour: 1.1, used: 94, limit: 1100 }], entered), 1.1)).toEqual([]);
    expect(policies(looked([{ hour: 1.1, used: 96, limit: 1100 }], entered), 1.1)).toEqual([POLICY]);
  });

  it("comes with the end of the period, and when the threshold is gone", () => {
    const over = nextWants(entered, [], new Date("2026-12-01T00:00:00Z"), settings);
    expect(over.records).toEqual({});
    expect(wantsOf(entered, new Date("2026-12-01T00:00:00Z"))).toEqual([]);
    expect(policies(looked([{ hour: 2, used: 99, thresholds: [[97, "throttle"]] }], entered), 2)).toEqual([]);
    const old = standingAt({
      used: 99,
      evaluation: 9,
      now: at(2),
      more: { period: { start: "2026-10-01", end: "2026-11-01" } },
    });
    expect(nextWants(NO_WANTS, [old], at(2), settings).records).toEqual({});
  });

  it("does not come because a budget was not seen", () => {
    expect(wantsOf(nextWants(entered, [], at(2), settings), at(2))).toHaveLength(1);
  });

  it("keeps its targets where the alert names none", () => {
    const [want] = wantsOf(looked([{ hour: 2, used: 93 }], entered), at(2));
    expect(want?.scopes).toEqual([{ team: ["ml"] }]);
  });
});

describe("people", () => {
  const until = at(6).toISOString();
  const say = (kind: Silence["kind"], subject: string, state = entered) =>
    silence(state, subject, { kind, until, by: "ana" }, at(2));

  it("snooze: what is held stays, nothing new is planned", () => {
    const snoozed = say("snooze", POLICY);
    expect(wantsOf(snoozed, at(3))).toMatchObject([{ policy: POLICY, quietUntil: until }]);
    expect(wantsOf(snoozed, at(7))[0]?.quietUntil).toBeUndefined();
    const before = say("snooze", "budget/global", NO_WANTS);
    const waiting = looked(
      [
        { hour: 3, used: 99 },
        { hour: 4, used: 99 },
      ],
      before,
    );
    expect(policies(waiting, 4)).toEqual([]);
    expect(waiting.leftOut[0]?.reason).toBe(`it is snoozed until ${until} (ana)`);
    expect(policies(looked([{ hour: 7, used: 99 }], waiting), 7)).toEqual([POLICY]);
  });

  it.each(["exempt", "resolve"] as const)("%s: it ends, and is not wanted before then", (kind) => {
    const quiet = say(kind, "budget/global");
    expect(wantsOf(quiet, at(2))).toEqual([]);
    const later = looked(
      [
        { hour: 4, used: 99 },
        { hour: 5, used: 99 },
      ],
      quiet,
    );
    expect(policies(later, 5)).toEqual([]);
    expect(later.leftOut[0]?.reason).toContain("(ana)");
    expect(
      policies(
        looked(
          [
            { hour: 7, used: 99 },
            { hour: 8, used: 99 },
          ],
          later,
        ),
        8,
      ),
    ).toEqual([POLICY]);
    expect(looked([{ hour: 7, used: 99 }], later).silences).toEqual({});
  });

  it("are heard also where the state knew of it before", () => {
    const told = { ...entered, silences: { [POLICY]: { kind: "exempt" as const, until, by: "ana" } } };
    expect(policies(looked([{ hour: 3, used: 99 }], told), 3)).toEqual([]);
  });
});
