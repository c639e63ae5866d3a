import { FIELD_MANAGER } from "../../connections/kube-client.ts";
import { isTree } from "../../connections/objects.ts";
import type { KubeObject, ManagedFields } from "../../connections/types.ts";
import { parsePointer } from "../pointers.ts";

/** Who set a field last, as the server noted it. */
export interface FieldOwner {
  manager: string;
  /** Instant, to the second; absent where the server says none. */
  at?: string;
  kind: "us" | "controller" | "person";
}

/** Names of managers that set fields by themselves: Git tools, autoscalers, operators. Anything else counts as a person, who is not contradicted. */
const CONTROLLERS =
  /^(argocd|kustomize-controller|helm|flux|fleet|kapp|rancher-fleet|keda|karpenter|kube-controller-manager|vpa|horizontal-pod-autoscaler)|(-controller|-operator|controller-manager|autoscaler)$/i;

/** The newest entry of managedFields that names the field, or everything around it; undefined when the server keeps no such record. */
export function ownerOf(live: KubeObject, pointer: string): FieldOwner | undefined {
  const path = fieldPath(pointer);
  const entries = (live.metadata.managedFields ?? []).filter(
    (entry) => entry.subresource !== "status" && owns(entry, path),
  );
  const last = entries.toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1)).at(-1);
  if (last === undefined) return undefined;
  const manager = last.manager ?? "unknown";
  const kind = manager === FIELD_MANAGER ? "us" : CONTROLLERS.test(manager) ? "controller" : "person";
  return { manager, kind, ...(last.time === undefined ? {} : { at: new Date(last.time).toISOString() }) };
}

function timeOf({ time = "" }: ManagedFields): string {
  return time;
}

/** Lists of taints are atomic for the server: their owner owns them all. */
function fieldPath(pointer: string): readonly string[] {
  return parsePointer(pointer).keys.map((key) => `f:${key}`);
}

function owns({ fieldsV1 }: ManagedFields, path: readonly string[]): boolean {
  let found: unknown = fieldsV1;
  for (const key of path) {
    if (!isTree(found)) return false;
    const inner: unknown = found[key];
    // An owner of the whole object above it, as of an atomic one, owns this field too.
    if (inner === undefined) return found !== fieldsV1 && Object.keys(found).length === 0;
    found = inner;
  }
  return true;
}

/** `kubectl at 2026-11-22T12:00:00.000Z`, or `somebody`. */
export function describeOwner(owner: FieldOwner | undefined): string {
  if (owner === undefined) return "somebody";
  return owner.at === undefined ? owner.manager : `${owner.manager} at ${owner.at}`;
}
