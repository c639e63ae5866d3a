import type { SourceConfigOf } from "../../../config/types.ts";

/** A scope as Azure's clients take it: no slash at its ends; lower case, because the same scope in two spellings was counted twice elsewhere. */
export function scopePath(scope: string): string {
  return scope
    .trim()
    .replace(/^\/+|\/+$/g, "")
    .toLowerCase();
}

export interface ScopeIds {
  /** The subscription that everything belongs to, if the scope is (in) one. */
  subscription: string | undefined;
  billingAccount: string;
  billingAccountType: string;
}

/** What the scope says about accounts. The Query API names no billing account, so the configured one wins, and the scope's own id is the last resort. */
export function scopeIds({ scope, billingAccountId }: SourceConfigOf<"azure-cost-query">): ScopeIds {
  const path = scopePath(scope);
  const subscription = /^subscriptions\/([^/]+)/.exec(path)?.[1];
  const profile = /\/billingprofiles\/([^/]+)/.exec(path)?.[1];
  const account = /\/billingaccounts\/([^/]+)/.exec(path)?.[1];
  return {
    subscription,
    billingAccount: billingAccountId ?? profile ?? account ?? path.split("/").at(-1) ?? path,
    billingAccountType: billingAccountId === undefined && profile !== undefined ? "Billing Profile" : "Billing Account",
  };
}
