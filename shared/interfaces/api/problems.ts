import { type ErrorCode, GenOpsError } from "../../core/errors.ts";
import type { ProblemDocument } from "./documents.ts";

const STATUS: Readonly<Record<ErrorCode, number>> = {
  usage: 400,
  config: 500,
  refused: 422,
  conflict: 409,
  unavailable: 503,
  internal: 500,
};

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  412: "Precondition failed",
  413: "Content too large",
  415: "Unsupported media type",
  421: "Misdirected request",
  422: "Unprocessable content",
  428: "Precondition required",
  500: "Internal error",
  503: "Unavailable",
};

/** A problem+json answer (RFC 9457). */
export function problem(status: number, detail: string, more: Partial<ProblemDocument> = {}): Response {
  const title = TITLES[status] ?? "Error";
  const document: ProblemDocument = { type: "about:blank", title, status, detail, ...more };
  return new Response(JSON.stringify(document), { status, headers: { "content-type": "application/problem+json" } });
}

/**
 * The answer to a thrown value: a GenOpsError gives the status of its code and its own words; anything else is ours to fix, and its
 * text stays here.
 */
export function problemOf(error: unknown): Response {
  if (!(error instanceof GenOpsError))
    return problem(500, "Something failed inside GenOps; its log has the reason.", { code: "internal" });
  return problem(STATUS[error.code], error.message, { code: error.code, place: { ...error.place } });
}
