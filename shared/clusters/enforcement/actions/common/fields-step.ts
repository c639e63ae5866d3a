import type { Json } from "../../../../core/json.ts";
import type { KubeObject } from "../../../connections/types.ts";
import { mergePatchOf, readField, sameValue } from "../../fields.ts";
import type { FieldChange } from "../../types.ts";
import type { Proposal, Verdict } from "./action.ts";
import { patchCommand } from "./kubectl.ts";
import { referenceTo } from "./references.ts";

/** Pointer → what it should be. */
export type WantedFields = Readonly<Record<string, Json>>;

type Told = Pick<Proposal, "reverse" | "pods"> & Partial<Pick<Proposal, "frees" | "commands" | "remarks" | "isPart">>;

/** A reversible step that changes these fields of somebody else's object; `done` when they are so already. */
export function proposeFields(cluster: string, object: KubeObject, wanted: WantedFields, told: Told): Verdict {
  const fields = fieldChanges(object, wanted);
  if (fields.every(({ from, to, pointer }) => sameValue(from, to, pointer))) return "done";
  const target = referenceTo(cluster, object);
  const values = Object.fromEntries(fields.map(({ pointer, to }) => [pointer, to]));
  return {
    step: {
      write: { kind: "fields", target, fields, via: "patch" },
      reversible: true,
      commands: [patchCommand(cluster, target, mergePatchOf(values, object))],
      remarks: [],
      ...told,
    },
  };
}

function fieldChanges(object: KubeObject, wanted: WantedFields): FieldChange[] {
  return Object.entries(wanted).map(([pointer, value]) => ({
    pointer,
    from: readField(object, pointer),
    to: { value },
  }));
}
