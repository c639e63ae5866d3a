import { KubeFailure } from "./failure.ts";
import type { KubeRequest } from "./request.ts";

/**
 * What goes wrong with one request.
 * - `status`: answered so, and nothing is done. - `resetBefore`: the connection breaks, and nothing is done.
 * - `resetAfter`: everything is done, and the connection breaks instead of an answer. - `hang`: nothing is done and no answer comes.
 */
export type Fault =
  | { kind: "status"; code: number; reason?: string; message?: string; retryAfterSeconds?: number }
  | { kind: "resetBefore" }
  | { kind: "resetAfter" }
  | { kind: "hang" };

/** Which requests: every given part must fit; a path is one of its endings or a pattern. */
export type RequestMatch =
  | { method?: string; path?: string | RegExp; user?: string; dryRun?: boolean }
  | ((request: KubeRequest) => boolean);

export interface Faults {
  /** The next `times` (1) requests that match. */
  next(match: RequestMatch, fault: Fault, times?: number): void;
  /** Every request that matches, until `clear`. */
  always(match: RequestMatch, fault: Fault): void;
  /** Decides per request; undefined: no fault. */
  decide(choose: (request: KubeRequest) => Fault | undefined): void;
  clear(): void;
  /** The fault for this request; counts it. */
  take(request: KubeRequest): Fault | undefined;
}

export function createFaults(): Faults {
  let rules: ((request: KubeRequest) => Fault | undefined)[] = [];
  return {
    next(match, fault, times = 1) {
      let left = times;
      rules.push((request) => {
        if (left === 0 || !matchesRequest(match, request)) return undefined;
        left -= 1;
        return fault;
      });
    },
    always: (match, fault) => void rules.push((request) => (matchesRequest(match, request) ? fault : undefined)),
    decide: (choose) => void rules.push(choose),
    clear() {
      rules = [];
    },
    take(request) {
      for (const rule of rules) {
        const fault = rule(request);
        if (fault !== undefined) return fault;
      }
      return undefined;
    },
  };
}

export function matchesRequest(match: RequestMatch, request: KubeRequest): boolean {
  if (typeof match === "function") return match(request);
  const { method, path, user, dryRun } = match;
  return (
    (method === undefined || method === request.method) &&
    (path === undefined || (typeof path === "string" ? request.path.endsWith(path) : path.test(request.path))) &&
    (user === undefined || user === request.user) &&
    (dryRun === undefined || dryRun === request.query.has("dryRun"))
  );
}

const REASONS: Readonly<Record<number, string>> = {
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  410: "Expired",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
  504: "Timeout",
};

export function failureOf(fault: Extract<Fault, { kind: "status" }>): KubeFailure {
  const { code, reason = REASONS[code] ?? "Unknown", message = reason, retryAfterSeconds } = fault;
  return new KubeFailure(code, reason, message, {
    ...(retryAfterSeconds === undefined ? {} : { retryAfter: retryAfterSeconds, details: { retryAfterSeconds } }),
  });
}
