import type { KubeObject } from "../../connections/types.ts";
import { subjectOf } from "../actions/common/references.ts";
import { ABSENT, readField, sameValue } from "../fields.ts";
import { annotationPointer } from "../pointers.ts";
import type { Hold, HoldLayer, Intent } from "../types.ts";
import { compare, hasLanded } from "./compare.ts";
import { activeLayers, forgetFields, popUnwritten, type Values, withoutIntent } from "./hold.ts";
import { describeOwner, ownerOf } from "./managers.ts";
import { FENCE, isMarked, markValues } from "./marks.ts";
import { judgeReverts } from "./reverts.ts";
import { checkPause, closeHold, KEPT } from "./settle-hold.ts";
import type { Look, Send, Verdict, Work } from "./verdict.ts";
import { wanted } from "./wanted.ts";

/**
 * A scale write cannot be fenced (there is nothing harmless to write), so one that is not wanted any more and might still arrive is waited for:
 * until the object's version has moved, or until no function lives that could be sending it.
 */
export const SCALE_WAIT_MS = 30 * 60_000;

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
  return again === "changed" ? finish(work, judgeFields(work)) : finish(work, values);
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

function directionOf(hold: Hold): Intent["direction"] {
  return activeLayers(hold).length < hold.layers.length ? "restore" : "apply";
}

/** Compares until nothing is left that somebody else decides; what to write is then what differs. */
function judgeFields(work: Work): Values {
  const { live, look } = work;
  for (;;) {
    const values = wanted(work.hold, live, look.facts);
    const { reverted, takenBefore, kept } = compare(work.hold, live, values);
    if (takenBefore.length > 0) {
      cancel(work, takenBefore);
    } else if (kept.length > 0) {
      keep(work, kept);
    } else {
      if (reverted.length > 0 && !isStopped(work)) takeReverts(work, reverted);
      return values;
    }
  }
}

/** They stay as somebody else set them. It is noted with the layers that leave, so that it is still known when they end. */
function keep(work: Work, pointers: readonly string[]): void {
  const { hold, live } = work;
  const subject = subjectOf(hold.ref);
  const layers = hold.layers.map((layer) => {
    const pointer = pointers.find((each) => layer.fields[each] !== undefined);
    if (layer.leaving === undefined || pointer === undefined) return layer;
    const outcome = `${KEPT}${describeOwner(ownerOf(live, pointer))}`;
    work.notices.push({
      kind: "kept",
      subject,
      text: `${subject}: ${pointer} was ${outcome}: kept`,
      steps: [layer.step],
    });
    return { ...layer, leaving: outcome };
  });
  work.hold = forgetFields({ ...hold, layers }, pointers);
}

/** Somebody was faster: the layers that wanted these fields have never been in force. */
function cancel(work: Work, pointers: readonly string[]): void {
  const { hold, live } = work;
  const names = (layer: HoldLayer) => pointers.find((pointer) => layer.fields[pointer] !== undefined);
  for (const layer of hold.layers) {
    const pointer = names(layer);
    if (pointer === undefined) continue;
    const who = describeOwner(ownerOf(live, pointer));
    work.ended.push({
      layer,
      kind: "taken",
      outcome: `cancelled: ${pointer} was changed by ${who} since it was planned`,
    });
  }
  work.hold = forgetFields({ ...hold, layers: hold.layers.filter((layer) => names(layer) === undefined) }, pointers);
}

function takeReverts(work: Work, reverted: readonly string[]): void {
  if (isRestored(work, reverted)) {
    const layers = work.hold.layers.map((layer) => ({
      ...layer,
      leaving: layer.leaving ?? "restored from its annotations",
    }));
    work.hold = { ...work.hold, layers };
    return;
  }
  const verdict = judgeReverts(work.hold, work.live, reverted, work.look.now, work.fresh);
  work.hold = verdict.hold;
  if (verdict.notice !== undefined) work.notices.push(verdict.notice);
}

/** Everything is as it was, our mark is gone, and it was us: restored from the annotations, while the document was away. */
function isRestored({ hold, live }: Work, reverted: readonly string[]): boolean {
  if (hold.via !== "patch" || isMarked(live)) return false;
  const owners = reverted.map((pointer) => ownerOf(live, pointer)?.kind);
  const isOurs = owners.includes("us") && owners.every((owner) => owner === "us" || owner === undefined);
  return (
    isOurs &&
    Object.entries(hold.originals).every(([pointer, value]) => sameValue(readField(live, pointer), value, pointer))
  );
}

/** Overridden and contested objects are left alone for as long as anybody wants something of them. */
function isStopped({ hold }: Work): boolean {
  return (hold.state === "overridden" || hold.state === "contested") && activeLayers(hold).length > 0;
}

function leaveAlone(work: Work): Verdict {
  const { hold } = work;
  for (const layer of hold.layers.filter(({ leaving }) => leaving !== undefined)) {
    work.ended.push({ layer, kind: "kept", outcome: hold.detail ?? hold.state });
  }
  return { hold: { ...withoutIntent(hold), layers: activeLayers(hold) }, ended: work.ended, notices: work.notices };
}

function finish(work: Work, values: Values): Verdict {
  const { hold, live, outstanding } = work;
  const { toWrite, reverted } = compare(hold, live, values);
  const active = activeLayers(hold).length > 0;
  const marks = hold.via === "patch" && (active ? live.metadata.annotations?.[FENCE] !== undefined : isMarked(live));
  if (toWrite.length === 0 && reverted.length === 0 && !marks) {
    return outstanding === undefined ? closeHold(work, values) : fence(work, outstanding, values);
  }
  if (!work.mayWrite) return verdictOf(work, { ...hold, state: hold.state === "failed" ? "failed" : "pending" });
  if (outstanding !== undefined && isSame(outstanding, values, directionOf(hold))) {
    return { ...verdictOf(work, hold), send: sendOf(hold, outstanding, live) };
  }
  if (outstanding !== undefined && hold.via === "scale") return waitForScale(work, values);
  const intent = newIntent(work, values);
  const announced: Hold = { ...hold, intent, state: "pending", changedAt: work.look.now };
  return { ...verdictOf(work, announced), send: sendOf(announced, intent, live) };
}

function verdictOf(work: Work, hold: Hold | undefined): Verdict {
  return { hold, ended: work.ended, notices: work.notices };
}

function newIntent({ hold, live, look }: Work, values: Values): Intent {
  const resourceVersion = live.metadata.resourceVersion ?? "";
  return { id: look.id, direction: directionOf(hold), values, resourceVersion, at: look.now };
}

function isSame(intent: Intent, values: Values, direction: Intent["direction"]): boolean {
  const keys = Object.keys(values);
  return (
    intent.direction === direction &&
    keys.length === Object.keys(intent.values).length &&
    keys.every((key) => sameValue(values[key] ?? ABSENT, intent.values[key] ?? ABSENT, key))
  );
}

function sendOf(hold: Hold, intent: Intent, live: KubeObject): Send {
  const { resourceVersion, values } = intent;
  if (hold.via === "patch") {
    return { kind: "patch", values: { ...values, ...markValues(hold, intent.id, values) }, live, resourceVersion };
  }
  const replicas = values["/spec/replicas"];
  return {
    kind: "scale",
    replicas: replicas !== undefined && "value" in replicas ? Number(replicas.value) : 1,
    live,
    resourceVersion,
  };
}

/** Nothing is to be written, but an announced write may still arrive: the version is moved on, so that it cannot (ADR 0015, rule 3). */
function fence(work: Work, intent: Intent, values: Values): Verdict {
  const { hold, live } = work;
  if (hold.via === "scale") return waitForScale(work, values);
  if (!work.mayWrite) return verdictOf(work, hold);
  const mark = { [annotationPointer(FENCE)]: { value: intent.id } };
  return {
    ...verdictOf(work, hold),
    send: { kind: "patch", values: mark, live, resourceVersion: intent.resourceVersion },
  };
}

function waitForScale(work: Work, values: Values): Verdict {
  const { hold, look, outstanding } = work;
  if (outstanding !== undefined && Date.parse(look.now) - Date.parse(outstanding.at) < SCALE_WAIT_MS) {
    const detail = "a write whose answer was lost may still arrive";
    return { ...verdictOf(work, { ...hold, state: "pending", detail }), againMs: 60_000 };
  }
  work.hold = withoutIntent(hold);
  work.outstanding = undefined;
  return finish(work, values);
}
