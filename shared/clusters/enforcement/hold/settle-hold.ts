import { subjectOf } from "../actions/common/references.ts";
import type { Hold, HoldLayer } from "../types.ts";
import { activeLayers, forgetFields, isWanted, type Values } from "./hold.ts";
import { KEDA_MS, losesAutoscaler, waitsForPause } from "./keda.ts";
import type { Ended, Verdict, Work } from "./verdict.ts";

/** Look again so soon at what another controller has to confirm. */
const AGAIN_MS = 30_000;

/** A pause that KEDA has not confirmed in time is given up: its layers leave. */
export function checkPause(work: Work): "changed" | "same" {
  const { hold, live, look } = work;
  const late = Date.parse(look.now) - Date.parse(hold.changedAt) >= KEDA_MS;
  const seen = hold.intent === undefined && Object.keys(hold.written).length > 0 && hold.state === "pending";
  if (!seen || !late || !waitsForPause(hold, live)) return "same";
  const why = "failed: KEDA has not paused within 5 minutes (condition Paused)";
  work.hold = { ...hold, layers: hold.layers.map((layer) => ({ ...layer, leaving: layer.leaving ?? why })) };
  return "changed";
}

/** The end of a decision: the object is as it should be. */
export function closeHold(work: Work, values: Values): Verdict {
  const { hold, live, look } = work;
  if (activeLayers(hold).length === 0) return closeEmpty(work);
  const unnamed = Object.keys(hold.originals).filter((pointer) => !isWanted(hold, pointer));
  const written = Object.fromEntries(Object.entries(values).filter(([pointer]) => isWanted(hold, pointer)));
  endLeaving(work);
  const { detail: _, ...rest } = forgetFields({ ...hold, layers: activeLayers(hold) }, unnamed);
  const known: Hold = { ...rest, written };
  if (hold.state !== "active" && waitsForPause(known, live)) {
    const detail = "KEDA has not confirmed the pause yet (condition Paused)";
    return verdict(work, { ...known, state: "pending", detail }, AGAIN_MS);
  }
  const active: Hold = { ...known, state: "active", changedAt: hold.state === "active" ? hold.changedAt : look.now };
  return verdict(work, active);
}

/** Nobody wants anything of it any more, and everything that was ours is back. */
function closeEmpty(work: Work): Verdict {
  const { hold, look } = work;
  if (losesAutoscaler(hold) && look.facts.autoscalerIsBack === false) {
    if (Date.parse(look.now) - Date.parse(hold.changedAt) < KEDA_MS) {
      return verdict(
        work,
        { ...hold, state: "pending", detail: "KEDA has not made its autoscaler again yet" },
        AGAIN_MS,
      );
    }
    const text = `${subjectOf(hold.ref)}: restored, but KEDA has not made its autoscaler (HPA) again within 5 minutes`;
    work.notices.push({
      kind: "failed",
      subject: subjectOf(hold.ref),
      text,
      steps: hold.layers.map(({ step }) => step),
    });
  }
  endLeaving(work);
  return verdict(work, undefined);
}

/** How the outcome of a layer begins whose field somebody else has changed. */
export const KEPT = "changed by ";

function endLeaving(work: Work): void {
  for (const layer of work.hold.layers) if (layer.leaving !== undefined) work.ended.push(endOf(layer, layer.leaving));
}

function endOf(layer: HoldLayer, reason: string): Ended {
  if (reason.startsWith(KEPT)) return { layer, kind: "kept", outcome: reason };
  return reason.startsWith("failed: ")
    ? { layer, kind: "failed", outcome: reason }
    : { layer, kind: "restored", outcome: "restored" };
}

function verdict(work: Work, hold: Hold | undefined, againMs?: number): Verdict {
  return { hold, ended: work.ended, notices: work.notices, ...(againMs === undefined ? {} : { againMs }) };
}
