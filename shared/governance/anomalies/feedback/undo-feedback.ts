import { GenOpsError } from "../../../core/errors.ts";
import type { Finding } from "../../../core/finding.ts";
import { shortKey } from "../../findings/find-key.ts";
import type { FindingDeps } from "../../findings/finding-store.ts";
import { changeFeedback, listFeedback } from "./feedback-store.ts";
import { releaseFinding } from "./release-finding.ts";
import type { Feedback } from "./types.ts";

export interface FeedbackUndone {
  feedback: Feedback;
  /** Still closed, but by nobody: the next evaluation opens it again if it is true. Undefined if it no longer exists. */
  finding?: Finding;
}

/**
 * Takes back what was said: by the finding's key, its digits, or the id of the feedback. The series is judged as before from the next
 * evaluation on. Safe to repeat after a crash.
 */
export async function undoFeedback(
  deps: FindingDeps,
  { which, actor }: { which: string; actor: string },
): Promise<FeedbackUndone> {
  const { target, meant } = await findFeedback(deps, which);
  if (target === undefined) return finished(deps, which, meant);
  const undone = { by: actor, at: deps.clock.now().toISOString() };
  const entries = await changeFeedback(deps.store, target.finding, (before) => {
    if (before.find(({ id }) => id === target.id)?.undone !== undefined) throw notInForce(which);
    return before.map((one) => (one.id === target.id ? { ...one, undone } : one));
  });
  const feedback = entries.find(({ id }) => id === target.id) ?? target;
  const finding = await releaseFinding(deps, { ...feedback, undone });
  return { feedback, ...(finding === undefined ? {} : { finding }) };
}

/** Taken back already, but the finding is still closed by it: a crash came in between. */
async function finished(deps: FindingDeps, which: string, [last]: readonly Feedback[]): Promise<FeedbackUndone> {
  const said = await listFeedback(deps.store);
  const isAnswered = said.some(({ finding, undone }) => finding === last?.finding && undone === undefined);
  if (last?.undone === undefined || isAnswered) throw notInForce(which);
  const finding = await releaseFinding(deps, { ...last, undone: last.undone }, { onlyIfClosed: true });
  if (finding === undefined) throw notInForce(which);
  return { feedback: last, finding };
}

async function findFeedback(
  deps: FindingDeps,
  which: string,
): Promise<{ target: Feedback | undefined; meant: readonly Feedback[] }> {
  const meant = (await listFeedback(deps.store)).filter(
    ({ id, finding }) => id === which || finding === which || shortKey(finding) === which,
  );
  if (meant.length === 0) {
    throw new GenOpsError("usage", `there is no feedback "${which}"; see genops anomalies feedback list`);
  }
  return { target: meant.find(({ undone }) => undone === undefined), meant };
}

function notInForce(which: string): GenOpsError {
  return new GenOpsError("usage", `the feedback "${which}" is no longer in force`);
}
