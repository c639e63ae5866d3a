import type { KubeObject } from "../types.ts";
import { keyOf } from "../world.ts";
import { selfHealer } from "./git-replicas.ts";

const RECONCILE = "kustomize.toolkit.fluxcd.io/reconcile";

/** Flux's kustomize-controller: it applies on the server's side and takes what Git holds from whoever has it. */
export const flux = selfHealer("flux", isWatched, (object, spec, world) => {
  const { apiVersion, kind } = object;
  const { namespace, name } = keyOf(object);
  const metadata = { name, ...(namespace === "" ? {} : { namespace }) };
  world.apply("kustomize-controller", { apiVersion, kind, metadata, spec });
});

/** It looks away where an annotation or a label says so; what Argo CD has too is left to that. */
function isWatched({ metadata: { annotations = {}, labels = {} } }: KubeObject): boolean {
  const disabled = annotations[RECONCILE] === "disabled" || labels[RECONCILE] === "disabled";
  return (labels["kustomize.toolkit.fluxcd.io/name"] ?? "") !== "" && !disabled;
}
