import { type Difference, type FieldSet, fromFieldsV1, toFieldsV1 } from "./field-set.ts";
import type { ManagedFields } from "./types.ts";

export interface Writer {
  manager: string;
  operation: "Apply" | "Update";
  apiVersion: string;
  subresource?: string;
}

export function isSameWriter(entry: ManagedFields, writer: Writer): boolean {
  return (
    entry.manager === writer.manager &&
    entry.operation === writer.operation &&
    (entry.subresource ?? "") === (writer.subresource ?? "") &&
    (writer.operation === "Apply" || entry.apiVersion === writer.apiVersion)
  );
}

/**
 * Ownership after a write, as structured-merge-diff has it: what changed belongs to the writer alone, what vanished to nobody.
 * `owned` is given for an apply: the whole set of what the applied document names.
 */
export function ownersAfter(
  entries: readonly ManagedFields[],
  { changed, removed }: Difference,
  writer: Writer,
  time: string,
  owned?: FieldSet,
): ManagedFields[] {
  const mine = entries.find((entry) => isSameWriter(entry, writer));
  const others = entries.flatMap((entry) => (entry === mine ? [] : without(entry, [changed, removed])));
  const before = fromFieldsV1(mine?.fieldsV1 ?? {});
  const after = owned ?? new Set([...before].filter((path) => !removed.has(path)).concat([...changed]));
  if (after.size === 0) return others;
  const unchanged = mine !== undefined && after.size === before.size && [...after].every((path) => before.has(path));
  const kept = unchanged && (owned !== undefined || changed.size === 0);
  if (kept) return entries.flatMap((entry) => (entry === mine ? [entry] : without(entry, [changed, removed])));
  const entry: ManagedFields = {
    manager: writer.manager,
    operation: writer.operation,
    apiVersion: writer.apiVersion,
    time,
    fieldsType: "FieldsV1",
    fieldsV1: toFieldsV1(after),
    ...(writer.subresource === undefined ? {} : { subresource: writer.subresource }),
  };
  return [...others, entry];
}

/** The entry without these paths; nothing when none is left. */
function without(entry: ManagedFields, sets: readonly FieldSet[]): ManagedFields[] {
  const paths = fromFieldsV1(entry.fieldsV1);
  const lost = sets.flatMap((set) => [...set].filter((path) => paths.has(path)));
  if (lost.length === 0) return [entry];
  const left = new Set(paths);
  for (const path of lost) left.delete(path);
  return left.size === 0 ? [] : [{ ...entry, fieldsV1: toFieldsV1(left) }];
}
