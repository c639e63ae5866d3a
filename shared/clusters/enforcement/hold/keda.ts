import type { KubeObject } from "../../connections/types.ts";
import { listAt, textAt } from "../../inventory/fields.ts";
import { annotationPointer } from "../pointers.ts";
import type { Hold } from "../types.ts";
import { activeLayers, isWanted } from "./hold.ts";

/** These delete the HPA while they are set. */
const HOLDING = ["autoscaling.keda.sh/paused", "autoscaling.keda.sh/paused-replicas"].map(annotationPointer);
const PAUSING = [...HOLDING, annotationPointer("autoscaling.keda.sh/paused-scale-out")];

/** KEDA has so long to do what its annotations say. */
export const KEDA_MS = 5 * 60_000;

/** Do our layers ask KEDA to pause, and has it not said yet that it does (condition Paused)? Versions have raced here (`reference/kubernetes.md` §3.1). */
export function waitsForPause(hold: Hold, live: KubeObject): boolean {
  if (!isScaledObject(hold) || activeLayers(hold).length === 0) return false;
  if (!PAUSING.some((pointer) => isWanted(hold, pointer))) return false;
  return !listAt(live, "status", "conditions").some(
    (each) => textAt(each, "type") === "Paused" && textAt(each, "status") === "True",
  );
}

/** Was its HPA deleted for us, and has to come back after the restore? Not where people had paused it before us. */
export function losesAutoscaler(hold: Hold): boolean {
  if (!isScaledObject(hold)) return false;
  const originals = HOLDING.map((pointer) => hold.originals[pointer]);
  return (
    originals.some((value) => value !== undefined) &&
    originals.every((value) => value === undefined || "absent" in value)
  );
}

/** The name of the HPA that KEDA makes for a ScaledObject. */
export function autoscalerName(scaledObject: KubeObject): string {
  return textAt(scaledObject, "status", "hpaName") ?? `keda-hpa-${scaledObject.metadata.name}`;
}

function isScaledObject({ ref }: Hold): boolean {
  return ref.kind === "ScaledObject" && ref.apiVersion.startsWith("keda.sh/");
}
