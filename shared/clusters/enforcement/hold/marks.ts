import * as z from "zod";
import { ZERO } from "../../../core/decimal.ts";
import { canonicalJson, type Json } from "../../../core/json.ts";
import type { KubeObject } from "../../connections/types.ts";
import { referenceTo } from "../actions/common/references.ts";
import { ABSENT } from "../fields.ts";
import { annotationPointer } from "../pointers.ts";
import { type ActionName, BILLING_ACTIONS, CLUSTER_ACTIONS, type FieldValue, type Hold, RUNGS } from "../types.ts";
import { activeLayers, isWanted, newHold, type Values } from "./hold.ts";

/** On an object that we changed: the step on top. On an object of ours: a label with its step. */
export const ENFORCEMENT = "genops.ai/enforcement";
/** What was, and what we set: enough to put the object back without the lake. */
export const ORIGINAL = "genops.ai/original";
/** Set and removed again only to move an object's version on (ADR 0015, rule 3). */
export const FENCE = "genops.ai/fence";

const ACTIONS = [...CLUSTER_ACTIONS, ...BILLING_ACTIONS] as const satisfies readonly ActionName[];
const JsonValue = z.custom<Json>((value) => value !== undefined && value !== null);

const MarkSchema = z.object({
  /** The intent whose write this is. */
  id: z.string(),
  uid: z.string(),
  policy: z.string(),
  action: z.enum(ACTIONS),
  rung: z.enum(RUNGS),
  environment: z.string(),
  until: z.string(),
  fields: z.record(z.string(), z.object({ was: JsonValue.exactOptional(), set: JsonValue.exactOptional() })),
});

/** What our annotations on an object tell. */
export interface Mark extends z.output<typeof MarkSchema> {
  step: string;
}

/** Our annotations on a live object; undefined when it has none that can be read. */
export function readMark(live: KubeObject): Mark | undefined {
  const step = live.metadata.annotations?.[ENFORCEMENT];
  const text = live.metadata.annotations?.[ORIGINAL];
  if (step === undefined || text === undefined) return undefined;
  try {
    const parsed = MarkSchema.safeParse(JSON.parse(text));
    return parsed.success ? { ...parsed.data, step } : undefined;
  } catch {
    return undefined;
  }
}

/** Has it any annotation of ours, also half of them? */
export function isMarked(live: KubeObject): boolean {
  return [ENFORCEMENT, ORIGINAL, FENCE].some((name) => live.metadata.annotations?.[name] !== undefined);
}

/** What the mark says that we set; undefined when it does not name the field. */
export function markedValue(mark: Mark | undefined, pointer: string): FieldValue | undefined {
  const field = mark?.fields[pointer];
  return field === undefined ? undefined : optional(field.set);
}

function optional(value: Json | undefined): FieldValue {
  return value === undefined ? ABSENT : { value };
}

/** The annotations that go with a write of `values`, by pointer: the mark while a layer wants something, none after the last. */
export function markValues(hold: Hold, intentId: string, values: Values): Values {
  const top = activeLayers(hold).at(-1);
  const [step, original, fence] = [ENFORCEMENT, ORIGINAL, FENCE].map(annotationPointer) as [string, string, string];
  if (top === undefined) return { [step]: ABSENT, [original]: ABSENT, [fence]: ABSENT };
  const fields: Mark["fields"] = {};
  for (const pointer of Object.keys(hold.originals)) {
    if (isWanted(hold, pointer))
      fields[pointer] = { ...named("was", hold.originals[pointer]), ...named("set", values[pointer]) };
  }
  const { policy, action, rung, environment, expiresAt: until } = top;
  const mark = { id: intentId, uid: hold.ref.uid, policy, action, rung, environment, until, fields };
  return { [step]: { value: top.step }, [original]: { value: canonicalJson(mark) }, [fence]: ABSENT };
}

function named<Key extends string>(key: Key, value: FieldValue | undefined): Partial<Record<Key, Json>> {
  return value === undefined || "absent" in value ? {} : ({ [key]: value.value } as Partial<Record<Key, Json>>);
}

/**
 * A hold made from an object's own annotations, for when the document knows nothing of it (rule 2). What layers there were below the top one is
 * not on the object, and not needed to put it back.
 */
export function adoptHold(cluster: string, live: KubeObject, now: string): Hold | undefined {
  const mark = readMark(live);
  if (mark === undefined || live.metadata.uid === undefined) return undefined;
  const ref = referenceTo(cluster, live);
  const values = (which: "was" | "set") =>
    Object.fromEntries(Object.entries(mark.fields).map(([pointer, field]) => [pointer, optional(field[which])]));
  const { step, policy, action, rung, environment, until: expiresAt } = mark;
  const common = { step, policy, action, rung, environment, expiresAt };
  const layer = { ...common, planHash: "", fields: values("set"), appliedAt: now, savesPerHour: ZERO };
  return {
    ...newHold(ref, "patch", now),
    originals: values("was"),
    written: values("set"),
    layers: [layer],
    state: "active",
  };
}
