import { describe, expect, it } from "vitest";
import { controlName, targetOf } from "../../../../../../shared/clusters/enforcement/actions/billing/control-name.ts";
import { isSameState } from "../../../../../../shared/clusters/enforcement/actions/billing/states.ts";
import {
  BILLING,
  type BillingStates,
  billingSteps,
} from "../../../../../../shared/clusters/enforcement/actions/billing/steps.ts";
import type { Rung, Want } from "../../../../../../shared/clusters/enforcement/types.ts";
import type { BillingEnforcement, ClusterConfig } from "../../../../../../shared/config/types.ts";
import { formatDecimal, parseDecimal } from "../../../../../../shared/core/decimal.ts";
import type { BillingState, BillingTarget } from "../../../../../../shared/ports/billing-control.ts";

const ACTION = { kind: "aws-budget-action", accountId: "123456789012", budgetName: "a/b c", actionId: "id-1" } as const;
const PROJECT = { kind: "gcp-detach-billing", project: "shop" } as const;
const POOL = { kind: "resize-node-pool", cluster: "c", pool: "gpu" } as const;

const SETTINGS: BillingEnforcement = {
  awsBudgetActions: [
    { budget: "b", accountId: ACTION.accountId, budgetName: ACTION.budgetName, actionId: ACTION.actionId },
  ],
  gcpDetachBilling: [{ budget: "b", project: "shop" }],
  allowDetachBilling: true,
  nodePools: [{ budget: "b", cluster: "c", pool: "gpu", minimum: 2 }],
};

const STATES: BillingStates = {
  [controlName(ACTION)]: { phase: "armed", status: "PENDING", actionType: "APPLY_IAM_POLICY" },
  [controlName(PROJECT)]: { billingAccount: "billingAccounts/A" },
  [controlName(POOL)]: { desired: 5, min: 1, max: 10, autoscaled: true },
};

function want(rung: Rung, budget = "b"): Want {
  return {
    policy: `budget/${budget}`,
    budget,
    action: "block",
    rung,
    scopes: [],
    period: { start: "2026-11-01", end: "2026-12-01" },
    currency: "USD",
    expiresAt: "2026-11-22T16:00:00Z",
  };
}

const EKS: ClusterConfig = { name: "c", provider: "eks", cluster: "demo", region: "eu-central-1" };
const NOW = new Date("2026-11-22T06:00:00Z");

function planned(
  wants: readonly Want[],
  states: BillingStates = STATES,
  settings = SETTINGS,
  clusters: readonly ClusterConfig[] = [EKS],
) {
  return billingSteps(wants, settings, states, { clusters, now: NOW, pricePerNode: () => parseDecimal("4.10") });
}

const actionsOf = ({ steps }: ReturnType<typeof planned>) => steps.map(({ action }) => action);

describe("billing-side steps", () => {
  it("are planned as far as a want reaches, for the budget that the configuration names", () => {
    expect(actionsOf(planned([want("throttle")]))).toEqual([]);
    expect(actionsOf(planned([want("block")]))).toEqual(["aws-budget-action"]);
    expect(actionsOf(planned([want("human")]))).toEqual([
      "aws-budget-action",
      "gcp-detach-billing",
      "resize-node-pool",
    ]);
    expect(planned([want("human", "other")])).toEqual({ steps: [], leftOut: [] });
  });

  it("carry what is changed, priced, and how it is undone", () => {
    const [action, project, pool] = planned([want("human")]).steps;
    expect(action).toMatchObject({
      layer: "billing",
      rung: "block",
      cluster: BILLING,
      environment: "prod",
      reversible: true,
      write: { kind: "billing", control: controlName(ACTION), from: { phase: "armed" }, to: { phase: "executed" } },
    });
    expect(project).toMatchObject({
      rung: "human",
      reversible: false,
      reverse: expect.stringMatching(/^irreversible: .*Google may have deleted/) as string,
      write: { from: { billingAccount: "billingAccounts/A" }, to: { billingAccount: "" } },
    });
    expect(pool).toMatchObject({
      cluster: "c",
      reverse: "back to 5 nodes (1 to 10)",
      write: { to: { desired: 2, min: 2, max: 2, autoscaled: false } },
      commands: [expect.stringContaining("minSize=2,maxSize=2,desiredSize=2") as string],
    });
    expect([pool?.savesPerHour, pool?.savesUntilEnd].map((value) => formatDecimal(value ?? parseDecimal("0")))).toEqual(
      ["12.3", "123"],
    );
  });

  it("have the same id for the same wish, and another one for another", () => {
    const ids = (wants: Want[]) => planned(wants).steps.map(({ id }) => id);
    expect(ids([want("human")])).toEqual(ids([want("human")]));
    expect(new Set(ids([want("human"), { ...want("human"), policy: "budget/b/next" }])).size).toBe(6);
  });

  it("whose price is not known say so", () => {
    const { steps } = billingSteps([want("human")], SETTINGS, STATES, { clusters: [], now: NOW });
    expect(steps[2]).toMatchObject({ savesPerHour: 0n, commands: [] });
    expect(steps[2]?.remarks.join()).toContain("price of its nodes is not known");
  });

  it("that stop instances are irreversible", () => {
    const states = {
      ...STATES,
      [controlName(ACTION)]: { phase: "armed", status: "PENDING", actionType: "RUN_SSM_DOCUMENTS" },
    };
    expect(planned([want("block")], states).steps[0]).toMatchObject({ reversible: false });
  });
});

describe("what is left out", () => {
  const reasons = (states: BillingStates, settings = SETTINGS) =>
    planned([want("human")], { ...STATES, ...states }, settings).leftOut.map(({ reason }) => reason);

  it.each<[BillingTarget, BillingStates[string], RegExp]>([
    [ACTION, { phase: "executed", status: "EXECUTION_SUCCESS" }, /executed it already/],
    [ACTION, { phase: "armed", status: "STANDBY" }, /own threshold/],
    [ACTION, { phase: "reversed", status: "REVERSE_SUCCESS" }, /reversed/],
    [ACTION, "AWS does not answer", /AWS does not answer/],
    [PROJECT, { billingAccount: "" }, /no billing account already/],
    [POOL, { desired: 2, min: 2, max: 2, autoscaled: false }, /has 2 nodes, and 2 stay/],
    [POOL, { desired: 5, min: 5, max: 5, autoscaled: false, progress: "UPDATING" }, /being changed/],
  ])("%o in the state %o says why", (target, state, reason) => {
    expect(reasons({ [controlName(target)]: state })).toEqual([expect.stringMatching(reason)]);
  });

  it("is everything without its switch or its state", () => {
    expect(reasons({}, { ...SETTINGS, allowDetachBilling: false })).toEqual([
      expect.stringContaining("allowDetachBilling"),
    ]);
    expect(planned([want("block")], {}).leftOut).toMatchObject([{ reason: "its state was not read" }]);
  });

  it("includes a state that is none", () => {
    expect(() => planned([want("human")], { ...STATES, [controlName(POOL)]: { desired: -1 } })).toThrow(
      /no state of a node pool/,
    );
  });
});

describe("commands", () => {
  const commandsOf = (cluster: ClusterConfig) =>
    planned([want("human")], STATES, SETTINGS, [cluster]).steps[2]?.commands;

  it("for a person name the pool in the cloud's own tool, its autoscaler first", () => {
    const aks = { name: "c", provider: "aks", cluster: "demo", subscription: "s", resourceGroup: "rg" } as const;
    expect(commandsOf(aks)).toEqual([
      "az aks nodepool update --resource-group rg --cluster-name demo --name gpu --disable-cluster-autoscaler",
      "az aks nodepool scale --resource-group rg --cluster-name demo --name gpu --node-count 2",
    ]);
    const gke = { name: "c", provider: "gke", cluster: "demo", project: "shop", location: "europe-west3" } as const;
    expect(commandsOf(gke)).toHaveLength(2);
    expect(commandsOf({ name: "c", provider: "snapshot", location: "./x" })).toEqual([]);
  });

  it("quote names", () => {
    expect(planned([want("block")]).steps[0]?.commands[0]).toContain("--budget-name 'a/b c' --action-id id-1");
  });
});

describe("two states", () => {
  it.each<[BillingTarget, BillingState, BillingState, boolean]>([
    [ACTION, { phase: "armed", status: "PENDING" }, { phase: "armed" }, true],
    [ACTION, { phase: "executed" }, { phase: "armed" }, false],
    [PROJECT, { billingAccount: "" }, { billingAccount: "billingAccounts/A" }, false],
    [PROJECT, { billingAccount: "" }, { billingAccount: "" }, true],
    [POOL, { desired: 5, min: 1, max: 9, autoscaled: true }, { desired: 3, min: 1, max: 9, autoscaled: true }, true],
    [POOL, { desired: 5, min: 5, max: 5, autoscaled: false }, { desired: 3, min: 3, max: 3, autoscaled: false }, false],
  ])("of %o, %o and %o, are the same: %s", (target, one, other, same) => {
    expect(isSameState(target, one, other)).toBe(same);
  });
});

describe("a control's name", () => {
  it.each<BillingTarget>([ACTION, { ...ACTION, region: "cn-north-1" }, PROJECT, POOL])(
    "of %o leads back to it",
    (target) => {
      expect(targetOf(controlName(target))).toEqual(target);
    },
  );

  it.each(["", "gcp-detach-billing", "resize-node-pool/c", "something/else"])("%o is refused", (name) => {
    expect(() => targetOf(name)).toThrow(/no billing-side control/);
  });
});
