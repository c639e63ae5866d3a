import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { controlPlaneTool, ensureControlPlane, KUBERNETES_VARIABLE } from "../../scripts/lib/control-plane.mjs";
import { startControlPlane } from "../support/control-planes.ts";
import { kubeRequest } from "../support/kube-request.ts";

/** A control plane of a test's own: what it can be told, and that nothing is left of it. */

describe("a control plane", () => {
  it("has the nodes that it is told, and leaves nothing behind when it is stopped", async () => {
    const cluster = await startControlPlane({
      name: "own",
      provider: "azure",
      region: "westeurope",
      nodes: [
        { name: "system", count: 1 },
        {
          name: "gpu",
          count: 2,
          instanceType: "Standard_NC24ads_A100_v4",
          capacityType: "spot",
          nodePool: "gpu",
          cpu: "24",
          memory: "220Gi",
          pods: "30",
          gpus: "1",
          labels: { "genops.ai/pool": "dedicated" },
          taints: [{ key: "nvidia.com/gpu", effect: "NoSchedule" }],
        },
      ],
    });
    try {
      const { body } = await kubeRequest(cluster, "GET", "/api/v1/nodes?labelSelector=karpenter.sh%2Fnodepool%3Dgpu");
      expect(body.items).toHaveLength(2);
      expect(body.items?.[1]).toMatchObject({
        metadata: {
          name: "own-gpu-1",
          labels: {
            "topology.kubernetes.io/region": "westeurope",
            "topology.kubernetes.io/zone": "westeurope-2",
            "node.kubernetes.io/instance-type": "Standard_NC24ads_A100_v4",
            "karpenter.sh/capacity-type": "spot",
            "kubernetes.azure.com/scalesetpriority": "spot",
            "genops.ai/pool": "dedicated",
          },
        },
        spec: {
          providerID: expect.stringMatching(/^azure:\/\/\/subscriptions\//),
          taints: [{ key: "nvidia.com/gpu", effect: "NoSchedule" }],
        },
        status: { allocatable: { cpu: "24", memory: "220Gi", pods: "30", "nvidia.com/gpu": "1" } },
      });
    } finally {
      await cluster.stop();
    }
    expect(existsSync(path.dirname(cluster.caFile))).toBe(false);
    await expect(kubeRequest(cluster, "GET", "/version")).rejects.toThrow("ECONNREFUSED");
  });

  it("ends when nobody holds its standard input any more, as after the death of its test run", async () => {
    const program = await ensureControlPlane(controlPlaneTool(process.env[KUBERNETES_VARIABLE]));
    const child = spawn(program, ["--nodes", "[]"], { stdio: ["pipe", "pipe", "inherit"] });
    const [line] = await once(createInterface({ input: child.stdout }), "line");
    const ended = once(child, "exit");
    child.stdin.end();
    expect(await ended).toEqual([0, null]);
    expect(existsSync(path.dirname(JSON.parse(String(line)).caFile))).toBe(false);
  });

  it("says what is wrong with its options", async () => {
    await expect(startControlPlane({ nodes: [{ count: 1, cpu: "many" }] })).rejects.toThrow('cpu "many"');
  });
});
