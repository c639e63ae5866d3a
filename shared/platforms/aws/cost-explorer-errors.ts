import { GenOpsError, messageOf, type Place } from "../../core/errors.ts";
import type { CostAndUsageAnswer } from "../../ports/billing-apis.ts";

/**
 * What Cost Explorer's errors mean (`reference/clouds.md` §1.1), by name: some of them are no exported classes.
 * `LimitExceededException` is its rate limit.
 */
const ANSWERS: Readonly<Record<string, Exclude<CostAndUsageAnswer["outcome"], "page" | "lost">>> = {
  LimitExceededException: "throttled",
  ThrottlingException: "throttled",
  TooManyRequestsException: "throttled",
  DataUnavailableException: "no-data",
  RequestChangedException: "restart",
  InvalidNextTokenException: "restart",
};

const EXPIRED: ReadonlySet<string> = new Set(["ExpiredTokenException", "ExpiredToken", "RequestExpired"]);
const NO_IDENTITY: ReadonlySet<string> = new Set([
  ...EXPIRED,
  "CredentialsProviderError",
  "TokenProviderError",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "IncompleteSignature",
  "MissingAuthenticationToken",
]);
const DENIED: ReadonlySet<string> = new Set([
  "AccessDeniedException",
  "AccessDenied",
  "NotAuthorized",
  "OptInRequired",
]);

const SIGN_IN =
  "AWS does not accept the credentials; GenOps uses the SDK's own chain (the function's role, AWS_PROFILE, web identity): look at that role or sign in again";

/** Keys that AWS no longer takes: new ones may be had. */
export function hasExpired(error: unknown): boolean {
  return error instanceof Error && EXPIRED.has(error.name);
}

/** The answer that a failed call amounts to. Throws what no repetition mends: rights, credentials, requests that AWS will never answer. */
export function answerOfFailure(error: unknown, place: Place): CostAndUsageAnswer {
  const name = error instanceof Error ? error.name : "";
  const reason = name === "" ? messageOf(error) : `${name}: ${messageOf(error)}`;
  const known = ANSWERS[name];
  if (known !== undefined) return { outcome: known, reason };
  const fault = faultOf(name, messageOf(error));
  if (fault !== undefined) throw new GenOpsError(fault.code, fault.message, { place, cause: error });
  const status = statusOf(error);
  // Without a status, or with one that says all is well, the answer was lost on its way: the call may have been charged.
  if (status === undefined || status < 400) return { outcome: "lost", reason };
  if (status >= 500 || status === 429) return { outcome: "throttled", reason };
  throw new GenOpsError("refused", `Cost Explorer refuses the request: ${reason}`, { place, cause: error });
}

function faultOf(name: string, said: string): { code: "config" | "refused"; message: string } | undefined {
  if (NO_IDENTITY.has(name)) return { code: "config", message: `${SIGN_IN} (${name}: ${said})` };
  if (DENIED.has(name)) {
    return {
      code: "config",
      message: `the right ce:GetCostAndUsage is missing, or Cost Explorer is not enabled for this account; grant the right to GenOps' role and open Cost Explorer once in the console (${said})`,
    };
  }
  if (name === "BillExpirationException") {
    return {
      code: "refused",
      message: `Cost Explorer no longer has this period; read it from a data export (${said})`,
    };
  }
  if (name === "ValidationException") {
    return {
      code: "config",
      message: `Cost Explorer does not understand the request; look at groupBy and metrics (${said})`,
    };
  }
  return undefined;
}

export function identityError(error: unknown, place: Place): GenOpsError {
  const name = error instanceof Error ? error.name : "";
  if (NO_IDENTITY.has(name) || DENIED.has(name))
    return new GenOpsError("config", `${SIGN_IN} (${name}: ${messageOf(error)})`, { place, cause: error });
  return new GenOpsError("unavailable", `sts:GetCallerIdentity did not answer: ${messageOf(error)}`, {
    place,
    cause: error,
  });
}

function statusOf(error: unknown): number | undefined {
  const metadata = error instanceof Error && "$metadata" in error ? error.$metadata : undefined;
  const status =
    metadata !== null && typeof metadata === "object" && "httpStatusCode" in metadata
      ? metadata.httpStatusCode
      : undefined;
  return typeof status === "number" ? status : undefined;
}
