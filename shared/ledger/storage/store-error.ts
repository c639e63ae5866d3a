import { GenOpsError, messageOf } from "../../core/errors.ts";

/** What a store's error means to the ledger, whatever the store calls it. */
export type StoreFault =
  /** The identity in use may not do this. */
  | "denied"
  /** There is no identity to use, or the one there is has expired or is not known. */
  | "no-credentials"
  /** The bucket or container does not exist. */
  | "no-store"
  /** Somebody else replaced or removed the object while it was read. */
  | "changed"
  /** Network, throttling, an error inside the store: the same call may succeed later. */
  | "passing"
  /** The store refuses the request itself. */
  | "wrong";

/** What was tried, for the sentence that people read. */
export interface StoreAction {
  /** `s3://bucket` */
  store: string;
  /** `read heads/aws/2024-09.json` */
  doing: string;
  /** `s3:GetObject` */
  right: string;
  /** How credentials get there. */
  identity: string;
}

/** The one vocabulary for errors of all stores. */
function storeError(fault: StoreFault, action: StoreAction, cause: unknown): GenOpsError {
  const { store, doing, right, identity } = action;
  const tried = `${store}: cannot ${doing}`;
  switch (fault) {
    case "denied":
      return new GenOpsError("config", `${tried}: access denied; the identity in use needs ${right}`, { cause });
    case "no-credentials":
      return new GenOpsError(
        "config",
        `${tried}: no credentials that are accepted (${messageOf(cause)}); ${identity}`,
        {
          cause,
        },
      );
    case "no-store":
      return new GenOpsError("config", `${store} does not exist, or the identity in use cannot see it`, { cause });
    case "changed":
      return new GenOpsError("unavailable", `${tried}: it was replaced or removed meanwhile; try again`, { cause });
    case "passing":
      return new GenOpsError("unavailable", `${tried}: ${messageOf(cause)}; the same call may succeed later`, {
        cause,
      });
    case "wrong":
      return new GenOpsError("internal", `${tried}: ${messageOf(cause)}`, { cause });
  }
}

/** Runs a request; whatever it throws becomes an error of ours. */
export async function reported<T>(
  faultOf: (error: unknown) => StoreFault,
  action: StoreAction,
  request: () => Promise<T>,
): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw error instanceof GenOpsError ? error : storeError(faultOf(error), action, error);
  }
}

const NETWORK_CODES: ReadonlySet<string> = new Set([
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ESOCKETTIMEDOUT",
  "ETIMEDOUT",
]);

/** A connection that did not come about, broke or stalled, as Node's own modules report it. */
export function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return NETWORK_CODES.has(code) || error.name === "TimeoutError" || /socket hang up|aborted/i.test(error.message);
}

/** Throttling and errors inside the store. */
export function isPassingStatus(status: number | undefined): boolean {
  return status !== undefined && (status === 408 || status === 429 || status >= 500);
}
