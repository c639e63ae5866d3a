import { GenOpsError, messageOf } from "../../core/errors.ts";
import { credentialsMissing, statusOf } from "./retry.ts";

const PASSING = new Set([408, 429, 500, 502, 503, 504]);
const PASSING_REASONS = new Set([
  "backendError",
  "internalError",
  "jobBackendError",
  "jobInternalError",
  "jobRateLimitExceeded",
  "rateLimitExceeded",
  "userRateLimitExceeded",
]);

const ROLES =
  "; grant roles/bigquery.jobUser on the project that runs queries and roles/bigquery.dataViewer on the dataset";

/** What BigQuery said, as an error of ours: what may pass is `unavailable`, missing rights and names are `config`. */
export function bigQueryError(error: unknown): GenOpsError {
  return credentialsMissing(error) ?? answerError(error);
}

function answerError(error: unknown): GenOpsError {
  const code = statusOf(error);
  const reasons = reasonsOf(error);
  const said = messageOf(error).trim().replace(/\s+/g, " ");
  const make = (kind: "config" | "refused" | "unavailable", message: string) =>
    new GenOpsError(kind, message, { cause: error, retryable: kind === "unavailable" });
  if (reasons.includes("bytesBilledLimitExceeded")) {
    return make("refused", `the query would read more than maximumBytesBilled allows: ${said}`);
  }
  if (PASSING.has(code) || reasons.some((reason) => PASSING_REASONS.has(reason)) || code === 0) {
    return make("unavailable", `BigQuery did not answer: ${said}`);
  }
  if (code === 401) return make("config", `BigQuery did not accept the credentials: ${said}`);
  if (code === 403 && reasons.includes("quotaExceeded"))
    return make("unavailable", `BigQuery's quota is spent: ${said}`);
  if (code === 403 && !reasons.includes("responseTooLarge"))
    return make("config", `BigQuery denies access: ${said}${reasons.includes("billingNotEnabled") ? "" : ROLES}`);
  if (code === 404) return make("config", `BigQuery does not find the table or dataset: ${said}`);
  return make("refused", `BigQuery refused the query: ${said}`);
}

function reasonsOf(error: unknown): string[] {
  const errors: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "errors") : undefined;
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((each: { reason?: unknown }) => (typeof each.reason === "string" ? [each.reason] : []));
}
