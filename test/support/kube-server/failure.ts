import type { ResourceKind, Tree } from "./types.ts";

/** An answer that is not a success, as the API server words it: a `Status` object. */
export class KubeFailure extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: Tree | undefined;
  readonly retryAfter: number | undefined;

  constructor(code: number, reason: string, message: string, more: { details?: Tree; retryAfter?: number } = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = more.details;
    this.retryAfter = more.retryAfter;
  }
}

export function statusOf(failure: KubeFailure): Tree {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: failure.message,
    reason: failure.reason,
    ...(failure.details === undefined ? {} : { details: failure.details }),
    code: failure.code,
  };
}

/** `deployments.apps "web"`. */
function named(kind: ResourceKind, name: string): string {
  return `${kind.group === "" ? kind.resource : `${kind.resource}.${kind.group}`} "${name}"`;
}

function detailsOf(kind: ResourceKind, name: string, more: Tree = {}): Tree {
  return { name, ...(kind.group === "" ? {} : { group: kind.group }), kind: kind.resource, ...more };
}

export function notFound(kind: ResourceKind, name: string): KubeFailure {
  return new KubeFailure(404, "NotFound", `${named(kind, name)} not found`, { details: detailsOf(kind, name) });
}

export function alreadyExists(kind: ResourceKind, name: string): KubeFailure {
  return new KubeFailure(409, "AlreadyExists", `${named(kind, name)} already exists`, {
    details: detailsOf(kind, name),
  });
}

export function conflict(kind: ResourceKind, name: string, why: string): KubeFailure {
  return new KubeFailure(409, "Conflict", `Operation cannot be fulfilled on ${named(kind, name)}: ${why}`, {
    details: detailsOf(kind, name),
  });
}

export function modified(kind: ResourceKind, name: string): KubeFailure {
  const why = "the object has been modified; please apply your changes to the latest version and try again";
  return conflict(kind, name, why);
}

export interface Cause {
  field: string;
  message: string;
  reason?: string;
}

export function invalid(kind: ResourceKind, name: string, causes: readonly Cause[]): KubeFailure {
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  const what = texts.length === 1 ? texts.join("") : `[${texts.join(", ")}]`;
  const id = `${kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`} "${name}"`;
  const listed = causes.map(({ field, message, reason = "FieldValueInvalid" }) => ({ reason, message, field }));
  return new KubeFailure(422, "Invalid", `${id} is invalid: ${what}`, {
    details: { ...detailsOf(kind, name), kind: kind.kind, causes: listed },
  });
}

export function forbidden(kind: ResourceKind, name: string, why: string): KubeFailure {
  return new KubeFailure(403, "Forbidden", `${named(kind, name)} is forbidden: ${why}`, {
    details: detailsOf(kind, name),
  });
}

export function badRequest(message: string): KubeFailure {
  return new KubeFailure(400, "BadRequest", message);
}
