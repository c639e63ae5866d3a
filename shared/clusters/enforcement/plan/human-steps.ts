import type { ClusterNode, NodePool } from "../../inventory/types.ts";
import type { ActionContext, Verdict } from "../actions/common/action.ts";
import { subjectOf } from "../actions/common/references.ts";
import { ACTIONS } from "../actions/registry.ts";
import type { LeftOut, Want } from "../types.ts";
import { type Candidate, type Found, fieldsCandidate, stepId } from "./candidate.ts";
import { namespaceRefusal, workloadRefusal } from "./eligibility.ts";
import type { HumanAction, PlanInput } from "./types.ts";
import type { World } from "./world.ts";

/** Rows 15–17, each only because a person named it. Protection holds for people too; opt-in is theirs. */
export function humanSteps(input: PlanInput, world: World): Found {
  const found: Found = { candidates: [], leftOut: [] };
  for (const asked of input.humanActions ?? []) {
    const tried = asked.action === "evict-pods" ? evict(input, world, asked) : onNode(input, world, asked);
    if ("candidate" in tried) found.candidates.push(tried.candidate);
    else found.leftOut.push(tried);
  }
  return found;
}

type Tried = { candidate: Candidate } | LeftOut;

function onNode(input: PlanInput, world: World, asked: Extract<HumanAction, { node: string }>): Tried {
  const text = `Node ${asked.node}`;
  const node = world.nodes.get(asked.node);
  if (node === undefined) return { subject: text, policy: asked.policy, reason: "there is no such node" };
  const want = personsWant(input, asked);
  const action = ACTIONS[asked.action];
  const pool = world.pools.find(({ name }) => name === node.pool);
  const verdict = action.propose(
    { node, siblings: siblingsOf(node, pool, world), ...(pool === undefined ? {} : { pool }), isGrowthCapped: true },
    contextOf(input, want),
  );
  if (typeof verdict === "string" || "leftOut" in verdict) return notDone(text, asked, verdict);
  const { inventory, holds } = input;
  const environment = pool?.governance.environment ?? "unallocated";
  const about = { clusterUid: inventory.clusterUid, holds, want, environment, touches: [] };
  const made = fieldsCandidate(action, verdict.step, about);
  return "candidate" in made ? made : notDone(text, asked, made);
}

function siblingsOf(node: ClusterNode, pool: NodePool | undefined, world: World): ClusterNode[] {
  const all = [...world.nodes.values()];
  return pool === undefined ? all : all.filter(({ ref, pool: name }) => name === node.pool || ref.uid === node.ref.uid);
}

function evict(input: PlanInput, world: World, asked: Extract<HumanAction, { action: "evict-pods" }>): Tried {
  const { kind, name, policy } = asked;
  const namespace = world.namespaces.find((each) => each.name === asked.namespace);
  const workload = world.workloadsOf(asked.namespace).find(({ ref }) => ref.kind === kind && ref.name === name);
  const subject = `${kind} ${asked.namespace}/${name}`;
  if (namespace === undefined || workload === undefined)
    return { subject, policy, reason: "there is no such workload" };
  const refused = namespaceRefusal({ ...namespace, optIn: "block" }, world) ?? workloadRefusal(workload, world);
  if (refused !== undefined) return { subject, policy, ...refused };
  const want = personsWant(input, asked);
  const action = ACTIONS["evict-pods"];
  const verdict = action.propose({ workload, namespace }, contextOf(input, want));
  if (typeof verdict === "string" || "leftOut" in verdict) return notDone(subject, asked, verdict);
  const { uid } = workload.ref;
  const { clusterUid } = input.inventory;
  return {
    candidate: {
      id: stepId({ clusterUid, uid, want, action: action.name, held: 0 }),
      action: action.name,
      rung: action.rung,
      want,
      subject: subjectOf(workload.ref),
      namespace: namespace.name,
      environment: workload.governance.environment,
      proposal: verdict.step,
      touches: [uid],
    },
  };
}

function contextOf({ inventory, settings }: PlanInput, want: Want): ActionContext {
  return { inventory, settings, want, stepId: "", mostPods: Number.POSITIVE_INFINITY };
}

/** Without a want of that name, the request is its own. Its period says nothing about today, so that the same request has the same id tomorrow. */
function personsWant({ wants, priced }: PlanInput, { policy, expiresAt }: HumanAction): Want {
  return (
    wants.find((want) => want.policy === policy) ?? {
      policy,
      action: "block",
      rung: "human",
      scopes: [],
      period: { start: expiresAt.slice(0, 10), end: expiresAt.slice(0, 10) },
      currency: priced.currency,
      expiresAt,
    }
  );
}

function notDone(subject: string, { policy }: HumanAction, verdict: Exclude<Verdict, { step: unknown }>): LeftOut {
  if (typeof verdict === "string") return { subject, policy, reason: "there is nothing to do: it is so already" };
  return { subject, policy, reason: verdict.leftOut, ...(verdict.hint === undefined ? {} : { hint: verdict.hint }) };
}
