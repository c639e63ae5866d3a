import type { ObjectRef } from "../../connections/types.ts";
import { decide } from "../hold/decide.ts";
import { activeLayers, addLayer, newHold, type Values } from "../hold/hold.ts";
import { adoptHold } from "../hold/marks.ts";
import type { ClusterHolds, Hold, HoldLayer, Plan, Step } from "../types.ts";
import { tryFields } from "./dry-run.ts";
import type { Seen } from "./look.ts";
import type { Run } from "./run.ts";

export type FieldStep = Step & { write: Extract<Step["write"], { kind: "fields" }> };

export function isFieldStep(step: Step): step is FieldStep {
  return step.write.kind === "fields";
}

/** One object, and the steps that want something of it, in the plan's order. */
export interface Target {
  ref: ObjectRef;
  steps: readonly FieldStep[];
}

export function fieldTargets(steps: readonly Step[]): readonly Target[] {
  const byUid = Map.groupBy(steps.filter(isFieldStep), (step) => step.write.target.uid);
  return [...byUid.values()].flatMap((group) =>
    group[0] === undefined ? [] : [{ ref: group[0].write.target, steps: group }],
  );
}

/** The document with these steps' layers. Steps that are in force already, and objects that are left alone, stay as they are. */
export function addSteps(
  document: ClusterHolds,
  plan: Pick<Plan, "hash">,
  targets: readonly Target[],
  seen: ReadonlyMap<string, Seen>,
  now: string,
): ClusterHolds {
  const holds: Record<string, Hold> = { ...document.holds };
  for (const target of targets) {
    const each = seen.get(target.ref.uid);
    if (each !== undefined) holds[target.ref.uid] = withSteps(document, plan, target, each, now);
  }
  return { ...document, holds };
}

function withSteps(
  document: ClusterHolds,
  { hash }: Pick<Plan, "hash">,
  { ref, steps }: Target,
  { live }: Seen,
  now: string,
): Hold {
  // An original is never read from an object that bears our mark: what it was is on it (rule 2).
  const adopted = live === undefined ? undefined : adoptHold(ref.cluster, live, now);
  const known = document.holds[ref.uid] ?? adopted ?? newHold(ref, "patch", now);
  return steps.reduce((hold, step) => {
    if (activeLayers(hold).some((layer) => layer.step === step.id)) return hold;
    return addLayer(hold, layerOf(step, hash, now), valuesOf(step, "from"), step.write.via);
  }, known);
}

function valuesOf({ write }: FieldStep, which: "from" | "to"): Values {
  return Object.fromEntries(write.fields.map((field) => [field.pointer, field[which]]));
}

function layerOf(step: FieldStep, planHash: string, now: string): HoldLayer {
  const { id, action, rung, policy, environment, expiresAt, savesPerHour } = step;
  const fields = valuesOf(step, "to");
  return { step: id, planHash, action, rung, policy, environment, fields, appliedAt: now, expiresAt, savesPerHour };
}

/** What the server, or what was seen, says against these steps; undefined: nothing. Stores nothing. */
export async function tryObject(
  run: Run,
  document: ClusterHolds,
  target: Target,
  seen: ReadonlyMap<string, Seen>,
): Promise<string | undefined> {
  const each = seen.get(target.ref.uid);
  if (each === undefined) return "the object cannot be read";
  const now = run.now();
  const hold = withSteps(document, { hash: "" }, target, each, now);
  const verdict = decide(hold, { live: each.live, facts: each.facts, now, id: run.deps.randomness.id() });
  const ids = target.steps.map(({ id }) => id);
  const ended = verdict.ended.find(({ layer }) => ids.includes(layer.step));
  if (ended !== undefined) return ended.outcome;
  if (verdict.hold?.state === "contested" || verdict.hold?.state === "overridden") return verdict.hold.detail;
  if (verdict.hold === undefined || verdict.send === undefined) return undefined;
  return tryFields(run, verdict.hold, verdict.send);
}
