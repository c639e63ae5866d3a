import { describe, expect, it } from "vitest";
import { addDays } from "../../../../shared/core/period.ts";
import { describeLags, lagText } from "../../../../shared/ledger/completeness/describe-lags.ts";
import {
  completenessOf,
  completenessOfDays,
  type LagModel,
  NO_LAGS,
  settledAfter,
  settledAfterDaysOf,
  sureShare,
} from "../../../../shared/ledger/completeness/lag-model.ts";
import { lagSql } from "../../../../shared/ledger/completeness/lag-sql.ts";
import { learnLags, learntMonths } from "../../../../shared/ledger/completeness/learn-lags.ts";
import { priorOf } from "../../../../shared/ledger/completeness/priors.ts";
import { instantOf, type LagLaw, normalOf, type SimulatedLag, simulateLag } from "../../../support/simulated-lag.ts";

const FAST: LagLaw = { provider: "aws", service: "EC2", shares: () => [0.9, 1] };
const SLOW: LagLaw = {
  provider: "aws",
  service: "Marketplace",
  cost: () => 50,
  shares: (day) => [0.3, 0.6 * Math.exp(0.05 * normalOf(day)), 0.9, 0.98],
};

function learn(simulated: Partial<SimulatedLag>, asOf?: Date): LagModel {
  const documents = simulateLag({ laws: [FAST], from: "2026-07-01", lastLook: "2026-09-20", ...simulated });
  return { ...learnLags(documents, asOf), unreadable: [] };
}

describe("the lag model", () => {
  it("learns each service and its provider", () => {
    const model = learn({ laws: [FAST, SLOW] });
    expect(completenessOf(model, "aws", "EC2", 0).share).toBeCloseTo(0.9, 6);
    expect(completenessOf(model, "aws", "EC2", 1)).toEqual({ share: 1, spread: 0 });
    expect(completenessOf(model, "aws", "Marketplace", 0).share).toBeCloseTo(0.3, 6);
    expect(completenessOf(model, "aws", "Marketplace", 1).share).toBeCloseTo(0.6, 1);
    expect(completenessOf(model, "aws", "Marketplace", 1).spread).toBeGreaterThan(0.02);
    expect(completenessOf(model, "aws", undefined, 0).share).toBeCloseTo((90 + 15) / 150, 6);
    expect(completenessOf(model, "aws", "Lambda", 0)).toEqual(completenessOf(model, "aws", undefined, 0));
    expect(completenessOf(model, "aws", "EC2", 99)).toEqual({ share: 1, spread: 0 });
    expect(completenessOf(model, "azure", "EC2", 1)).toEqual(priorOf("azure", 1));
    expect(model.providers.get("aws")?.days).toBe(40);
  });

  it("gives the series of an ending day its completeness, the newest first", () => {
    const model = learn({ laws: [FAST, SLOW] });
    const of = { provider: "aws", service: "Marketplace" };
    const shares = completenessOfDays(model, of, { newest: "2026-09-19", today: "2026-09-21", count: 3 });
    expect(shares.map(({ share }) => Math.round(share * 100))).toEqual([
      Math.round(completenessOf(model, "aws", "Marketplace", 1).share * 100),
      90,
      98,
    ]);
    expect(completenessOfDays(NO_LAGS, {}, { newest: "2026-09-21", today: "2026-09-21", count: 1 })).toEqual([
      priorOf(undefined, 0),
    ]);
  });

  it("learns nothing from the import of old days", () => {
    const backfill = learn({ firstLook: "2026-09-20" });
    expect(backfill.providers.get("aws")?.days).toBe(0);
    expect(completenessOf(backfill, "aws", "EC2", 0)).toEqual(priorOf("aws", 0));
    expect(sureShare(backfill, "aws", "EC2", 0)).toBe(0.9);
  });

  it("believes a short history in part, and forgets a long one", () => {
    // Final days of a fortnight: seven.
    const short = learn({ from: "2026-09-06", laws: [{ ...FAST, shares: () => [0.5, 1] }] });
    const share = completenessOf(short, "aws", undefined, 0).share;
    expect(share).toBeGreaterThan(0.5);
    expect(share).toBeLessThan(0.75);
    const changed = learn({ laws: [{ ...FAST, shares: (day) => [day < "2026-08-01" ? 0.2 : 0.9, 1] }] });
    expect(completenessOf(changed, "aws", "EC2", 0).share).toBeCloseTo(0.9, 6);
  });

  it("does not peek at what became known later", () => {
    const changing: LagLaw = { ...FAST, shares: (day) => [day < "2026-08-20" ? 0.6 : 0.9, 0.97] };
    const then = "2026-08-25";
    const known = learn({ laws: [changing], lastLook: then });
    expect(learn({ laws: [changing] }, instantOf(then)).providers).toEqual(known.providers);
    expect(learn({ laws: [changing] }, instantOf("2026-07-02")).providers.get("aws")?.days).toBe(0);
  });

  it("puts currencies and sources of a provider together", () => {
    const laws = [FAST, { ...FAST, currency: "EUR", cost: () => 3, shares: () => [0.9, 1] }];
    const both = [
      ...simulateLag({ laws, from: "2026-07-01", lastLook: "2026-09-20" }),
      ...simulateLag({ source: "other", laws: [FAST], from: "2026-09-01", lastLook: "2026-09-20" }),
    ];
    const model = learnLags(both, undefined);
    expect(model.providers.get("aws")?.ages[0]?.share).toBeCloseTo(0.9, 6);
    expect(model.providers.get("aws")?.days).toBe(40);
  });

  it("takes the middle of the day when a bill is collected more often", () => {
    // At 00:00, 06:00, …: the simulated age is the same all day, so is what is known.
    const often = learn({ at: [1, 7, 13, 19] });
    expect(completenessOf(often, "aws", "EC2", 0).share).toBeCloseTo(0.9, 6);
  });

  it("says when days hold still, from twenty days on, unless the user has said it", () => {
    const model = learn({ laws: [SLOW] });
    expect(settledAfter(model.providers.get("aws") ?? { days: 0, ages: [] })).toBe(4);
    const configured = { aws: 2, default: 3 };
    expect(settledAfterDaysOf(model, configured, [])).toEqual({ aws: 4, default: 3 });
    expect(settledAfterDaysOf(model, configured, ["aws"])).toEqual(configured);
    expect(settledAfterDaysOf(model, configured, ["default"])).toEqual({ aws: 4, default: 3 });
    expect(settledAfterDaysOf(model, { default: 3 }, ["default"])).toEqual({ default: 3 });
    const young = learn({ laws: [SLOW], from: addDays("2026-09-20", -20) });
    expect(settledAfterDaysOf(young, configured, [])).toEqual(configured);
    const still = learn({ laws: [{ ...FAST, shares: () => [1] }] });
    expect(settledAfterDaysOf(still, configured, [])).toEqual({ aws: 1, default: 3 });
  });

  it("counts on what days kept, and never on all of it", () => {
    expect(sureShare(NO_LAGS, "aws", undefined, 0)).toBe(0.9);
    expect(sureShare(learn({}), "aws", "EC2", 0)).toBe(0.98);
    const overstated = learn({ laws: [{ ...FAST, shares: () => [1.25, 1.1] }] });
    expect(sureShare(overstated, "aws", "EC2", 0)).toBeCloseTo(0.8, 6);
    expect(sureShare(overstated, "aws", "Lambda", 1)).toBeCloseTo(1 / 1.1, 6);
    expect(sureShare(overstated, "aws", "EC2", -1)).toBe(sureShare(overstated, "aws", "EC2", 0));
  });

  it("counts no more than the prior at an age that no look ever saw", () => {
    // Looked at thirty hours after the end of a day at the earliest.
    const late = learn({ laws: [{ ...FAST, shares: () => [1] }], at: [30] });
    expect(late.providers.get("aws")?.days).toBeGreaterThan(20);
    expect(sureShare(late, "aws", undefined, 0)).toBe(0.9);
    expect(sureShare(late, "aws", "EC2", 0)).toBe(0.9);
    expect(sureShare(late, "aws", undefined, 1)).toBe(0.98);
  });

  it("takes a service for late that is not there when its provider is, and foretells nothing from next to nothing", () => {
    const model = learn({ laws: [FAST, { ...SLOW, shares: () => [0, 1] }] });
    expect(completenessOf(model, "aws", "Marketplace", 0).share).toBeCloseTo(0.01, 9);
    expect(sureShare(model, "aws", "Marketplace", 0)).toBe(0.98);
    expect(lagSql(model, { default: 3 }, "2026-09-21").table).toContain("'Marketplace', [9801000, 9801000, 9801000");
  });

  it("is told in words", () => {
    const told = describeLags(learn({}), { aws: 1, default: 3 }, ["aws", "gcp", "aws"]);
    expect(told[0]).toEqual({
      provider: "aws",
      complete: ["0.900", "1.000", "1.000"],
      settledAfterDays: 1,
      learntFromDays: 40,
    });
    expect(told.map(lagText)).toEqual([
      "aws: 90 % of a day is known on the next day, 100 % one day later, 100 % two days later; settled after 1 day (learnt from 40 days)",
      "gcp: 85 % of a day is known on the next day, 98 % one day later, 99 % two days later; settled after 3 days (nothing learnt yet)",
    ]);
  });

  it("reads the months that young enough days are in", () => {
    expect(learntMonths("2026-09-20")).toEqual(["2026-09", "2026-08", "2026-07"]);
  });
});
