import type { KubeObject } from "../connections/types.ts";
import { textsAt } from "./fields.ts";
import type { OptIn } from "./types.ts";

/** Namespaces that are never acted on (`reference/kubernetes.md` §3.4); a `*` at the end stands for anything. */
export const PROTECTED_NAMESPACES = [
  "kube-*",
  "gatekeeper-system",
  "argocd",
  "flux-system",
  "keda",
  "karpenter",
  "cert-manager",
  "istio-system",
  "genops-system",
] as const;

const ENFORCE = "genops.ai/enforce";
const PROTECTED = "genops.ai/protected";
const EXEMPT_UNTIL = "genops.ai/exempt-until";
const ALLOW = "genops.ai/allow";

/** Is the name on the built-in list or on the user's own? */
export function createNamespaceProtection(more: readonly string[]): (name: string) => boolean {
  const patterns = [...PROTECTED_NAMESPACES, ...more];
  return (name) =>
    patterns.some((pattern) => (pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
}

/** The strongest rung that the object's label allows. An unknown word allows nothing. */
export function optInOf(object: KubeObject): OptIn {
  const word = object.metadata.labels?.[ENFORCE];
  return word === "freeze" || word === "throttle" || word === "block" ? word : "none";
}

/** Marked `genops.ai/protected=true`, as a label or an annotation. */
export function isMarkedProtected(object: KubeObject): boolean {
  return mark(object, PROTECTED) === "true";
}

/** What runs the cluster itself. */
export function isSystemPriority(priorityClass: string | undefined): boolean {
  return priorityClass?.startsWith("system-") === true;
}

export interface Exemption {
  exemptUntil?: string;
  /** A date that cannot be read exempts for good, and says so. */
  problem?: string;
}

/** `genops.ai/exempt-until`: a day (its end, UTC) or an instant, as an instant. */
export function exemptionOf(object: KubeObject): Exemption {
  const text = mark(object, EXEMPT_UNTIL);
  if (text === undefined) return {};
  const instant = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T23:59:59.999Z` : text;
  const time = Date.parse(instant);
  if (!Number.isNaN(time)) return { exemptUntil: new Date(time).toISOString() };
  const { namespace, name } = object.metadata;
  const subject = `${object.kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
  return {
    exemptUntil: "9999-12-31T23:59:59.999Z",
    problem: `${subject}: ${EXEMPT_UNTIL} "${text.slice(0, 40)}" is no date; it is exempt until that is put right`,
  };
}

/** Opt-ins for riskier kinds, in lower case. */
export function allowsOf(object: KubeObject): string[] {
  const words = (mark(object, ALLOW) ?? "").toLowerCase().split(/[\s,]+/);
  return words.filter((word) => word !== "");
}

function mark(object: KubeObject, key: string): string | undefined {
  return textsAt(object.metadata, "annotations")[key] ?? textsAt(object.metadata, "labels")[key];
}
