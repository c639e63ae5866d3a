import { parse } from "yaml";
import type { KubeObject } from "../connections/types.ts";
import { listAt, numberAt, textAt, textsAt } from "./fields.ts";

/** Where cluster-autoscaler says what it does, on EKS by hand, AKS and GKE alike. */
export const AUTOSCALER_STATUS = {
  apiVersion: "v1",
  kind: "ConfigMap",
  namespace: "kube-system",
  name: "cluster-autoscaler-status",
} as const;

/** One node group as the autoscaler names it. */
export interface NodeGroupSizes {
  name: string;
  minSize: number;
}

const LAST_UPDATED = "cluster-autoscaler.kubernetes.io/last-updated";
/** It writes every few seconds; a status this old was left behind by one that runs no more. */
const STALE_MS = 3_600_000;

/** Its node groups; none, and why, when the status is old. */
export function nodeGroupsOf(
  status: KubeObject | undefined,
  now: string,
): { groups: NodeGroupSizes[]; problem?: string } {
  if (status === undefined) return { groups: [] };
  const written = writtenAt(status);
  if (written !== undefined && Date.parse(now) - written > STALE_MS)
    return {
      groups: [],
      problem: `cluster-autoscaler last wrote its status at ${new Date(written).toISOString()}: it is taken not to run`,
    };
  const text = textsAt(status, "data")["status"] ?? "";
  return { groups: fromYaml(text) ?? fromWords(text) };
}

/** `2026-11-22 07:01:26.654 +0000 UTC` */
function writtenAt({ metadata: { annotations = {} } }: KubeObject): number | undefined {
  const text = annotations[LAST_UPDATED];
  const time = text === undefined ? Number.NaN : Date.parse(`${text.slice(0, 19).replace(" ", "T")}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** Since 1.30. */
function fromYaml(text: string): NodeGroupSizes[] | undefined {
  try {
    const groups = listAt(parse(text), "nodeGroups");
    if (groups.length === 0) return undefined;
    return groups.map((group) => ({
      name: textAt(group, "name") ?? "",
      minSize: numberAt(group, "health", "minSize") ?? 0,
    }));
  } catch {
    return undefined;
  }
}

/** Before: lines `Name: …` and `… (minSize=1, maxSize=10)`. */
function fromWords(text: string): NodeGroupSizes[] {
  const sections = text.split(/^\s*Name:\s*/m).slice(1);
  return sections.map((section) => ({
    name: /^\S*/.exec(section)?.[0] ?? "",
    minSize: Number(/minSize=(\d+)/.exec(section)?.[1] ?? 0),
  }));
}
