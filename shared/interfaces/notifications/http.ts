import { createHash } from "node:crypto";
import { GenOpsError } from "../../core/errors.ts";
import type { Clock } from "../../ports/clock.ts";

export const DEFAULT_TIMEOUT_MS = 10_000;
/** More of an answer is not read: an error's name and a few words fit. */
const ANSWER_BYTES = 65_536;
const LONGEST_WAIT_MS = 7 * 86_400_000;

export interface HttpPost {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  timeoutMs: number;
}

export type HttpAnswer =
  | { kind: "answer"; status: number; text: string; retryAfterMs: number | undefined }
  /** No answer: it may have arrived or not. `reason` never holds the URL, which may be a secret. */
  | { kind: "silence"; reason: string };

/** POST without following redirects. Time-outs and network errors are answers, not exceptions. */
export async function postHttp(clock: Clock, request: HttpPost): Promise<HttpAnswer> {
  try {
    const response = await fetch(request.url, {
      method: "POST",
      headers: request.headers,
      body: request.body,
      redirect: "manual",
      signal: AbortSignal.timeout(request.timeoutMs),
    });
    const text = await readStart(response);
    const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"), clock.now());
    return { kind: "answer", status: response.status, text, retryAfterMs };
  } catch (error) {
    return { kind: "silence", reason: silenceReason(error, request.timeoutMs) };
  }
}

async function readStart(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, ANSWER_BYTES).toString("utf8");
}

function silenceReason(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return "the connection failed";
  if (error.name === "TimeoutError") return `no answer within ${timeoutMs / 1000} s`;
  const cause = error.cause;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "no answer";
  return `the connection failed: ${code}`;
}

/**
 * `Retry-After` in milliseconds from `now`: seconds or an HTTP date. `undefined` when there is none or it cannot be
 * read. Waits of more than a week are cut to a week.
 */
export function parseRetryAfter(header: string | null, now: Date): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(LONGEST_WAIT_MS, Math.ceil(Number(text) * 1000));
  const instant = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(instant)) return undefined;
  return Math.min(LONGEST_WAIT_MS, Math.max(0, instant - now.getTime()));
}

/**
 * The URL of a receiver, checked: http or https, without credentials in it. Throws a `config` error that does not
 * repeat the URL.
 */
export function checkHttpUrl(url: string, field: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || (parsed.protocol !== "https:" && parsed.protocol !== "http:")) {
    throw new GenOpsError("config", "not an http or https URL", { place: { field } });
  }
  if (parsed.username !== "" || parsed.password !== "") {
    throw new GenOpsError("config", "a URL with a user name or password is not supported here", { place: { field } });
  }
  return parsed.href;
}

/** Tells endpoints apart without storing their secret URLs. */
export function endpointFingerprint(url: string): string {
  return createHash("sha256").update(url).digest("hex").slice(0, 16);
}
