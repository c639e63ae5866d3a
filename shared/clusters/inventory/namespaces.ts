import type { KubeObject } from "../connections/types.ts";
import { textAt } from "./fields.ts";
import type { GovernanceReader } from "./governance.ts";
import { uidOf } from "./owner-chain.ts";
import { createNamespaceProtection, exemptionOf, isMarkedProtected, optInOf } from "./protection.ts";
import type { Namespace } from "./types.ts";

export function readNamespaces(
  objects: readonly KubeObject[],
  {
    protectedNamespaces,
    governance,
    problems,
  }: {
    protectedNamespaces: readonly string[];
    governance: GovernanceReader;
    problems: string[];
  },
): Namespace[] {
  const isProtected = createNamespaceProtection(protectedNamespaces);
  return objects.map((object) => {
    const { name, labels = {} } = object.metadata;
    const { exemptUntil, problem } = exemptionOf(object);
    if (problem !== undefined) problems.push(problem);
    return {
      name,
      uid: uidOf(object),
      labels,
      optIn: optInOf(object),
      governance: governance.of(name, labels),
      protected: isProtected(name) || isMarkedProtected(object),
      ...(exemptUntil === undefined ? {} : { exemptUntil }),
      terminating:
        object.metadata.deletionTimestamp !== undefined || textAt(object, "status", "phase") === "Terminating",
      object,
    };
  });
}
