import { describe, expect, it } from "vitest";
import { createLagLearner } from "../../../../shared/ledger/completeness/lag-learner.ts";

/** Looks at a series whose day shows these shares of its final cost at ages 0, 1, …; afterwards all of it. */
function lookAt(learner: ReturnType<typeof createLagLearner>, looks: number, shares: (day: number) => number[]): void {
  for (let newest = 0; newest < looks; newest += 1) {
    for (let age = 0; age <= Math.min(newest, 6); age += 1) {
      const day = newest - age;
      learner.see(newest, day, (100 + (day % 7)) * (shares(day)[age] ?? 1));
    }
  }
}

describe("lag learner", () => {
  it("answers the prior before anything is final", () => {
    const learner = createLagLearner({ ages: 3, prior: (age) => ({ share: 0.5 + age / 10, spread: 0.2 }) });
    expect(learner.completeness()).toEqual([
      { share: 0.5, spread: 0.2 },
      { share: 0.6, spread: 0.2 },
      { share: 0.7, spread: 0.2 },
    ]);
    learner.see(0, 0, 10);
    expect(learner.completeness()[0]).toEqual({ share: 0.5, spread: 0.2 });
  });

  it("learns a constant lag exactly and a varying one with its spread", () => {
    const constant = createLagLearner();
    lookAt(constant, 60, () => [0.8, 0.95]);
    expect(constant.completeness()[0]?.share).toBeCloseTo(0.8, 10);
    expect(constant.completeness()[1]?.share).toBeCloseTo(0.95, 10);
    expect(constant.completeness()[0]?.spread).toBeCloseTo(0, 10);
    expect(constant.completeness()[2]).toEqual({ share: 1, spread: 0 });

    const varying = createLagLearner();
    lookAt(varying, 60, (day) => [0.8 + 0.05 * ((day % 5) - 2), 1]);
    expect(varying.completeness()[0]?.share).toBeCloseTo(0.8, 2);
    expect(varying.completeness()[0]?.spread).toBeGreaterThan(0.06);
    expect(varying.completeness()[0]?.spread).toBeLessThan(0.15);
  });

  it("learns the same when only changes are told", () => {
    const full = createLagLearner();
    lookAt(full, 60, (day) => [0.7 + (day % 3) / 100, 0.9, 0.9]);
    const changes = createLagLearner();
    for (let newest = 0; newest < 60; newest += 1) {
      for (const [age, share] of [0.7, 0.9, undefined, 1].entries()) {
        const day = newest - age;
        if (share === undefined || day < 0) continue;
        const shown = age === 0 ? 0.7 + (day % 3) / 100 : share;
        changes.see(newest, day, (100 + (day % 7)) * shown);
      }
    }
    expect(changes.completeness()).toEqual(full.completeness());
  });

  it("forgets what is old", () => {
    const learner = createLagLearner();
    lookAt(learner, 120, (day) => [day < 50 ? 0.5 : 0.9, 1]);
    expect(learner.completeness()[0]?.share).toBeCloseTo(0.9, 10);
  });

  it("learns nothing from a backfill, a refund, a change of sign or a trifle", () => {
    const prior = () => ({ share: 0.75, spread: 0.1 });
    const backfill = createLagLearner({ prior });
    for (let day = 0; day < 120; day += 1) backfill.see(119, day, 100);
    for (let newest = 120; newest < 125; newest += 1) backfill.see(newest, newest, 70);
    // Of 120 days the newest five were young enough to teach; none of them at age 0 but one.
    expect(backfill.completeness()[0]?.share).toBeGreaterThan(0.75);
    expect(backfill.completeness()[0]?.share).toBeLessThan(0.8);

    const odd = createLagLearner({ prior });
    const days = [
      [-5, 100],
      [50, -100],
      [50, 0],
      [0.001, 0.002],
      [80, 100],
    ];
    for (let newest = 0; newest < 60; newest += 1) {
      const [first = 0] = days[newest % 5] ?? [];
      odd.see(newest, newest, first);
      const [, final = 0] = days[(newest + 3) % 5] ?? [];
      if (newest >= 2) odd.see(newest, newest - 2, final);
    }
    // Of five days one says something: eight of forty.
    const learnt = Math.exp((8 / 12) * Math.log(0.8) + (4 / 12) * Math.log(0.75));
    expect(odd.completeness()[0]?.share).toBeCloseTo(learnt, 9);
  });

  it("takes the latest restatement as final", () => {
    const learner = createLagLearner();
    lookAt(learner, 60, () => [1, 1]);
    for (let day = 0; day < 50; day += 1) learner.see(59, day, (100 + (day % 7)) * 2);
    expect(learner.completeness()[0]?.share).toBeCloseTo(0.5, 10);
  });

  it("survives a jump over missing periods", () => {
    const learner = createLagLearner();
    lookAt(learner, 60, () => [0.8, 1]);
    learner.see(5000, 5000, 80);
    expect(learner.completeness()[0]).toEqual({ share: 1, spread: 0 });
    learner.see(5000, 1, 80);
    expect(learner.completeness()[0]).toEqual({ share: 1, spread: 0 });
  });
});
