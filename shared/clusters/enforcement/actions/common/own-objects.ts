import type { Json } from "../../../../core/json.ts";
import type { KubeObject } from "../../../connections/types.ts";
import { ENFORCEMENT } from "../../hold/marks.ts";
import type { Proposal, Verdict } from "./action.ts";
import { applyCommand } from "./kubectl.ts";

type Kind = Pick<KubeObject, "apiVersion" | "kind">;
type Place = { name: string; namespace?: string };

/** An object that is wholly ours; the label with its step is what lets us delete it again. */
export function ownObject({ apiVersion, kind }: Kind, place: Place, stepId: string, spec: Json): KubeObject {
  return { apiVersion, kind, metadata: { ...place, labels: { [ENFORCEMENT]: stepId } }, spec };
}

export function proposeObjects(
  cluster: string,
  objects: readonly KubeObject[],
  told: Pick<Proposal, "reverse" | "remarks">,
): Verdict {
  const commands = objects.map((object) => applyCommand(cluster, object));
  return { step: { write: { kind: "objects", objects }, reversible: true, pods: 0, commands, ...told } };
}
