import type { Json } from "../../../../core/json.ts";
import type { KubeObject, ObjectName } from "../../../connections/types.ts";

/** One line that a person can paste into a POSIX shell. Contexts are named like the clusters in the configuration. */
export function kubectl(cluster: string, ...words: readonly string[]): string {
  return ["kubectl", "--context", cluster, ...words].map(quote).join(" ");
}

export function patchCommand(cluster: string, target: ObjectName, patch: Readonly<Record<string, Json>>): string {
  const words = ["patch", typeAndName(target), "--type=merge", "-p", JSON.stringify(patch)];
  return kubectl(cluster, ...inNamespace(target), ...words);
}

/** Refused by kubectl when somebody scaled meanwhile. */
export function scaleCommand(cluster: string, target: ObjectName, from: number, to: number): string {
  const words = ["scale", typeAndName(target), `--current-replicas=${from}`, `--replicas=${to}`];
  return kubectl(cluster, ...inNamespace(target), ...words);
}

/** Makes an object that is ours. */
export function applyCommand(cluster: string, object: KubeObject): string {
  const words = ["apply", "--server-side", "--field-manager=genops-enforcer", "-f", "-"];
  return `printf %s ${quote(JSON.stringify(object))} | ${kubectl(cluster, ...words)}`;
}

export function inNamespace({ namespace }: ObjectName): string[] {
  return namespace === undefined ? [] : ["--namespace", namespace];
}

/** `deployment.apps/trainer`: without the group, two kinds may bear one name. */
export function typeAndName({ apiVersion, kind, name }: ObjectName): string {
  const group = apiVersion.includes("/") ? `.${apiVersion.slice(0, apiVersion.indexOf("/"))}` : "";
  return `${kind.toLowerCase()}${group}/${name}`;
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
