import { describe, expect, it } from "vitest";
import type { ClusterHolds, Hold, HoldLayer, Plan, Step, Want } from "../../../../shared/clusters/enforcement/types.ts";
import { type Decimal, parseDecimal, ZERO } from "../../../../shared/core/decimal.ts";
import {
  familiesOf,
  savedByHolds,
  savedByPlans,
  wantsBeside,
} from "../../../../shared/usecases/enforce/shared-need.ts";

const want = (policy: string, reduce?: string): Want => ({
  policy,
  budget: "global",
  action: "throttle",
  rung: "throttle",
  scopes: [{}],
  period: { start: "2026-11-01", end: "2026-12-01" },
  currency: "USD",
  expiresAt: "2026-12-01T00:00:00.000Z",
  ...(reduce === undefined ? {} : { reduceByPerHour: parseDecimal(reduce) }),
});
const layer = (policy: string, saves: string, more: Partial<HoldLayer> = {}): HoldLayer => ({
  step: `s-${saves}`,
  planHash: "h",
  action: "scale-to-floor",
  rung: "throttle",
  policy,
  environment: "dev",
  fields: {},
  appliedAt: "2026-11-22T12:00:00.000Z",
  expiresAt: "2026-12-01T00:00:00.000Z",
  savesPerHour: parseDecimal(saves),
  ...more,
});
const holdsOf = (state: Hold["state"], ...layers: HoldLayer[]): ClusterHolds => ({
  cluster: "other",
  clusterUid: "u",
  holds: {
    x: {
      ref: { cluster: "other", apiVersion: "apps/v1", kind: "Deployment", namespace: "ml", name: "x", uid: "x" },
      via: "patch",
      originals: {},
      layers,
      written: {},
      state,
      reverts: [],
      changedAt: "2026-11-22T12:00:00.000Z",
    },
  },
  own: {},
  closed: [],
});
const PLAN: Plan = {
  hash: "h",
  cluster: "first",
  clusterUid: "u",
  createdAt: "",
  expiresAt: "",
  requester: "genops",
  wants: [],
  steps: [],
  leftOut: [],
  currency: "USD",
  savesPerHour: ZERO,
  savesUntilEnd: ZERO,
  needs: { mode: "approve", approvals: 1 },
  remarks: [],
};
const AS_OF = new Date("2026-11-22T00:00:00Z");
const same = (amount: Decimal) => amount;

describe("one need over several clusters", () => {
  const wants = [want("a", "10"), want("b", "4"), want("c")];
  const familyOf = familiesOf(wants);

  it("counts what is held elsewhere, is in force, and cannot be in the bills yet", () => {
    const saved = (state: Hold["state"], ...layers: HoldLayer[]) =>
      savedByHolds([holdsOf(state, ...layers)], AS_OF, familyOf).get("global") ?? ZERO;
    expect(saved("active", layer("a", "3"), layer("b", "2"))).toBe(parseDecimal("5"));
    expect(saved("contested", layer("a", "3"))).toBe(ZERO);
    expect(saved("active", layer("a", "3", { leaving: "expired" }))).toBe(ZERO);
    expect(saved("active", layer("a", "3", { appliedAt: "2026-11-21T12:00:00.000Z" }))).toBe(ZERO);
    expect(savedByHolds([holdsOf("active", layer("person/x", "1"))], AS_OF, familyOf).get("person/x")).toBe(
      parseDecimal("1"),
    );
  });

  it("asks the next cluster for the rest only, and never for less than nothing", () => {
    const held = savedByHolds([holdsOf("active", layer("a", "3"))], AS_OF, familyOf);
    const steps = [{ policy: "a", savesPerHour: parseDecimal("2") } as Step];
    const plan = { ...PLAN, steps };
    const planned = savedByPlans([{ cluster: "first", reports: [], plans: [{ plan, outcome: "waiting" }] }], familyOf);
    expect(wantsBeside(wants, [held, planned], same).map(({ reduceByPerHour }) => reduceByPerHour)).toEqual([
      parseDecimal("5"),
      ZERO,
      undefined,
    ]);
  });

  it("takes money in the want's currency; without a rate the need stays whole", () => {
    const held = savedByHolds([holdsOf("active", layer("a", "3"))], AS_OF, familyOf);
    const [half] = wantsBeside([want("a", "10")], [held], (amount) => (amount / 2n) as Decimal);
    expect(half?.reduceByPerHour).toBe(parseDecimal("8.5"));
    const [whole] = wantsBeside([want("a", "10")], [held], () => undefined);
    expect(whole?.reduceByPerHour).toBe(parseDecimal("10"));
  });
});
