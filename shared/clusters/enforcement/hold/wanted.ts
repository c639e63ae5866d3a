import type { KubeObject } from "../../connections/types.ts";
import { readField } from "../fields.ts";
import type { FieldValue, Hold } from "../types.ts";
import { desired, isWanted, type Values } from "./hold.ts";

const REPLICAS = "/spec/replicas";
const MIN = "/spec/minReplicas";
const MAX = "/spec/maxReplicas";

/** What a decision needs beside the object itself; read only where it matters. */
export interface Facts {
  /** The bounds of an autoscaler that aims at the workload now. */
  autoscaler?: { min: number; max: number };
  /** Of a ScaledObject: is its HPA there? */
  autoscalerIsBack?: boolean;
}

/**
 * What the object should have now. Originals that come back are fitted to what has changed around them: a replica count into its autoscaler's
 * bounds (at least 1 where it was, since an HPA never wakes a workload at 0), a minimum under the maximum of today.
 */
export function wanted(hold: Hold, live: KubeObject, facts: Facts): Values {
  const values: Record<string, FieldValue> = { ...desired(hold) };
  const replicas = numberOf(values[REPLICAS]);
  if (replicas !== undefined && !isWanted(hold, REPLICAS) && facts.autoscaler !== undefined && replicas > 0) {
    const { min, max } = facts.autoscaler;
    values[REPLICAS] = { value: Math.max(1, Math.min(max, Math.max(min, replicas))) };
  }
  const minimum = numberOf(values[MIN]);
  const maximum = maximumOf(hold, live, values);
  if (minimum !== undefined && !isWanted(hold, MIN) && maximum !== undefined && minimum > maximum) {
    values[MIN] = { value: maximum };
  }
  return values;
}

/** A maximum that we put back counts as it will be; one that somebody else set counts as it is. */
function maximumOf(hold: Hold, live: KubeObject, values: Values): number | undefined {
  const now = readField(live, MAX);
  const before = hold.written[MAX];
  const ours = before !== undefined && !("absent" in before) && !("absent" in now) && before.value === now.value;
  return ours ? numberOf(values[MAX]) : numberOf(now);
}

function numberOf(value: FieldValue | undefined): number | undefined {
  return value !== undefined && "value" in value && typeof value.value === "number" ? value.value : undefined;
}
