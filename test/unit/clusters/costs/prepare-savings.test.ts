import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../../shared/clusters/connections/types.ts";
import { prepareSavings, savingOf } from "../../../../shared/clusters/costs/prepare-savings.ts";
import { formatDecimal } from "../../../../shared/core/decimal.ts";
import { deployed, node, nodePool, object, pod, workload } from "../../../support/cluster-objects.ts";
import { price, priced } from "./priced.ts";

const PRICES = ["n1", "n2", "n3", "n4"].map((name) => price(name, "2"));

function three(more: Partial<Parameters<typeof node>[0]> = {}): KubeObject[] {
  return [nodePool("general"), ...["n1", "n2", "n3"].map((name) => node({ name, ...more }))];
}

function app(name: string, cpu: string, nodes: readonly string[], more: object = {}): KubeObject[] {
  return deployed({ namespace: "apps", name, cpu, nodes, ...more });
}

/** Two deployments that fill three nodes of four cores to three quarters. */
const FULL = [...app("big", "2", ["n1", "n2", "n3"]), ...app("small", "1", ["n1", "n2", "n3"])];

function saving(objects: readonly KubeObject[], freed: Record<string, number>, prices = PRICES) {
  const steps = Object.entries(freed).map(([name, pods]) => ({ uid: `deployment-apps-${name}`, pods }));
  const { perHour, byStep, releasedNodes, remarks } = savingOf(priced(objects, prices), steps);
  return { perHour: formatDecimal(perHour), byStep: byStep.map(formatDecimal), releasedNodes, remarks };
}

describe("what steps save", () => {
  it("is the nodes that become free, divided by what was freed there", () => {
    expect(saving([...three(), ...FULL], { big: 3 })).toMatchObject({ perHour: "4", byStep: ["4"] });
    const both = saving([...three(), ...FULL], { big: 3, small: 3 });
    expect(both).toMatchObject({ perHour: "6", releasedNodes: ["n1", "n2", "n3"], remarks: [] });
    expect(both.byStep.map(Number)[0]).toBeCloseTo(4, 12);
  });

  it("is nothing where the room that is freed suffices for no node", () => {
    const result = saving([...three(), ...FULL], { small: 1 });
    expect(result).toMatchObject({ perHour: "0", byStep: ["0"], releasedNodes: [] });
    expect(result.remarks).toEqual([
      "3 of 3 nodes stay: pool general gives a node back only where its pods fit elsewhere",
    ]);
  });

  it("does not count what the autoscaler would remove anyway", () => {
    const empty = [...three(), node({ name: "n4" }), ...FULL];
    expect(saving(empty, { small: 1 })).toMatchObject({ perHour: "0" });
    expect(saving(empty, { big: 3 })).toMatchObject({ perHour: "4" });
  });

  it("is nothing in a pool without an autoscaler, and says so", () => {
    const fixed = ["n1", "n2", "n3"].map((name) =>
      node({ name, pool: "", labels: { "eks.amazonaws.com/nodegroup": "ng" } }),
    );
    expect(saving([...fixed, ...FULL], { big: 3, small: 3 })).toMatchObject({
      perHour: "0",
      remarks: ["pool ng: no autoscaler is known to remove its nodes, so the 6 pods freed there save nothing"],
    });
    const loose = ["n1", "n2", "n3"].map((name) => node({ name, pool: "" }));
    expect(saving([...loose, ...FULL], { big: 1 }).remarks).toEqual([
      "nodes of no known pool: no autoscaler is known to remove its nodes, so the 1 pod freed there save nothing",
    ]);
  });

  it("leaves a pool its least number of nodes", () => {
    const labels = { "eks.amazonaws.com/nodegroup": "ng", "genops.ai/autoscaled": "true", "genops.ai/min-nodes": "2" };
    const result = saving([...["n1", "n2", "n3"].map((name) => node({ name, pool: "", labels })), ...FULL], {
      big: 3,
      small: 3,
    });
    expect(result).toMatchObject({ perHour: "2", remarks: ["2 of 3 nodes stay: pool ng has minNodes 2"] });
  });

  it("is without what is reserved or committed", () => {
    const committed = [price("n1", "2", "2"), price("n2", "2", "0.5"), price("n3", "2")];
    expect(saving([...three(), ...FULL], { big: 3, small: 3 }, committed)).toMatchObject({
      perHour: "3.5",
      remarks: ["pool general: 1 of the 3 released nodes are paid for anyway (reserved or committed)"],
    });
    const reserved = three({ labels: { "karpenter.sh/capacity-type": "reserved" } });
    expect(saving([...reserved, ...FULL], { big: 3, small: 3 })).toMatchObject({ perHour: "0" });
  });

  it("heeds Karpenter's policy: with WhenEmpty no pod is moved", () => {
    const whenEmpty = [nodePool("general", { consolidationPolicy: "WhenEmpty" }), ...three().slice(1)];
    expect(saving([...whenEmpty, ...FULL], { big: 3 })).toMatchObject({
      perHour: "0",
      remarks: ["3 of 3 nodes stay: pool general gives back empty nodes only"],
    });
    expect(saving([...whenEmpty, ...FULL], { big: 3, small: 3 })).toMatchObject({ perHour: "6" });
  });

  it("heeds pods and nodes that are to stay", () => {
    const keep = { "karpenter.sh/do-not-disrupt": "true" };
    const held = pod({ namespace: "apps", name: "held", node: "n1", annotations: keep });
    const kept = [
      nodePool("general"),
      node({ name: "n1" }),
      node({ name: "n2", annotations: keep }),
      node({ name: "n3" }),
    ];
    const result = saving([...kept, held, ...FULL], { big: 3, small: 3 });
    expect(result).toMatchObject({ perHour: "2", releasedNodes: ["n3"] });
    expect(result.remarks).toEqual([
      "2 of 3 nodes stay: pool general (2 of them have pods or marks that keep them) gives a node back only where its pods fit elsewhere",
    ]);
  });

  it("lets daemon pods go with their node", () => {
    const agent = object("apps/v1", "DaemonSet", { namespace: "kube-system", name: "agent" });
    const daemons = ["n1", "n2", "n3"].map((name) =>
      pod({ namespace: "kube-system", name: `agent-${name}`, owner: agent, node: name, cpu: "500m" }),
    );
    expect(saving([...three(), agent, ...daemons, ...FULL], { big: 3, small: 3 })).toMatchObject({ perHour: "6" });
  });

  it("takes pods that wait for a node first: they free nothing", () => {
    const [top, set] = app("big", "2", []);
    if (top === undefined || set === undefined) throw new Error("no deployment");
    const waiting = pod({ namespace: "apps", name: "waiting", owner: set, phase: "Pending", cpu: "2" });
    expect(saving([...three(), ...FULL, waiting], { big: 1 })).toMatchObject({ perHour: "0" });
    expect(savingOf(priced([...three(), ...FULL], PRICES), [{ uid: "no such workload", pods: 3 }]).perHour).toBe(0n);
  });
});

describe("where pods fit", () => {
  /** n1 and n2 stay; on n3 one pod goes, and one with a rule is left. Does n3 go? */
  function goes(rules: object, nodes: readonly KubeObject[]): boolean {
    const keep = { "karpenter.sh/do-not-disrupt": "true" };
    const staying = ["n1", "n2"].map((place) =>
      pod({ namespace: "apps", name: `stays-${place}`, node: place, cpu: "3500m", annotations: keep }),
    );
    const picky = app("picky", "500m", ["n3"], { spec: rules });
    const objects = [nodePool("general"), ...nodes, ...staying, ...picky, ...app("other", "3", ["n3"])];
    const { releasedNodes } = savingOf(priced(objects, PRICES), [{ uid: "deployment-apps-other", pods: 1 }]);
    return releasedNodes.includes("n3");
  }
  const plain = (n3: Partial<Parameters<typeof node>[0]> = {}, others: Partial<Parameters<typeof node>[0]> = {}) => [
    node({ name: "n1", cpu: "4", ...others }),
    node({ name: "n2", cpu: "4", ...others }),
    node({ name: "n3", cpu: "4", ...n3 }),
  ];
  const zoned = (zone: string) => ({ labels: { "topology.kubernetes.io/zone": zone } });
  const affinity = (expression: object) => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [expression] }] },
      },
    },
  });

  it("is anywhere without rules", () => {
    expect(goes({}, plain())).toBe(true);
  });

  it("heeds selectors, affinity and the zone of volumes", () => {
    expect(goes({ nodeSelector: { disk: "ssd" } }, plain({ labels: { disk: "ssd" } }))).toBe(false);
    expect(
      goes({ nodeSelector: { disk: "ssd" } }, plain({ labels: { disk: "ssd" } }, { labels: { disk: "ssd" } })),
    ).toBe(true);
    const inZone = affinity({ key: "topology.kubernetes.io/zone", operator: "In", values: ["a"] });
    expect(goes(inZone, plain(zoned("a"), zoned("b")))).toBe(false);
    expect(goes(inZone, plain(zoned("a"), zoned("a")))).toBe(true);
    expect(
      goes(
        affinity({ key: "gen", operator: "Gt", values: ["4"] }),
        plain({ labels: { gen: "5" } }, { labels: { gen: "3" } }),
      ),
    ).toBe(false);
    expect(
      goes(
        affinity({ key: "gen", operator: "Lt", values: ["4"] }),
        plain({ labels: { gen: "1" } }, { labels: { gen: "3" } }),
      ),
    ).toBe(true);
    expect(goes(affinity({ key: "disk", operator: "Exists" }), plain({ labels: { disk: "x" } }))).toBe(false);
    expect(goes(affinity({ key: "disk", operator: "DoesNotExist" }), plain())).toBe(true);
    expect(goes(affinity({ key: "disk", operator: "NotIn", values: ["slow"] }), plain())).toBe(true);
    expect(goes(affinity({ key: "disk", operator: "Sometimes" }), plain())).toBe(false);
    const volume = { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "c" } }] };
    expect(goes(volume, plain(zoned("a"), zoned("b")))).toBe(false);
    expect(goes(volume, plain(zoned("a"), zoned("a")))).toBe(true);
  });

  it("heeds taints and what tolerates them", () => {
    const tainted = { spec: { taints: [{ key: "team", value: "ml", effect: "NoSchedule" }] } };
    expect(goes({}, plain({}, tainted))).toBe(false);
    expect(goes({ tolerations: [{ key: "team", operator: "Exists" }] }, plain({}, tainted))).toBe(true);
    expect(goes({ tolerations: [{ key: "team", value: "ml", effect: "NoSchedule" }] }, plain({}, tainted))).toBe(true);
    expect(goes({ tolerations: [{ key: "team", value: "web" }] }, plain({}, tainted))).toBe(false);
    expect(goes({ tolerations: [{ operator: "Exists" }] }, plain({}, tainted))).toBe(true);
    const soft = { spec: { taints: [{ key: "team", effect: "PreferNoSchedule" }] } };
    expect(goes({}, plain({}, soft))).toBe(true);
  });

  it("does not put pods on nodes that take none", () => {
    expect(goes({}, plain({}, { spec: { unschedulable: true } }))).toBe(false);
  });

  it("heeds GPUs and the number of pods", () => {
    expect(goes({}, plain({}, { pods: "1" }))).toBe(false);
    const gpus = { containers: [{ name: "main", resources: { requests: { "nvidia.com/gpu": "1" } } }] };
    expect(goes(gpus, plain({ gpu: "1" }))).toBe(false);
    expect(goes(gpus, plain({ gpu: "1" }, { gpu: "1" }))).toBe(true);
  });

  it("puts no two of one workload together where they refuse it", () => {
    const antiAffinity = {
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "kubernetes.io/hostname" }],
        },
      },
    };
    const ports = { containers: [{ name: "main", ports: [{ hostPort: 80 }] }] };
    for (const rules of [antiAffinity, ports]) {
      const lonely = deployed({
        namespace: "apps",
        name: "lonely",
        cpu: "100m",
        nodes: ["n1", "n2", "n3"],
        spec: rules,
      });
      const objects = [nodePool("general"), ...plain(), ...lonely, ...app("other", "3", ["n1", "n2", "n3"])];
      const of = prepareSavings(priced(objects, PRICES));
      expect(of([{ uid: "deployment-apps-other", pods: 3 }]).releasedNodes).toEqual([]);
    }
  });
});

describe("which pods go", () => {
  it("are the highest ordinals of a StatefulSet", () => {
    const set = workload("apps/v1", "StatefulSet", { namespace: "apps", name: "db", replicas: 3 });
    const pods = [0, 1, 2].map((index) =>
      pod({ namespace: "apps", name: `db-${index}`, owner: set, node: `n${index + 1}`, cpu: "3" }),
    );
    const result = savingOf(priced([...three(), set, ...pods], PRICES), [{ uid: "statefulset-apps-db", pods: 1 }]);
    expect(result.releasedNodes).toEqual(["n3"]);
  });

  it("are of others those that are not ready, cheap, crowded, young", () => {
    const top = workload("apps/v1", "Deployment", { namespace: "apps", name: "web", replicas: 3 });
    const ready = { conditions: [{ type: "Ready", status: "True" }] };
    const at = (name: string, place: string, more: object) =>
      pod({ namespace: "apps", name, owner: top, node: place, cpu: "3", status: ready, ...more });
    const gone = (...pods: KubeObject[]) =>
      savingOf(priced([...three(), top, ...pods], PRICES), [{ uid: "deployment-apps-web", pods: 1 }]).releasedNodes;
    expect(gone(at("a", "n1", {}), at("b", "n2", { status: {} }), at("c", "n3", {}))).toEqual(["n2"]);
    const cheap = { annotations: { "controller.kubernetes.io/pod-deletion-cost": "-5" } };
    expect(gone(at("a", "n1", {}), at("b", "n2", {}), at("c", "n3", cheap))).toEqual(["n3"]);
    const born = (creationTimestamp: string) => ({ metadata: { creationTimestamp } });
    const ages = [born("2026-11-20T00:00:00Z"), born("2026-11-22T11:00:00Z"), born("2026-11-01T00:00:00Z")];
    expect(gone(...ages.map((age, index) => at(`p${index}`, `n${index + 1}`, age)))).toEqual(["n2"]);
  });
});
