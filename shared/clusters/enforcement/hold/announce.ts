import type { KubeObject } from "../../connections/types.ts";
import { ABSENT, sameValue } from "../fields.ts";
import { annotationPointer } from "../pointers.ts";
import type { Hold, Intent } from "../types.ts";
import { compare } from "./compare.ts";
import { activeLayers, type Values, withoutIntent } from "./hold.ts";
import { FENCE, isMarked, markValues } from "./marks.ts";
import { closeHold } from "./settle-hold.ts";
import type { Send, Verdict, Work } from "./verdict.ts";

/**
 * A scale write cannot be fenced (there is nothing harmless to write), so one that is not wanted any more and might still arrive is waited for:
 * until the object's version has moved, or until no function lives that could be sending it.
 */
const SCALE_WAIT_MS = 30 * 60_000;

/** The last part of a decision: what is written, under which intent, or that there is nothing to write. */
export function announce(work: Work, values: Values): Verdict {
  const { hold, live, outstanding } = work;
  const { toWrite, reverted } = compare(hold, live, values);
  const active = activeLayers(hold).length > 0;
  const marks = hold.via === "patch" && (active ? live.metadata.annotations?.[FENCE] !== undefined : isMarked(live));
  if (toWrite.length === 0 && reverted.length === 0 && !marks) {
    return outstanding === undefined ? closeHold(work, values) : fence(work, outstanding, values);
  }
  if (!work.mayWrite) return verdictOf(work, { ...hold, state: hold.state === "failed" ? "failed" : "pending" });
  const isSameAgain = outstanding !== undefined && isSame(outstanding, values, directionOf(hold));
  if (outstanding !== undefined && hold.via === "scale" && !isSameAgain) return waitForScale(work, values);
  // Also what is written again is announced anew: who announced it before sees that somebody else has gone on with it.
  const intent = newIntent(work, values);
  const announced: Hold = { ...hold, intent, state: "pending", changedAt: work.look.now };
  return { ...verdictOf(work, announced), send: sendOf(announced, intent, live, outstanding === undefined) };
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

function sendOf(hold: Hold, intent: Intent, live: KubeObject, isFirst: boolean): Send {
  const { resourceVersion, values } = intent;
  if (hold.via === "patch") {
    return {
      kind: "patch",
      values: { ...values, ...markValues(hold, intent.id, values) },
      live,
      resourceVersion,
      isFirst,
    };
  }
  const replicas = values["/spec/replicas"];
  return {
    kind: "scale",
    replicas: replicas !== undefined && "value" in replicas ? Number(replicas.value) : 1,
    live,
    resourceVersion,
    isFirst,
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
    send: { kind: "patch", values: mark, live, resourceVersion: intent.resourceVersion, isFirst: false },
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
  return announce(work, values);
}

/** A restore that is refused stays wanted; what an apply would add is taken back. */
export function directionOf(hold: Hold): Intent["direction"] {
  return activeLayers(hold).length < hold.layers.length ? "restore" : "apply";
}
