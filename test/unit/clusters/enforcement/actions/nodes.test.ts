import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../../../shared/clusters/connections/types.ts";
import { taintValue } from "../../../../../shared/clusters/enforcement/actions/common/nodes.ts";
import { cordonNode } from "../../../../../shared/clusters/enforcement/actions/cordon-node.ts";
import { noExecute } from "../../../../../shared/clusters/enforcement/actions/no-execute.ts";
import { taintNodes } from "../../../../../shared/clusters/enforcement/actions/taint-nodes.ts";
import { changes, nodeSubject, proposed } from "../../../../support/action-subjects.ts";
import { deployed, namespace, node, nodePool, pod } from "../../../../support/cluster-objects.ts";

const pool = nodePool("gpu", {}, { labels: { "genops.ai/enforce": "throttle" } });
const a = node({ name: "a", pool: "gpu" });
const b = node({ name: "b", pool: "gpu" });

function on(action: typeof taintNodes, objects: readonly KubeObject[], name = "a", isGrowthCapped = true) {
  const { subject, context } = nodeSubject(objects, name, isGrowthCapped);
  return action.propose(subject, context);
}

describe("row 7, tainting nodes", () => {
  const TAINT = "/spec/taints[genops.ai/budget:NoSchedule]";

  it("adds our taint and nothing else", () => {
    const verdict = on(taintNodes, [pool, a, b]);
    expect(changes(verdict)).toEqual({
      [TAINT]: 'absent → {"key":"genops.ai/budget","value":"global","effect":"NoSchedule"}',
    });
    expect(proposed(verdict).commands).toEqual([
      "kubectl --context test taint nodes a genops.ai/budget=global:NoSchedule",
    ]);
  });

  it("never takes the last node of a pool", () => {
    expect(on(taintNodes, [pool, a])).toEqual({ leftOut: "it is the last node of pool gpu that takes pods" });
    const cordoned = node({ name: "b", pool: "gpu", spec: { unschedulable: true } });
    expect(on(taintNodes, [pool, a, cordoned])).toMatchObject({ leftOut: expect.stringContaining("last node") });
    const tainted = node({
      name: "b",
      pool: "gpu",
      spec: { taints: [{ key: "genops.ai/budget", value: "x", effect: "NoSchedule" }] },
    });
    expect(on(taintNodes, [pool, a, tainted])).toMatchObject({ leftOut: expect.stringContaining("last node") });
    expect(on(taintNodes, [pool, a, tainted], "b")).toBe("done");
    expect(on(taintNodes, [pool, a, cordoned], "b")).toBe("done");
  });

  it("never makes an autoscaler add a node", () => {
    expect(on(taintNodes, [pool, a, b], "a", false)).toMatchObject({
      leftOut: "its autoscaler would add a node without the taint",
    });
  });

  it("is for opted-in pools only", () => {
    expect(on(taintNodes, [nodePool("gpu"), a, b])).toBe("not-mine");
  });

  it.each([
    [{ budget: "ml team/β", policy: "p" }, "ml-team"],
    [{ policy: "person/ana@x/1" }, "person-ana-x-1"],
    [{ budget: "---", policy: "p" }, "budget"],
    [{ budget: `${"x".repeat(62)}.y`, policy: "p" }, "x".repeat(62)],
  ])("writes the name of %j as a taint may say it", (want, value) => {
    expect(taintValue(want)).toBe(value);
  });
});

describe("row 15, cordoning", () => {
  it("sets unschedulable, and leaves what others cordoned theirs", () => {
    expect(changes(on(cordonNode, [pool, a, b]))).toEqual({ "/spec/unschedulable": "absent → true" });
    expect(proposed(on(cordonNode, [pool, a, b])).commands).toEqual(["kubectl --context test cordon a"]);
    const cordoned = node({ name: "a", pool: "gpu", spec: { unschedulable: true } });
    expect(on(cordonNode, [pool, cordoned, b])).toEqual({ leftOut: "somebody has cordoned it already" });
  });

  it("refuses control planes and the last node", () => {
    const control = node({ name: "a", pool: "gpu", labels: { "node-role.kubernetes.io/control-plane": "" } });
    expect(on(cordonNode, [pool, control, b])).toEqual({ leftOut: "it runs the control plane" });
    expect(on(cordonNode, [pool, a])).toEqual({ leftOut: "it is the last node of pool gpu that takes pods" });
    const alone = node({ name: "a", pool: "" });
    expect(on(cordonNode, [alone])).toEqual({ leftOut: "it is the last node that takes pods" });
  });
});

describe("row 17, NoExecute", () => {
  it("counts the pods that it drives away", () => {
    const objects = [
      pool,
      a,
      b,
      namespace("ml"),
      ...deployed({ namespace: "ml", name: "web", nodes: ["a", "a", "b"] }),
    ];
    const verdict = on(noExecute, [...objects, pod({ namespace: "ml", name: "bare", node: "a" })]);
    expect(changes(verdict)).toEqual({
      "/spec/taints[genops.ai/budget:NoExecute]":
        'absent → {"key":"genops.ai/budget","value":"global","effect":"NoExecute"}',
    });
    expect(proposed(verdict)).toMatchObject({ pods: 3, reverse: expect.stringContaining("removes our taint") });
    expect(on(noExecute, [pool, a])).toMatchObject({ leftOut: expect.stringContaining("last node") });
  });
});
