import type { PlanApi } from "../../shared/interfaces/api/deps.ts";

/** No plans, and nobody who could decide about one. */
export function noPlans(): PlanApi {
  return {
    list: async () => [],
    read: async () => undefined,
    signIn: async () => ({ ok: false, why: "there is no issuer" }),
    decide: async () => ({ counted: false, why: "there is no such plan any more" }),
  };
}
