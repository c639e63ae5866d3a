import { type Controller, isKind, keyOf, versionsOf } from "../world.ts";
import { CONTROLLER_MANAGER } from "./pods.ts";

const GROUP = "admissionregistration.k8s.io/v1";
const POLICY = "ValidatingAdmissionPolicy";

/** Says that a policy was looked at. The types of its expressions are not checked here. */
export const policyStatus: Controller = {
  name: "policy-status",
  concerns: (change) => (isKind(change, GROUP, POLICY) ? versionsOf(change).map(keyOf) : []),
  reconcile({ name }, world) {
    const kind = world.kind(GROUP, POLICY);
    const policy = kind && world.store.get(kind, "", name);
    if (policy === undefined) return;
    const observedGeneration = policy.metadata.generation ?? 1;
    world.write(
      CONTROLLER_MANAGER,
      policy,
      (draft) => {
        draft.status = { observedGeneration, typeChecking: {} };
      },
      "status",
    );
  },
};
