import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextWants } from "../../../shared/clusters/enforcement/plan/wants.ts";
import { NO_WANTS, wantsOf } from "../../../shared/clusters/enforcement/plan/wants-state.ts";
import { fromInteger } from "../../../shared/core/decimal.ts";
import { standingAt } from "../../support/budget-standings.ts";
import { enforcementSettings } from "../../support/plan-world.ts";

const START = Date.parse("2026-11-01T00:00:00Z");
const MINUTE = 60_000;

const Settings = fc.record({
  enterAfter: fc.integer({ min: 1, max: 3 }),
  leaveBelow: fc.integer({ min: 0, max: 20 }).map((points) => fromInteger(points)),
  minimumHoldMinutes: fc.constantFrom(0, 60, 120),
  cooldownMinutes: fc.constantFrom(0, 60, 120),
});

/** Whether it is wanted after each look, and when that was. */
function follow(used: readonly number[], minutes: number, settings: Parameters<typeof enforcementSettings>[0]) {
  let state = NO_WANTS;
  return used.map((percent, index) => {
    const now = new Date(START + index * minutes * MINUTE);
    state = nextWants(
      state,
      [standingAt({ used: percent, evaluation: index, now })],
      now,
      enforcementSettings(settings),
    );
    return { at: now.getTime(), isWanted: wantsOf(state, now).length > 0 };
  });
}

function changesOf(looks: ReturnType<typeof follow>) {
  return looks.filter(({ isWanted }, index) => isWanted !== (looks[index - 1]?.isWanted ?? false));
}

describe("wants", () => {
  it("do not flap: what stands still near its threshold changes at most once", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 85, max: 105 }),
        fc.constantFrom(5, 30, 60),
        Settings,
        (used, minutes, settings) => {
          expect(changesOf(follow(Array(60).fill(used), minutes, settings)).length).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it("do not flap: within the points of hysteresis nothing is left", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 91, max: 99 }), { maxLength: 60 }), (used) => {
        expect(changesOf(follow(used, 60, {})).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("last for the minimum hold, and come back no sooner than the cooldown", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 80 }),
        fc.constantFrom(7, 20, 60),
        Settings,
        (used, minutes, settings) => {
          const changes = changesOf(follow(used, minutes, settings));
          const gaps = changes
            .slice(1)
            .map(({ at, isWanted }, index) => ({ isWanted, gap: at - (changes[index]?.at ?? 0) }));
          for (const { isWanted, gap } of gaps) {
            const least = isWanted ? settings.cooldownMinutes : settings.minimumHoldMinutes;
            expect(gap).toBeGreaterThanOrEqual(least * MINUTE);
          }
          expect(changes.length).toBeLessThanOrEqual(used.length);
        },
      ),
    );
  });

  it("end with their period, whatever happened in it", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 30 }), fc.boolean(), (used, isSeenAgain) => {
        let state = NO_WANTS;
        for (const [index, percent] of used.entries()) {
          const now = new Date(START + index * 60 * MINUTE);
          state = nextWants(state, [standingAt({ used: percent, evaluation: index, now })], now, enforcementSettings());
        }
        const end = new Date("2026-12-01T00:00:00Z");
        const next = standingAt({
          used: 1,
          evaluation: 999,
          now: end,
          more: { period: { start: "2026-12-01", end: "2027-01-01" } },
        });
        expect(wantsOf(nextWants(state, isSeenAgain ? [next] : [], end, enforcementSettings()), end)).toEqual([]);
      }),
    );
  });

  it("are entered by usage that stays at or above the threshold, and left by usage that stays well below", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 95, max: 200 }),
        fc.integer({ min: 0, max: 74 }),
        Settings,
        (high, low, settings) => {
          const looks = follow([...Array(8).fill(high), ...Array(8).fill(low)], 60, settings);
          expect(looks[7]?.isWanted).toBe(true);
          expect(looks[15]?.isWanted).toBe(false);
        },
      ),
    );
  });
});
