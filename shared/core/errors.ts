/** Where in the user's input something is wrong. Every part is optional; `describePlace` prints what is known. */
export interface Place {
  source?: string;
  file?: string;
  /** 1-based data row, the header not counted. */
  row?: number;
  /** 1-based line of a text file. */
  line?: number;
  column?: string;
  field?: string;
}

/**
 * What went wrong, for programs.
 * - `usage`: the call itself is wrong (flags, ids that do not exist).
 * - `config`: genops.yaml or one of its parts is wrong.
 * - `refused`: an input was read and cannot be trusted; nothing was changed.
 * - `conflict`: somebody else changed the same thing first.
 * - `unavailable`: something outside did not answer; the same call may succeed later.
 * - `internal`: a promise of ours was broken.
 */
export type ErrorCode = "usage" | "config" | "refused" | "conflict" | "unavailable" | "internal";

export interface ErrorDetail {
  place?: Place;
  retryable?: boolean;
  cause?: unknown;
}

/** The one error family of GenOps: a code for programs, a sentence and a place for people. */
export class GenOpsError extends Error {
  readonly code: ErrorCode;
  readonly place: Place;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    const place = detail.place ?? {};
    super(withPlace(message, place), detail.cause === undefined ? {} : { cause: detail.cause });
    this.name = "GenOpsError";
    this.code = code;
    this.place = place;
    this.retryable = detail.retryable ?? code === "unavailable";
  }
}

/** The same error with more of its place known; what is already known stays. */
export function atPlace(error: GenOpsError, place: Place): GenOpsError {
  const message = error.message.slice(0, error.message.length - describePlace(error.place).length);
  return new GenOpsError(error.code, message, {
    place: { ...place, ...error.place },
    retryable: error.retryable,
    cause: error.cause,
  });
}

function withPlace(message: string, place: Place): string {
  return `${message}${describePlace(place)}`;
}

/** ` (source aws, file a.csv, row 3, column Cost)`, or nothing when no part is known. */
export function describePlace(place: Place): string {
  const parts = (["source", "file", "row", "line", "column", "field"] as const)
    .filter((key) => place[key] !== undefined)
    .map((key) => `${key} ${String(place[key])}`);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

/** Text of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
