import type { EnforcementConfig } from "../../../../config/types.ts";
import type { Decimal } from "../../../../core/decimal.ts";
import type { Freed } from "../../../costs/types.ts";
import type { ClusterNode, Inventory, Namespace, NodePool, Pod, Workload } from "../../../inventory/types.ts";
import type { ClusterAction, Rung, Want, Write } from "../../types.ts";

/** What an action may know beside its subject. */
export interface ActionContext {
  inventory: Inventory;
  settings: EnforcementConfig;
  want: Pick<Want, "policy" | "budget">;
  /** Id of the step that the proposal becomes; names and labels what is wholly ours. */
  stepId: string;
  /** Pods that may still go in this run: an action that can do a part of its work does that part. */
  mostPods: number;
}

export interface WorkloadSubject {
  workload: Workload;
  namespace: Namespace;
}

/** An opted-in namespace whose workloads are all meant by the want. */
export interface NamespaceSubject {
  namespace: Namespace;
  workloads: readonly Workload[];
  /** Bare pods: no workload's lever reaches them. */
  loosePods: readonly Pod[];
  /** Of the workloads: those that must not be touched (protected, exempt). */
  spared: readonly Workload[];
  /** Steps of this want and action that are active already. */
  held: number;
}

export interface PoolSubject {
  pool: NodePool;
}

export interface NodeSubject {
  node: ClusterNode;
  /** Of its pool, itself included. */
  siblings: readonly ClusterNode[];
  pool?: NodePool;
  /** No autoscaler answers with a new node that lacks the taint. */
  isGrowthCapped: boolean;
}

/** How the world would change. */
export interface Proposal {
  write: Write;
  /** How it is undone; with `reversible: false` why it cannot be. */
  reverse: string;
  reversible: boolean;
  /** Pods that go. */
  frees?: Freed;
  /** Pods that go and those that may not come. */
  pods: number;
  commands: readonly string[];
  remarks: readonly string[];
  /** Fewer pods than the action wants, because of `mostPods`: the rest follows in the next run. */
  isPart?: boolean;
  /** What it saves, where it is not told by the pods that go. */
  savesPerHour?: Decimal;
}

/**
 * - a proposal; - `not-mine`: another action's subject; - `done`: it is already as the action wants it, or less;
 * - `leftOut`: it would be the right action and must not be done, in one sentence.
 */
export type Verdict = { step: Proposal } | { leftOut: string; hint?: string } | "not-mine" | "done";

interface ActionAbout<About extends string, Subject> {
  name: ClusterAction;
  rung: Rung;
  about: About;
  /** Only what concerns the action itself; opt-in, protection, grace and caps are the plan's. */
  propose(subject: Subject, context: ActionContext): Verdict;
}

export type WorkloadAction = ActionAbout<"workload", WorkloadSubject>;
export type NamespaceAction = ActionAbout<"namespace", NamespaceSubject>;
export type PoolAction = ActionAbout<"pool", PoolSubject>;
export type NodeAction = ActionAbout<"node", NodeSubject>;
export type Action = WorkloadAction | NamespaceAction | PoolAction | NodeAction;
