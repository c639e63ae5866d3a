import { subjectOf } from "../hold/hold.ts";
import type { ClusterHolds, Hold, Step } from "../types.ts";
import type { Advance } from "./plan-records.ts";
import type { PlanRecord } from "./types.ts";

/** Longer than any function may run: whoever carries a plan out is no more. */
const DEAD_AFTER_MS = 20 * 60_000;
const SHOWN = 3;

/**
 * What has become of a plan that has begun, as the holds of its cluster tell it: contested, restored, or left by whoever carried it out.
 * Undefined: nothing new.
 */
export function advanceByHolds(record: PlanRecord, holds: ClusterHolds | undefined, now: Date): Advance | undefined {
  const steps = record.plan.steps.filter(({ write }) => write.kind !== "evict" && write.kind !== "delete");
  if (holds === undefined || steps.length === 0) return undefined;
  const ids = new Set(steps.map(({ id }) => id));
  // Layers on their way out count: what is not given back yet is held.
  const mine = Object.values(holds.holds).filter(({ layers }) => layers.some(({ step }) => ids.has(step)));
  const held = heldSteps(mine, holds, ids);
  if (record.state === "applying") return afterDeath(record, held, now);
  if (record.state !== "applied" && record.state !== "contested" && record.state !== "failed") return undefined;
  if (held.size === 0) return (record.progress?.done ?? 0) > 0 ? restoredBy(steps, holds) : undefined;
  const contested = mine.filter(({ state }) => state === "contested");
  return record.state === "applied" && contested.length > 0
    ? { state: "contested", detail: some(contested.map(contestText)) }
    : undefined;
}

function heldSteps(mine: readonly Hold[], { own }: ClusterHolds, ids: ReadonlySet<string>): Set<string> {
  const layers = mine.flatMap((hold) => hold.layers.map(({ step }) => step));
  return new Set([...layers, ...Object.keys(own)].filter((step) => ids.has(step)));
}

/** The run that followed has completed or undone what was written; the plan's own record only has to say so. */
function afterDeath({ plan, updatedAt }: PlanRecord, held: ReadonlySet<string>, now: Date): Advance | undefined {
  if (now.getTime() - Date.parse(updatedAt) < DEAD_AFTER_MS) return undefined;
  const progress = { done: held.size, of: plan.steps.length };
  const detail = "the run that carried it out ended early";
  return { state: held.size > 0 ? "applied" : "failed", progress, detail };
}

/** How each step ended, where that was not by putting back what was. */
function restoredBy(steps: readonly Step[], { closed }: ClusterHolds): Advance {
  const otherwise = steps.flatMap(({ id, subject }) => {
    const end = closed.find(({ step }) => step === id)?.outcome;
    return end === undefined || end === "restored" ? [] : [`${subject}: ${end}`];
  });
  return otherwise.length === 0 ? { state: "restored" } : { state: "restored", detail: `but for ${some(otherwise)}` };
}

function contestText({ ref, detail }: Hold): string {
  return `${subjectOf(ref)}${detail === undefined ? "" : `, ${detail}`}`;
}

function some(texts: readonly string[]): string {
  const more = texts.length > SHOWN ? ` and ${texts.length - SHOWN} more` : "";
  return `${texts.slice(0, SHOWN).join("; ")}${more}`;
}
