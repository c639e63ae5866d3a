import { createHash } from "node:crypto";
import { planHash } from "../../shared/clusters/enforcement/plan/hash.ts";
import type { Plan, Rung, Step } from "../../shared/clusters/enforcement/types.ts";
import type { Approver } from "../../shared/config/types.ts";
import { parseDecimal } from "../../shared/core/decimal.ts";

/** Plans without a cluster behind them: for what people and Slack do with plans. */

export function textHash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A workload that is scaled down. */
export function scaleStep(over: Partial<Step> & { name?: string; to?: number } = {}): Step {
  const { name = "trainer", to = 0, ...rest } = over;
  const namespace = over.namespace ?? "ml";
  const rung: Rung = over.rung ?? "throttle";
  return {
    id: textHash(`${namespace}/${name} ${over.environment} ${rung}`).slice(0, 16),
    action: "scale-to-floor",
    layer: "cluster",
    rung,
    policy: "budget/team-ml/2026-11-01/threshold-95-actual-throttle",
    cluster: "aws-cluster",
    subject: `Deployment ${namespace}/${name}`,
    namespace,
    environment: "dev",
    write: {
      kind: "fields",
      target: {
        cluster: "aws-cluster",
        apiVersion: "apps/v1",
        kind: "Deployment",
        namespace,
        name,
        uid: `uid-${name}`,
      },
      fields: [{ pointer: "/spec/replicas", from: { value: 5 }, to: { value: to } }],
      via: "patch",
    },
    reverse: "replicas back to 5",
    reversible: true,
    savesPerHour: parseDecimal("12.3"),
    savesUntilEnd: parseDecimal("2361.6"),
    pods: 5 - to,
    commands: [`kubectl -n ${namespace} scale deployment ${name} --replicas ${to}`],
    remarks: [],
    expiresAt: "2026-12-01T00:00:00.000Z",
    ...rest,
  };
}

const CLUSTER_UID = "11111111-2222-3333-4444-555555555555";

/** A plan that waits for one approval. */
export function approvablePlan(over: Partial<Plan> = {}): Plan {
  const steps = over.steps ?? [scaleStep()];
  return {
    hash: planHash({ clusterUid: CLUSTER_UID, steps }),
    cluster: "aws-cluster",
    clusterUid: CLUSTER_UID,
    createdAt: "2026-11-22T04:00:00.000Z",
    expiresAt: "2026-11-22T16:00:00.000Z",
    requester: "genops",
    wants: [
      {
        policy: "budget/team-ml/2026-11-01/threshold-95-actual-throttle",
        budget: "team/ml",
        action: "throttle",
        rung: "throttle",
        scopes: [{ team: ["ml"] }],
        period: { start: "2026-11-01", end: "2026-12-01" },
        currency: "USD",
        expiresAt: "2026-12-01T00:00:00.000Z",
      },
    ],
    steps,
    leftOut: [],
    currency: "USD",
    savesPerHour: parseDecimal("12.3"),
    savesUntilEnd: parseDecimal("2361.6"),
    needs: { mode: "approve", approvals: 1 },
    remarks: [],
    ...over,
  };
}

export const ALICE: Approver = { identity: "alice@example.com", slack: "UALICE", environments: [] };
export const BOB: Approver = { identity: "bob@example.com", slack: "UBOB", environments: [] };
/** May decide about dev only. */
export const DORA: Approver = { identity: "dora@example.com", slack: "UDORA", environments: ["dev"] };
