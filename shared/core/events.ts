/** CloudEvents 1.0 types that GenOps sends between its functions. */
export type EventType =
  | "genops.costs.changed"
  | "genops.finding.opened"
  | "genops.finding.updated"
  | "genops.finding.resolved"
  | "genops.action.wanted";

/** A CloudEvent 1.0. Delivered at least once and unordered: handlers are idempotent by `id` and by meaning. */
export interface CloudEvent<Data = unknown> {
  specversion: "1.0";
  id: string;
  source: string;
  type: EventType;
  subject?: string;
  /** RFC 3339, UTC. */
  time: string;
  datacontenttype: "application/json";
  data: Data;
}

/** Data of `genops.costs.changed`. */
export interface CostsChanged {
  source: string;
  billingPeriod: string;
  version: string;
}
