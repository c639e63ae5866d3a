import type { ClusterNode, Namespace, NodePool } from "../../inventory/types.ts";
import type { ActionContext, NamespaceAction, NamespaceSubject } from "../actions/common/action.ts";
import { ACTIONS } from "../actions/registry.ts";
import type { LeftOut, Rung, Want } from "../types.ts";
import { type Candidate, type Found, fieldsCandidate, stepId } from "./candidate.ts";
import { cappedRung, isAtMost, type Refusal } from "./eligibility.ts";
import { heldOwn } from "./held.ts";
import type { Meant, MeantNamespace } from "./meant.ts";
import type { PlanInput } from "./types.ts";
import type { World } from "./world.ts";

const NAMESPACE_ACTIONS = [ACTIONS["deny-growth"], ACTIONS["freeze-quota"], ACTIONS["deny-all"]] as const;

/** Steps on whole namespaces and node pools: what they make or change is about no single workload. */
export function wideSteps(
  input: PlanInput,
  world: World,
  want: Want,
  meant: Meant,
  rung: Rung,
  touched: ReadonlySet<string>,
): Found {
  const found: Found = { candidates: [], leftOut: [] };
  // With scale-only rights nothing but replicas can be changed; that is said once, for the cluster.
  if (input.rights === "scale-only") {
    const reason = "the rights here are scale-only: growth of namespaces and node pools cannot be stopped";
    return {
      candidates: [],
      leftOut: [{ subject: `cluster ${input.inventory.cluster}`, policy: want.policy, reason }],
    };
  }
  for (const place of meant.namespaces) {
    for (const each of namespaceSteps(input, world, want, place, touched)) collect(found, each);
  }
  for (const pool of meant.pools) {
    const isOptedIn = cappedRung(rung, pool.optIn) !== "none";
    if (isOptedIn) for (const each of poolSteps(input, world, want, pool, touched)) collect(found, each);
    else if (pool.kind === "karpenter") collect(found, notOptedIn(pool, want));
  }
  return found;
}

function* namespaceSteps(
  input: PlanInput,
  world: World,
  want: Want,
  place: MeantNamespace,
  touched: ReadonlySet<string>,
): Generator<Tried> {
  for (const action of NAMESPACE_ACTIONS) {
    const isTaken = touched.has(ownPlace(place.namespace.uid, action)) || isHeldByOther(input, want, place, action);
    if (!isTaken && isAtMost(action.rung, place.most)) yield namespaceStep(input, world, want, place, action);
  }
}

function notOptedIn({ name }: NodePool, want: Want): Tried {
  return leftOut(`NodePool ${name}`, want, {
    reason: `node pool ${name} is not opted in`,
    hint: "label it genops.ai/enforce=freeze",
  });
}

/** What steps on the namespace are noted under. */
export function ownPlaces(uid: string): string[] {
  return NAMESPACE_ACTIONS.map((action) => ownPlace(uid, action));
}

function ownPlace(uid: string, { name }: NamespaceAction): string {
  return `${uid} ${name}`;
}

/** One quota or policy of a kind is enough: when the other want ends, the next run makes one for this. */
function isHeldByOther(
  { holds }: PlanInput,
  want: Want,
  { namespace }: MeantNamespace,
  { name }: NamespaceAction,
): boolean {
  return Object.values(holds?.own ?? {}).some(
    ({ action, subject, policy, state }) =>
      action === name && subject === textOf(namespace) && policy !== want.policy && state === "active",
  );
}

function textOf({ name }: Namespace): string {
  return `Namespace ${name}`;
}

type Tried = { candidate: Candidate } | { leftOut: LeftOut } | undefined;

function collect(found: Found, tried: Tried): void {
  if (tried === undefined) return;
  if ("candidate" in tried) found.candidates.push(tried.candidate);
  else found.leftOut.push(tried.leftOut);
}

function namespaceStep(
  { inventory, settings, holds }: PlanInput,
  world: World,
  want: Want,
  { namespace, workloads, spared, stranger }: MeantNamespace,
  action: NamespaceAction,
): Tried {
  const { clusterUid } = inventory;
  const idOf = (held: number) => stepId({ clusterUid, uid: namespace.uid, want, action: action.name, held });
  const { held, leftOut: standsInTheWay } = heldOwn(holds, idOf);
  const id = idOf(held);
  const context: ActionContext = { inventory, settings, want, stepId: id, mostPods: Number.POSITIVE_INFINITY };
  const loosePods = world.loosePodsOf(namespace.name);
  const subject: NamespaceSubject = { namespace, workloads, loosePods, spared, held };
  const verdict = action.propose(subject, context);
  if (typeof verdict === "string") return undefined;
  const text = textOf(namespace);
  if ("leftOut" in verdict) return leftOut(text, want, { ...verdict, reason: verdict.leftOut });
  if (standsInTheWay !== undefined) return leftOut(text, want, { reason: `${action.name}: ${standsInTheWay}` });
  if (stranger !== undefined) {
    const { kind, ref } = stranger;
    const reason = `what stops growth in the whole namespace would also hit ${kind} ${ref.name}, which the budget does not mean`;
    return leftOut(text, want, { reason });
  }
  return {
    candidate: {
      id,
      action: action.name,
      rung: action.rung,
      want,
      subject: text,
      namespace: namespace.name,
      environment: namespace.governance.environment,
      proposal: verdict.step,
      touches: [ownPlace(namespace.uid, action)],
    },
  };
}

function* poolSteps(
  input: PlanInput,
  world: World,
  want: Want,
  pool: NodePool,
  touched: ReadonlySet<string>,
): Generator<Tried> {
  const { inventory, settings, holds } = input;
  // A stronger want of the same plan has it: when that one ends, the next run plans this.
  if (touched.has(pool.object?.metadata.uid ?? "")) return;
  const context: ActionContext = { inventory, settings, want, stepId: "", mostPods: 0 };
  const about = {
    clusterUid: inventory.clusterUid,
    holds,
    want,
    environment: pool.governance.environment,
    touches: [],
  };
  const capped = ACTIONS["cap-node-pool"].propose({ pool }, context);
  if (typeof capped === "object") yield toTried(`NodePool ${pool.name}`, ACTIONS["cap-node-pool"], capped, about);
  const isGrowthCapped = pool.kind === "karpenter" ? capped === "done" : !pool.autoscaled;
  let siblings = pool.nodes
    .toSorted()
    .map((name) => world.nodes.get(name))
    .filter((node): node is ClusterNode => node !== undefined && !touched.has(node.ref.uid));
  for (const node of siblings) {
    const verdict = ACTIONS["taint-nodes"].propose({ node, siblings, pool, isGrowthCapped }, context);
    if (typeof verdict === "string") continue;
    const tried = toTried(`Node ${node.ref.name}`, ACTIONS["taint-nodes"], verdict, about);
    if (tried !== undefined && "candidate" in tried) siblings = siblings.filter((each) => each !== node);
    yield tried;
  }
}

type About = Parameters<typeof fieldsCandidate>[2];
type Told = Exclude<ReturnType<(typeof ACTIONS)["taint-nodes"]["propose"]>, string>;

function toTried(subject: string, action: Parameters<typeof fieldsCandidate>[0], verdict: Told, about: About): Tried {
  if ("leftOut" in verdict) return leftOut(subject, about.want, { ...verdict, reason: verdict.leftOut });
  const made = fieldsCandidate(action, verdict.step, about);
  return "candidate" in made ? made : leftOut(subject, about.want, { reason: made.leftOut });
}

function leftOut(subject: string, { policy }: Want, { reason, hint }: Refusal): Tried {
  return { leftOut: { subject, policy, reason, ...(hint === undefined ? {} : { hint }) } };
}
