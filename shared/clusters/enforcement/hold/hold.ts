import type { ObjectRef } from "../../connections/types.ts";
import { ABSENT, sameValue } from "../fields.ts";
import type { FieldValue, Hold, HoldLayer } from "../types.ts";

export type Values = Readonly<Record<string, FieldValue>>;

/** Layers that still want something, the oldest first. */
export function activeLayers(hold: Pick<Hold, "layers">): readonly HoldLayer[] {
  return hold.layers.filter(({ leaving }) => leaving === undefined);
}

/** Does an active layer want something of this field? */
export function isWanted(hold: Pick<Hold, "layers">, pointer: string): boolean {
  return activeLayers(hold).some(({ fields }) => fields[pointer] !== undefined);
}

/** What every field that we know should have: what the last active layer says, else the original. The heart of ADR 0015. */
export function desired(hold: Pick<Hold, "originals" | "layers">): Values {
  const values: Record<string, FieldValue> = { ...hold.originals };
  for (const { fields } of activeLayers(hold)) Object.assign(values, fields);
  return values;
}

/** What we expect to find: what we wrote last, else what was there before. */
export function expected(hold: Hold, pointer: string): FieldValue {
  return hold.written[pointer] ?? hold.originals[pointer] ?? ABSENT;
}

export function newHold(ref: ObjectRef, via: Hold["via"], now: string): Hold {
  return { ref, via, originals: {}, layers: [], written: {}, state: "pending", reverts: [], changedAt: now };
}

/**
 * The hold with one layer more, on top. `from` gives the originals of fields that it did not know yet; of those that it knows they stay, for they
 * were recorded before our first write. A layer of the same step is replaced where it lies.
 */
export function addLayer(hold: Hold, layer: HoldLayer, from: Values, via: Hold["via"]): Hold {
  const originals: Record<string, FieldValue> = { ...hold.originals };
  for (const pointer of Object.keys(layer.fields)) originals[pointer] ??= from[pointer] ?? ABSENT;
  const layers = hold.layers.some(({ step }) => step === layer.step)
    ? hold.layers.map((each) => (each.step === layer.step ? layer : each))
    : [...hold.layers, layer];
  return { ...hold, via, originals, layers };
}

/** The hold with this step's layer on its way out. */
export function removeLayer(hold: Hold, step: string, reason: string): Hold {
  const layers = hold.layers.map((each) => (each.step === step ? { ...each, leaving: each.leaving ?? reason } : each));
  return { ...hold, layers };
}

/** Without the fields that no layer names any more, once they are as they were. */
export function forgetFields(hold: Hold, pointers: readonly string[]): Hold {
  const keep = (values: Values) =>
    Object.fromEntries(Object.entries(values).filter(([key]) => !pointers.includes(key)));
  return { ...hold, originals: keep(hold.originals), written: keep(hold.written) };
}

/** Without its announced write. */
export function withoutIntent(hold: Hold): Hold {
  const { intent: _, ...rest } = hold;
  return rest;
}

/**
 * Without the newest layers that never came into force: what they wanted was refused, or was not sent. What lies below them decides again.
 * The layers that were taken away come beside it.
 */
export function popUnwritten(hold: Hold): { hold: Hold; popped: readonly HoldLayer[] } {
  const popped: HoldLayer[] = [];
  let rest = hold;
  for (const layer of activeLayers(hold).toReversed()) {
    if (isInForce(rest)) break;
    popped.push(layer);
    rest = { ...rest, layers: rest.layers.filter((each) => each !== layer) };
  }
  return { hold: rest, popped };
}

function isInForce(hold: Hold): boolean {
  const values = desired(hold);
  return Object.keys(values).every((key) => sameValue(values[key] ?? ABSENT, expected(hold, key), key));
}

export { subjectOf } from "../actions/common/references.ts";
