import { GenOpsError, messageOf } from "../../core/errors.ts";
import type { CostQueryAnswer } from "../../ports/billing-apis.ts";

interface Asked {
  source: string;
  scope: string;
}

/** The part of the SDK's `RestError` that is read here. */
interface Failure {
  message: string;
  name: string;
  /** The service's own code (`BadRequest`) or the client's (`REQUEST_SEND_ERROR`). */
  code: string;
  status: number | undefined;
  headers: readonly (readonly [string, string])[];
}

/** The token was not accepted: a new one may be. */
export function isUnauthorized(error: unknown): boolean {
  return failureOf(error).status === 401;
}

/** The answer that a failed query amounts to. Throws what no waiting mends: rights, scopes, requests that Azure will never answer. */
export function answerOfFailure(error: unknown, { source, scope }: Asked): CostQueryAnswer {
  if (error instanceof GenOpsError) throw error;
  const failure = failureOf(error);
  const reason = `${failure.status ?? failure.code} ${failure.message}`.slice(0, 300);
  if (passes(failure)) {
    const afterMs = retryAfterMs(failure.headers);
    return { outcome: "later", reason, ...(afterMs === undefined ? {} : { afterMs }) };
  }
  // The SDK's error holds the whole request, with its token: no cause for a log.
  throw new GenOpsError("config", adviceOf(failure, scope), { place: { source, field: "scope" } });
}

function passes({ status, code, name }: Failure): boolean {
  // Without a status the connection broke; a good answer that cannot be parsed was cut short.
  if (name === "RestError" && (status === undefined || (status < 400 && code === "PARSE_ERROR"))) return true;
  return name === "AbortError" || status === 408 || status === 429 || (status ?? 0) >= 500;
}

function adviceOf({ status, code, message, name }: Failure, scope: string): string {
  const said = `(${[status, code, message].filter((part) => part !== undefined && part !== "").join(" ")})`;
  switch (status) {
    case 401:
    case 403:
      return `the right Microsoft.CostManagement/query/action is missing; give GenOps' identity the role Cost Management Reader on ${scope} ${said}`;
    case 404:
      return `there is no scope ${scope}, or nothing is billed to it ${said}`;
    case undefined:
      return `no token for Azure: ${message} (${name}); GenOps uses the managed identity, workload identity or az login`;
    default:
      return `Azure refuses the query of ${scope}; look at scope and groupBy ${said}`;
  }
}

function failureOf(error: unknown): Failure {
  const fields = error !== null && typeof error === "object" ? error : {};
  const code = "code" in fields ? String(fields.code) : "";
  const status = "statusCode" in fields && typeof fields.statusCode === "number" ? fields.statusCode : undefined;
  const response = "response" in fields ? fields.response : undefined;
  return {
    message: messageOf(error).split("\n", 1)[0] ?? "",
    name: error instanceof Error ? error.name : "",
    code,
    status,
    headers: headersOf(response),
  };
}

function headersOf(response: unknown): (readonly [string, string])[] {
  if (response === null || typeof response !== "object" || !("headers" in response)) return [];
  const { headers } = response;
  if (headers === null || typeof headers !== "object" || !(Symbol.iterator in headers)) return [];
  return [...(headers as Iterable<readonly [string, string]>)];
}

/**
 * The longest of all waiting times that an answer names: one per exhausted budget (`x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after`,
 * `…-entity-…`, `…-tenant-…`, `…-client-…`), older names, and `Retry-After`. Names change, so they are matched by their ending.
 */
function retryAfterMs(headers: readonly (readonly [string, string])[]): number | undefined {
  const values = new Map(headers.map(([name, value]) => [name.toLowerCase(), value.trim()]));
  const waits = [...values].flatMap(([name, value]) => {
    if (name.endsWith("retry-after-ms")) return number(value, 1);
    if (!name.endsWith("retry-after")) return [];
    return /^\d+(\.\d+)?$/.test(value) ? number(value, 1000) : until(value, values.get("date"));
  });
  return waits.length === 0 ? undefined : Math.max(...waits);
}

function number(text: string, factor: number): number[] {
  const value = Number(text) * factor;
  return text !== "" && Number.isFinite(value) && value >= 0 ? [Math.ceil(value)] : [];
}

/** A date is read against the answer's own, so that our clock does not matter. */
function until(date: string, now: string | undefined): number[] {
  const wait = Date.parse(date) - Date.parse(now ?? "");
  return Number.isNaN(wait) ? [] : [Math.max(0, wait)];
}
