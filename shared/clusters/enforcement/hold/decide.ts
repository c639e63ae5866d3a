import type { KubeObject } from "../../connections/types.ts";
import { subjectOf } from "../actions/common/references.ts";
import type { Hold } from "../types.ts";
import { announce, directionOf } from "./announce.ts";
import { hasLanded } from "./compare.ts";
import { activeLayers, popUnwritten, withoutIntent } from "./hold.ts";
import { isStopped, judgeFields } from "./judge-fields.ts";
import { checkPause } from "./settle-hold.ts";
import type { Look, Verdict, Work } from "./verdict.ts";

/**
 * What follows from a hold and what was seen of its object. Pure, and the only place where it is decided what is written: apply, restore and
 * recovery differ only in the layers that they add and remove before. Deciding again on the same gives the same.
 */
export function decide(hold: Hold, look: Look): Verdict {
  const { live } = look;
  if (live === undefined || live.metadata.uid !== hold.ref.uid) return gone(hold);
  const work = begin(hold, live, look);
  takeEvent(work);
  const values = judgeFields(work);
  if (isStopped(work)) return leaveAlone(work);
  const again = checkPause(work);
  return again === "changed" ? announce(work, judgeFields(work)) : announce(work, values);
}

function gone(hold: Hold): Verdict {
  const ended = hold.layers.map((layer) => ({ layer, kind: "gone" as const, outcome: "gone" }));
  return { hold: undefined, ended, notices: [] };
}

function begin(hold: Hold, live: KubeObject, look: Look): Work {
  const { intent } = hold;
  const common = { live, look, mayWrite: true, ended: [], notices: [] };
  if (intent === undefined) return { ...common, hold, outstanding: undefined, fresh: true };
  if (hasLanded(hold, intent, live)) {
    const landed = { ...withoutIntent(hold), written: { ...hold.written, ...intent.values }, changedAt: look.now };
    return { ...common, hold: landed, outstanding: undefined, fresh: true };
  }
  if (live.metadata.resourceVersion !== intent.resourceVersion) {
    return { ...common, hold: withoutIntent(hold), outstanding: undefined, fresh: false };
  }
  return { ...common, hold, outstanding: intent, fresh: false };
}

/** The server said no, or it was not sent: what was to be added is taken back; what was to be given back stays wanted. */
function takeEvent(work: Work): void {
  const { event, now } = work.look;
  const { outstanding } = work;
  work.outstanding = event === undefined ? outstanding : undefined;
  if (event === undefined) return;
  work.mayWrite = false;
  const direction = outstanding?.direction ?? directionOf(work.hold);
  const { detail: _, ...bare } = withoutIntent(work.hold);
  const { hold, popped } = direction === "apply" ? popUnwritten(bare) : { hold: bare, popped: [] };
  work.hold = hold;
  const kind = "refused" in event ? ("failed" as const) : ("not-sent" as const);
  const words = "refused" in event ? event.refused : event.notSent;
  for (const layer of popped) work.ended.push({ layer, kind, outcome: kind === "failed" ? `failed: ${words}` : words });
  if (popped.length > 0 || kind === "not-sent") return;
  work.hold = { ...hold, state: "failed", detail: words, changedAt: now };
  const subject = subjectOf(hold.ref);
  work.notices.push({
    kind: "failed",
    subject,
    text: `${subject}: ${words}`,
    steps: hold.layers.map(({ step }) => step),
  });
}

function leaveAlone(work: Work): Verdict {
  const { hold } = work;
  for (const layer of hold.layers.filter(({ leaving }) => leaving !== undefined)) {
    work.ended.push({ layer, kind: "kept", outcome: hold.detail ?? hold.state });
  }
  return { hold: { ...withoutIntent(hold), layers: activeLayers(hold) }, ended: work.ended, notices: work.notices };
}
