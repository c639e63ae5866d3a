import type { KubeObject } from "../../../shared/clusters/connections/types.ts";
import { deployment, namespace, node, nodePool, object, pod, replicaSet } from "../../support/cluster-objects.ts";

/*
 * A cluster with a scheduler, ReplicaSets and a node autoscaler, as plain as can be, and written without a line of the code that it
 * judges: one node at a time, in an order of chance, goes when it is used by less than half (a pool of cluster-autoscaler) and every pod
 * of it fits somewhere else.
 */

export interface SimPod {
  name: string;
  workload: number;
  cpu: number;
  memory: number;
  stuck: boolean;
  daemon: boolean;
  ageMinutes: number;
  node: SimNode;
}

export interface SimNode {
  name: string;
  pool: SimPool;
  cpu: number;
  memory: number;
  pods: SimPod[];
}

export interface SimPool {
  name: string;
  rule: "karpenter" | "karpenter-empty" | "cluster-autoscaler" | "none";
  minNodes: number;
  /** Cents per hour. */
  price: number;
  tainted: boolean;
}

export interface SimWorkload {
  index: number;
  /** The pool that it has to run in. */
  pool: SimPool | undefined;
  pods: SimPod[];
}

export interface SimCluster {
  pools: SimPool[];
  nodes: SimNode[];
  workloads: SimWorkload[];
  random: () => number;
}

/** A reproducible source of chance (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const RULES = [
  "karpenter",
  "cluster-autoscaler",
  "cluster-autoscaler",
  "karpenter",
  "karpenter-empty",
  "none",
] as const;

export function makeCluster(seed: number): SimCluster {
  const random = chance(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const poolCount = 1 + Math.floor(random() * 3);
  const pools = Array.from(
    { length: poolCount },
    (_each, index): SimPool => ({
      name: `pool${index}`,
      rule: index === 0 ? pick(RULES.slice(0, 4)) : pick(RULES),
      minNodes: random() < 0.2 ? 3 : 0,
      price: 10 + Math.floor(random() * 90),
      tainted: index > 0 && random() < 0.4,
    }),
  );
  for (const pool of pools) if (pool.rule.startsWith("karpenter")) pool.minNodes = 0;
  const nodes = pools.flatMap((pool) => {
    const [cpu, memory] = pick([
      [4000, 16384],
      [8000, 32768],
      [16_000, 65_536],
    ] as const);
    return Array.from({ length: 8 + Math.floor(random() * 30) }, (_each, index) => {
      const made: SimNode = { name: `${pool.name}-${index}`, pool, cpu, memory, pods: [] };
      made.pods.push({
        name: `ds-${made.name}`,
        workload: -1,
        cpu: 100,
        memory: 128,
        stuck: false,
        daemon: true,
        ageMinutes: 9,
        node: made,
      });
      return made;
    });
  });
  const cluster: SimCluster = { pools, nodes, workloads: [], random };
  fill(cluster);
  settle(cluster);
  return cluster;
}

/** Workloads until the nodes are as full as they should be. */
function fill(cluster: SimCluster): void {
  const { random, nodes, pools, workloads } = cluster;
  const target = 0.35 + random() * 0.5;
  const stuckShare = random() < 0.3 ? 0.03 : 0;
  const whole = nodes.reduce((total, { cpu }) => total + cpu, 0);
  for (let asked = 0; asked < target * whole; ) {
    const pool = random() < 0.5 ? pools[Math.floor(random() * pools.length)] : undefined;
    const workload: SimWorkload = { index: workloads.length, pool, pods: [] };
    const cpu = 50 + Math.floor(random() ** 2 * 2500);
    const memory = Math.floor(cpu * (1 + random() * 4));
    const replicas = 1 + Math.floor(random() ** 2 * 12);
    for (let index = 0; index < replicas; index++) {
      const fitting = nodes.filter((each) => accepts(each, workload) && fits(each, { cpu, memory }));
      // As the scheduler: the least used of those that fit.
      const [place] = fitting.sort((a, b) => used(a) - used(b) || (a.name < b.name ? -1 : 1));
      if (place === undefined) break;
      const name = `w${workload.index}-${index}`;
      const made: SimPod = {
        name,
        workload: workload.index,
        cpu,
        memory,
        stuck: random() < stuckShare,
        daemon: false,
        ageMinutes: 1 + Math.floor(random() * 5_000),
        node: place,
      };
      place.pods.push(made);
      workload.pods.push(made);
    }
    asked += cpu * replicas;
    workloads.push(workload);
  }
}

function accepts({ pool }: SimNode, workload: SimWorkload): boolean {
  return workload.pool === undefined ? !pool.tainted : workload.pool === pool;
}

function fits(node: SimNode, asked: { cpu: number; memory: number }): boolean {
  const cpu = node.pods.reduce((total, each) => total + each.cpu, asked.cpu);
  const memory = node.pods.reduce((total, each) => total + each.memory, asked.memory);
  return cpu <= node.cpu && memory <= node.memory;
}

function used(node: SimNode): number {
  const cpu = node.pods.reduce((total, each) => total + each.cpu, 0) / node.cpu;
  return Math.max(cpu, node.pods.reduce((total, each) => total + each.memory, 0) / node.memory);
}

/** The autoscaler, until it finds nothing more to do. */
export function settle(cluster: SimCluster): void {
  for (let again = true; again; ) {
    again = shuffled(cluster.nodes, cluster.random).some((node) => tryRemove(cluster, node));
  }
}

function tryRemove(cluster: SimCluster, node: SimNode): boolean {
  const { pool } = node;
  const moving = node.pods.filter(({ daemon }) => !daemon);
  if (pool.rule === "none" || moving.some(({ stuck }) => stuck)) return false;
  if (pool.rule === "karpenter-empty" && moving.length > 0) return false;
  if (pool.rule === "cluster-autoscaler" && used(node) >= 0.5) return false;
  if (cluster.nodes.filter((each) => each.pool === pool).length <= pool.minNodes) return false;
  const others = cluster.nodes.filter((each) => each !== node);
  const moved: SimPod[] = [];
  for (const each of shuffled(moving, cluster.random)) {
    const workload = cluster.workloads[each.workload];
    const place = shuffled(others, cluster.random).find(
      (other) => workload !== undefined && accepts(other, workload) && fits(other, each),
    );
    if (place === undefined) {
      for (const back of moved) move(back, node);
      return false;
    }
    move(each, place);
    moved.push(each);
  }
  cluster.nodes = others;
  return true;
}

function move(each: SimPod, to: SimNode): void {
  each.node.pods = each.node.pods.filter((other) => other !== each);
  each.node = to;
  to.pods.push(each);
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [result[index], result[other]] = [result[other] as T, result[index] as T];
  }
  return result;
}

/** A workload shrinks: its ReplicaSet takes pods from crowded nodes first, then those of the youngest power of two, then by uid. */
export function shrink(workload: SimWorkload, pods: number): void {
  const crowd = (each: SimPod) => workload.pods.filter(({ node: place }) => place === each.node).length;
  const rank = (each: SimPod) => [100 - crowd(each), Math.floor(Math.log2(each.ageMinutes * 60_000)), each.name];
  const order = [...workload.pods].sort((a, b) => compare(rank(a), rank(b)));
  const gone = new Set(order.slice(0, pods));
  workload.pods = workload.pods.filter((each) => !gone.has(each));
  for (const each of gone) each.node.pods = each.node.pods.filter((other) => other !== each);
}

function compare(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? "";
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** Cents per hour. */
export function costOf(cluster: SimCluster): number {
  return cluster.nodes.reduce((total, { pool }) => total + pool.price, 0);
}

const NOW = Date.parse("2026-11-22T12:00:00Z");

const LABELS = {
  karpenter: "karpenter.sh/nodepool",
  "karpenter-empty": "karpenter.sh/nodepool",
  "cluster-autoscaler": "eks.amazonaws.com/nodegroup",
  none: "eks.amazonaws.com/nodegroup",
} as const;

/** The same cluster as a server would list it. */
export function objectsOf({ pools, nodes, workloads }: SimCluster): KubeObject[] {
  const karpenters = pools.filter(({ rule }) => rule.startsWith("karpenter"));
  return [
    namespace("kube-system"),
    namespace("apps"),
    ...karpenters.map(({ name, rule }) =>
      nodePool(name, { consolidationPolicy: rule === "karpenter" ? "WhenEmptyOrUnderutilized" : "WhenEmpty" }),
    ),
    ...nodes.map((each) => nodeObject(each)),
    ...nodes.map((each) => daemonPod(each)),
    ...workloads.flatMap((each) => workloadObjects(each)),
  ];
}

/** What cluster-autoscaler writes about itself. */
export function autoscalerStatus({ pools }: SimCluster): KubeObject {
  const groups = pools.filter(({ rule }) => rule === "cluster-autoscaler");
  const status = ["autoscalerStatus: Running", groups.length === 0 ? "nodeGroups: []" : "nodeGroups:"];
  for (const { name, minNodes } of groups) status.push(`- name: ${name}`, "  health:", `    minSize: ${minNodes}`);
  return object(
    "v1",
    "ConfigMap",
    { namespace: "kube-system", name: "cluster-autoscaler-status" },
    { data: { status: status.join("\n") } },
  );
}

function nodeObject({ name, pool, cpu, memory }: SimNode): KubeObject {
  return node({
    name,
    pool: "",
    cpu: `${cpu}m`,
    memory: `${memory}Mi`,
    labels: { [LABELS[pool.rule]]: pool.name, pool: pool.name },
    spec: pool.tainted ? { taints: [{ key: "pool", value: pool.name, effect: "NoSchedule" }] } : {},
  });
}

function daemonPod({ name }: SimNode): KubeObject {
  const owner = object("apps/v1", "DaemonSet", { namespace: "kube-system", name: "agent" });
  return pod({ namespace: "kube-system", name: `agent-${name}`, owner, node: name, cpu: "100m", memory: "128Mi" });
}

function workloadObjects({ index, pool, pods }: SimWorkload): KubeObject[] {
  const top = deployment({ namespace: "apps", name: `w${index}`, replicas: pods.length });
  const set = replicaSet(top);
  const rules = {
    ...(pool === undefined ? {} : { nodeSelector: { pool: pool.name } }),
    ...(pool?.tainted === true ? { tolerations: [{ key: "pool", operator: "Exists" }] } : {}),
  };
  const made = pods.map((each) =>
    pod({
      namespace: "apps",
      name: each.name,
      owner: set,
      node: each.node.name,
      cpu: `${each.cpu}m`,
      memory: `${each.memory}Mi`,
      spec: rules,
      metadata: { creationTimestamp: new Date(NOW - each.ageMinutes * 60_000).toISOString() },
      ...(each.stuck
        ? {
            annotations: {
              "karpenter.sh/do-not-disrupt": "true",
              "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
            },
          }
        : {}),
    }),
  );
  return [top, set, ...made];
}
