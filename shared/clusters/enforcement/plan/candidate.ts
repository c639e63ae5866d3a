import { createHash } from "node:crypto";
import { canonicalJson } from "../../../core/json.ts";
import type { Namespace, Workload } from "../../inventory/types.ts";
import type { Action, Proposal } from "../actions/common/action.ts";
import { subjectOf } from "../actions/common/references.ts";
import type { ClusterAction, ClusterHolds, LeftOut, Rung, Want } from "../types.ts";
import { heldOf } from "./held.ts";

/** A step that could be taken: not yet chosen, not yet priced. */
export interface Candidate {
  id: string;
  action: ClusterAction;
  rung: Rung;
  want: Want;
  subject: string;
  namespace?: string;
  environment: string;
  proposal: Proposal;
  /** What is changed, and the workload that it is about: neither is touched twice in a plan. */
  touches: readonly string[];
}

/** What a search for steps gives: candidates in order, and what was left aside. */
export interface Found {
  candidates: Candidate[];
  leftOut: LeftOut[];
}

/** A workload of the scope that may be touched. */
export interface Eligible {
  workload: Workload;
  namespace: Namespace;
  /** The strongest rung that its namespace allows. */
  most: Rung | "none";
}

interface Identity {
  clusterUid: string;
  uid: string;
  want: Pick<Want, "policy" | "period">;
  action: ClusterAction;
  /** How many steps of this want and action the object holds already: later parts are layers of their own. */
  held: number;
}

/** The same wish gives the same id. Fit for a label. */
export function stepId({ clusterUid, uid, want, action, held }: Identity): string {
  const { policy, period } = want;
  const identity = [clusterUid, uid, policy, [period.start, period.end], action, ...(held === 0 ? [] : [held])];
  return createHash("sha256").update(canonicalJson(identity)).digest("hex").slice(0, 24);
}

interface About {
  clusterUid: string;
  holds: ClusterHolds | undefined;
  want: Want;
  environment: string;
  /** Beside what is written to. */
  touches: readonly string[];
}

/** A change of fields as a candidate, or why what is held of its object stands in the way. */
export function fieldsCandidate(
  { name, rung }: Pick<Action, "name" | "rung">,
  proposal: Proposal,
  { clusterUid, holds, want, environment, touches }: About,
): { candidate: Candidate } | { leftOut: string } {
  const { write } = proposal;
  if (write.kind !== "fields") return { leftOut: `${name} changes no fields` };
  const { uid, namespace } = write.target;
  const held = heldOf(holds, uid, write.fields, want, name);
  if ("leftOut" in held) return held;
  const candidate: Candidate = {
    id: stepId({ clusterUid, uid, want, action: name, held: held.layers }),
    action: name,
    rung,
    want,
    subject: subjectOf(write.target),
    ...(namespace === undefined ? {} : { namespace }),
    environment,
    proposal,
    touches: [...new Set([uid, ...touches])],
  };
  return { candidate };
}
