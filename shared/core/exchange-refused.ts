import { GenOpsError, messageOf } from "./errors.ts";
import { httpStatusOf } from "./http-status.ts";
import { describeClaims, readClaims } from "./token-claims.ts";

export interface RefusedExchange {
  /** `gcp → aws` */
  direction: string;
  /** What the proof was to be exchanged for: a role, an application, a service account. */
  target: string;
  /** What the other cloud said; never holds the proof itself. */
  said: string;
  /** A JWT, to name what was presented; other proofs are described in words. */
  proof?: string | undefined;
  /** What a person has to change, and where. */
  fix: string;
  /** Of genops.yaml. */
  field: string;
  /** The other cloud was out of order, or its settings are not everywhere yet: the same call may succeed later. */
  retryable: boolean;
}

/**
 * A proof of identity was not accepted by another cloud: names direction, target, what was presented and what to fix. The SDKs' own errors
 * hold the whole request, with the proof in it, so they are no cause that a log could print.
 */
export function exchangeRefused(refusal: RefusedExchange): GenOpsError {
  const { direction, target, said, proof, fix, field, retryable } = refusal;
  const presented = proof === undefined ? "" : `. Presented: ${describeClaims(readClaims(proof))}`;
  const end = /[.!?]$/.test(said) ? said.slice(0, -1) : said;
  return new GenOpsError(
    retryable ? "unavailable" : "config",
    `${direction}: no credentials for ${target}: ${end}${presented}. ${fix}`,
    { place: { field }, retryable },
  );
}

/** The home cloud gave no proof; the other one was not asked. `fix` is for a cloud that answered and gave none. */
export function noProof(direction: string, target: string, error: unknown, fix: string): GenOpsError {
  const passing = isPassing(error);
  const end = passing ? "The next run tries again" : fix;
  return new GenOpsError(
    passing ? "unavailable" : "config",
    `${direction}: no credentials for ${target}: this cloud gave no proof of identity: ${messageOf(error)}. ${end}`,
  );
}

/** The token service was out of order, or asked for patience. */
function isPassing(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof GenOpsError) return each.retryable;
    const status = httpStatusOf(each);
    if (status !== undefined) return status === 429 || status >= 500;
  }
  return false;
}
