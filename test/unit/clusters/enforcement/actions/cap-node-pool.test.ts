import { describe, expect, it } from "vitest";
import { capNodePool } from "../../../../../shared/clusters/enforcement/actions/cap-node-pool.ts";
import type { Json } from "../../../../../shared/core/json.ts";
import { changes, poolSubject, proposed } from "../../../../support/action-subjects.ts";
import { node, object } from "../../../../support/cluster-objects.ts";

type Tree = Readonly<Record<string, Json>>;

function propose(spec: Tree, status: Tree) {
  const pool = object(
    "karpenter.sh/v1",
    "NodePool",
    { name: "gpu", labels: { "genops.ai/enforce": "freeze" } },
    { spec, status },
  );
  const { subject, context } = poolSubject([pool]);
  return capNodePool.propose(subject, context);
}

const HAS = { resources: { cpu: "12", memory: "48Gi", pods: "30" } };

describe("row 6, capping a Karpenter pool", () => {
  it("makes its limits what it has, and records that it had none", () => {
    const verdict = propose({}, HAS);
    expect(changes(verdict)).toEqual({ "/spec/limits": 'absent → {"cpu":"12","memory":"48Gi"}' });
    expect(proposed(verdict).reverse).toBe("removes the limits");
    expect(proposed(verdict).commands).toEqual([
      `kubectl --context test patch nodepool.karpenter.sh/gpu --type=merge -p '{"spec":{"limits":{"cpu":"12","memory":"48Gi"}}}'`,
    ]);
  });

  it("keeps other limits, and lower ones as they are written", () => {
    const limits = { cpu: "8000m", memory: "1Ti", "nvidia.com/gpu": 4 };
    expect(changes(propose({ limits }, HAS))).toEqual({
      "/spec/limits":
        '{"cpu":"8000m","memory":"1Ti","nvidia.com/gpu":4} → {"cpu":"8000m","memory":"48Gi","nvidia.com/gpu":4}',
    });
    expect(proposed(propose({ limits }, HAS)).reverse).toBe("puts the limits back");
  });

  it("does nothing to one that cannot grow, whatever the notation", () => {
    expect(propose({ limits: { cpu: "12000m", memory: "49152Mi" } }, HAS)).toBe("done");
  });

  it("limits only the nodes of a static pool", () => {
    expect(changes(propose({ replicas: 3 }, { nodes: 3, ...HAS }))).toEqual({
      "/spec/limits": 'absent → {"nodes":"3"}',
    });
    expect(changes(propose({ replicas: 3 }, {}))).toEqual({ "/spec/limits": 'absent → {"nodes":"0"}' });
  });

  it("leaves out what does not say what it has, and pools of other kinds", () => {
    expect(propose({}, {})).toEqual({ leftOut: "its status does not say yet what it has" });
    const eks = node({ name: "n", pool: "", labels: { "eks.amazonaws.com/nodegroup": "general" } });
    const { subject, context } = poolSubject([eks]);
    expect(capNodePool.propose(subject, context)).toBe("not-mine");
  });
});
