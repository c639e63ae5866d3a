import { GenOpsError } from "../../../core/errors.ts";
import type { Finding } from "../../../core/finding.ts";
import { shortKey } from "../../findings/find-key.ts";
import { changeStored, type FindingDeps } from "../../findings/finding-store.ts";
import { changed } from "../../findings/next-finding.ts";
import { changeFeedback, listFeedback } from "./feedback-store.ts";
import type { Feedback } from "./types.ts";
import { resolutionOf } from "./words.ts";

export interface FeedbackUndone {
  feedback: Feedback;
  /** Still closed, but by nobody: the next evaluation opens it again if it is true. Undefined if it no longer exists. */
  finding?: Finding;
}

/** Takes back what was said: by the finding's key, its digits, or the id of the feedback. The series is judged as before from the next evaluation on. */
export async function undoFeedback(
  deps: FindingDeps,
  { which, actor }: { which: string; actor: string },
): Promise<FeedbackUndone> {
  const target = await findFeedback(deps, which);
  const undone = { by: actor, at: deps.clock.now().toISOString() };
  const entries = await changeFeedback(deps.store, target.finding, (before) => {
    if (before.find(({ id }) => id === target.id)?.undone !== undefined) throw notInForce(which);
    return before.map((one) => (one.id === target.id ? { ...one, undone } : one));
  });
  const feedback = entries.find(({ id }) => id === target.id) ?? { ...target, undone };
  const finding = await release(deps, target, actor);
  return { feedback, ...(finding === undefined ? {} : { finding }) };
}

async function findFeedback(deps: FindingDeps, which: string): Promise<Feedback> {
  const meant = (await listFeedback(deps.store)).filter(
    ({ id, finding }) => id === which || finding === which || shortKey(finding) === which,
  );
  if (meant.length === 0) {
    throw new GenOpsError("usage", `there is no feedback "${which}"; see genops anomalies feedback list`);
  }
  const target = meant.find(({ undone }) => undone === undefined);
  if (target === undefined) throw notInForce(which);
  return target;
}

function notInForce(which: string): GenOpsError {
  return new GenOpsError("usage", `the feedback "${which}" is no longer in force`);
}

/** A finding that somebody has handled otherwise since stays theirs. */
async function release(deps: FindingDeps, said: Feedback, actor: string): Promise<Finding | undefined> {
  const { before, after } = await changeStored(deps, said.finding, (current) => {
    if (current?.state !== "resolved" || current.resolution !== resolutionOf(said)) return undefined;
    const { actor: _, ...rest } = current;
    const resolution = `${resolutionOf(said)}; taken back by ${actor}`;
    return changed(rest, { resolution }, ["genops.finding.updated"], deps.clock.now());
  });
  return after ?? before;
}
