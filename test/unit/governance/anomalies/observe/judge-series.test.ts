import { describe, expect, it } from "vitest";
import { judgeSeries } from "../../../../../shared/governance/anomalies/observe/judge-series.ts";
import type { JudgeInput } from "../../../../../shared/governance/anomalies/observe/watch-series.ts";
import type { LeafTable } from "../../../../../shared/governance/anomalies/series/types.ts";
import type { KnownSeries, Sensitivity } from "../../../../../shared/governance/anomalies/types.ts";
import { simpleWatch } from "./simple-watch.ts";

const sensitivity: Sensitivity = { falseAlertsPer90Days: 1, floor: 10, planned: [], newLevels: [], caution: 1 };

/** Two services of 100 and 200 a day from 2026-01-01; `cost` says what the first is times that. */
function table(days: number, cost: (day: number) => number): LeafTable {
  const leaf = (service: string, of: (day: number) => number) => ({
    provider: "aws",
    currency: "USD",
    values: ["aws", service],
    costs: Float64Array.from({ length: days }, (_none, day) => of(day)),
  });
  const leaves = [leaf("EC2", (day) => 100 * cost(day)), leaf("S3", () => 200)];
  return { by: ["provider", "service"], start: "2026-01-01", days, leaves };
}

function judge(known: LeafTable, more: Partial<JudgeInput> = {}) {
  const fixed = { completenessOf: () => [], createWatch: simpleWatch, sensitivityOf: () => sensitivity };
  return judgeSeries({ table: known, ...fixed, ...more });
}

const names = ({ causes }: ReturnType<typeof judge>) => causes.map(({ cause, state }) => [cause.series, state]);
const EC2 = '["USD",{"provider":"aws","service":"EC2"}]';
const step = (day: number) => (day >= 40 ? 3 : 1);

describe("judgeSeries", () => {
  it("judges every day since the last evaluation as of its own evening", () => {
    const looks: number[] = [];
    const createWatch: JudgeInput["createWatch"] = (...args) => {
      const watch = simpleWatch(...args);
      return {
        ...watch,
        look(known: KnownSeries, from: number) {
          looks.push(known.costs.length);
          return watch.look(known, from);
        },
      };
    };
    const memory = { through: "2026-02-12", series: {}, told: [] };
    const report = judge(table(46, step), { createWatch, memory });
    expect([...new Set(looks)]).toEqual([44, 45, 46]);
    expect(names(report)).toEqual([[EC2, "stands"]]);
    expect(report.memory.through).toBe("2026-02-15");
    expect(report.causes[0]?.cause.alert.alertedAt).toBe(Date.parse("2026-02-14"));
  });

  it("looks at two weeks of a lake that it has never seen, and at the last day when no day is new", () => {
    expect(names(judge(table(50, step)))).toEqual([[EC2, "stands"]]);
    expect(names(judge(table(60, (day) => (day === 40 ? 9 : 1))))).toEqual([]);
    const { memory } = judge(table(46, () => 1));
    expect(
      names(
        judge(
          table(46, (day) => (day === 45 ? 3 : 1)),
          { memory },
        ),
      ),
    ).toEqual([[EC2, "stands"]]);
  });

  it("gives the same memory when asked again", () => {
    const { memory } = judge(table(46, step));
    expect(judge(table(46, step), { memory }).memory).toEqual(memory);
  });

  it("does not believe a drop on a day that may be half delivered, and judges it when it is not", () => {
    const low = (day: number) => (day === 45 ? 0.3 : 1);
    const dropsBelievedBefore = () => Date.parse("2026-02-14");
    const first = judge(table(46, low), { dropsBelievedBefore });
    expect([first.causes, first.memory.series]).toEqual([[], {}]);
    const later = judge(table(46, low), { memory: first.memory });
    expect(names(later)).toEqual([[EC2, "stands"]]);
    expect(later.causes[0]?.now.direction).toBe("down");
    expect(
      names(
        judge(
          table(46, (day) => (day === 45 ? 3 : 1)),
          { dropsBelievedBefore },
        ),
      ),
    ).toEqual([[EC2, "stands"]]);
  });

  it("leaves alone what an evaluation of a later day has told", () => {
    const { memory } = judge(table(46, step));
    const before = judge(table(38, step), { memory });
    expect(names(before)).toEqual([[EC2, "ahead"]]);
    expect(before.memory.through).toBe(memory.through);
  });

  it("keeps what it knows of a series that is not there for a while", () => {
    const { memory } = judge(table(46, step));
    const gone = judge({ ...table(47, step), leaves: table(47, step).leaves.slice(1) }, { memory });
    expect(gone.causes).toMatchObject([{ state: "over", cause: { series: EC2 } }]);
    expect(gone.causes[0]?.node).toBeUndefined();
    expect(gone.memory.series[EC2]).toEqual(memory.series[EC2]);
    const back = judge(table(48, step), { memory: gone.memory });
    expect(names(back)).toEqual([[EC2, "stands"]]);
  });

  it("forgets what is long past", () => {
    const { memory } = judge(table(46, step));
    const fourMonths = { ...table(46, () => 1), start: "2026-06-20" };
    expect(judge(fourMonths, { memory }).memory).toMatchObject({ told: [], series: {} });
  });
});
