import { describe, expect, it } from "vitest";
import { createFineWatch } from "../../../../../../shared/governance/anomalies/detector/fine/fine-watch.ts";
import type { Sensitivity } from "../../../../../../shared/governance/anomalies/types.ts";
import { busyDays, HOUR, known, START, sensitivity } from "./support.ts";

const ROWS = 45 * 24;
const AT = 30 * 24;

/** A watch that has told of `factor` times the usual cost from hour `AT` on, for so many hours, and what stands after so many more. */
function standingAfter(lasts: number, later: number, restated = false): string[] {
  const costs = busyDays(ROWS, HOUR).map((cost, i) => (i >= AT && i < AT + lasts ? cost * 4 : cost));
  const watch = createFineWatch(sensitivity());
  for (let end = AT; end <= AT + 4; end++) watch.look(known(costs.subarray(0, end), HOUR), end - 1);
  const end = AT + later;
  const now = restated ? busyDays(ROWS, HOUR) : costs;
  watch.look(known(now.subarray(0, end), HOUR), AT - 2);
  return watch.standing(known(now.subarray(0, end), HOUR)).map(({ state }) => state);
}

describe("standing", () => {
  it("is asked of no alert where none was given", () => {
    const watch = createFineWatch(sensitivity());
    expect(watch.standing(known(busyDays(100, HOUR), HOUR))).toEqual([]);
  });

  it("stands on the day itself, and while it lasts", () => {
    expect(standingAfter(3, 8)[0]).toBe("stands");
    expect(standingAfter(200, 60)[0]).toBe("stands");
  });

  it("is over when the cost came back", () => {
    expect(standingAfter(3, 72)[0]).toBe("over");
  });

  it("is the new level when it has lasted for days", () => {
    expect(standingAfter(400, 120)[0]).toBe("new-level");
  });

  it("vanishes when a restatement takes it back, and says what is known now", () => {
    expect(standingAfter(3, 8, true)[0]).toBe("vanished");
    const costs = busyDays(ROWS, HOUR).map((cost, i) => (i === AT ? cost * 4 : cost));
    const watch = createFineWatch(sensitivity());
    watch.look(known(costs.subarray(0, AT + 1), HOUR), AT);
    const usual = busyDays(ROWS, HOUR).subarray(0, AT + 2);
    watch.look(known(usual, HOUR), AT);
    const [standing] = watch.standing(known(usual, HOUR));
    expect(standing).toMatchObject({ state: "vanished", now: { actual: usual[AT], impact: 0 } });
  });

  it("heeds what people said since", () => {
    const costs = busyDays(ROWS, HOUR).map((cost, i) => (i === AT ? cost * 4 : cost));
    const watch = createFineWatch(sensitivity());
    watch.look(known(costs.subarray(0, AT + 1), HOUR), AT);
    const at = START + AT * HOUR;
    const stateWith = (more: Partial<Sensitivity>) =>
      createFineWatch(sensitivity(more), watch.memory()).standing(known(costs.subarray(0, AT + 2), HOUR))[0]?.state;
    expect(stateWith({})).toBe("stands");
    expect(stateWith({ newLevels: [at] })).toBe("new-level");
    expect(stateWith({ planned: [{ from: at, to: at + HOUR }] })).toBe("over");
  });

  it("lasts while the series stands still", () => {
    const costs = busyDays(ROWS, HOUR).map((cost, i) => (i >= AT ? 100.5 : cost));
    const watch = createFineWatch(sensitivity());
    watch.look(known(costs.subarray(0, AT + 48), HOUR), AT);
    expect(watch.memory().alerts.length).toBeGreaterThan(0);
    const standing = (rows: number) => watch.standing(known(costs.subarray(0, AT + rows), HOUR)).at(0)?.state;
    expect(standing(72)).toBe("stands");
    expect(standing(140)).toBe("new-level");
  });

  it("is judged by its last figures when its rows are no longer kept", () => {
    expect(standingAfter(3, ROWS - AT)[0]).toBe("over");
  });
});
