import type { Config } from "../config/types.ts";
import { GenOpsError } from "../core/errors.ts";
import type { BillingApis } from "../ports/billing-apis.ts";

/** Leads each billing API to its adapter; the adapter and its SDK are loaded when a source asks. */
export function openBillingApis(_config: Config): BillingApis {
  const unavailable = (source: { id: string }) =>
    Promise.reject(
      new GenOpsError("config", "this API is not available in this version", { place: { source: source.id } }),
    );
  return { costExplorer: unavailable, costQuery: unavailable, bigQuery: unavailable };
}
