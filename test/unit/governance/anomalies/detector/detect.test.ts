import { describe, expect, it } from "vitest";
import { createWatch } from "../../../../../shared/governance/anomalies/detector/detect.ts";
import { DAY_MS, type RememberedAlert } from "../../../../../shared/governance/anomalies/types.ts";
import { known, ordinary, START, USUAL } from "./daily/support.ts";

const TOLD: RememberedAlert = {
  at: START + 90 * DAY_MS,
  since: START + 90 * DAY_MS,
  score: 9,
  actual: 200,
  expected: 100,
  lower: 90,
  upper: 110,
  direction: "up",
  channel: "point",
  impact: 100,
  alertedAt: START + 91 * DAY_MS,
};

describe("the watch of a series", () => {
  it("remembers before it has looked", () => {
    expect(createWatch(USUAL).memory()).toEqual({ alerts: [] });
    expect(createWatch(USUAL, { alerts: [TOLD] }).memory()).toEqual({ alerts: [TOLD] });
  });

  it("is chosen by the step, and keeps what it remembers when the step turns out to be another", () => {
    const watch = createWatch(USUAL, { alerts: [TOLD] });
    const hours = known(ordinary(40), { step: DAY_MS / 24, start: START + 91 * DAY_MS });
    expect(watch.look(hours, 39).map((line) => line.at)).toEqual([hours.start + 39 * hours.step]);
    const days = known(ordinary(92));
    expect(watch.look(days, 91)).toHaveLength(1);
    expect(watch.memory().alerts).toEqual([TOLD]);
    expect(watch.standing(days)).toHaveLength(1);
  });

  it("tells a day's repeat from news by what was remembered", () => {
    const costs = ordinary(93).map((cost, day) => (day >= 90 ? cost * 2 : cost));
    const told = (memory?: { alerts: RememberedAlert[] }) =>
      createWatch(USUAL, memory)
        .look(known(costs), 92)
        .filter((line) => line.alert);
    expect(told()).toHaveLength(1);
    expect(told({ alerts: [TOLD] })).toEqual([]);
  });
});
