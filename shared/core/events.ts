/** CloudEvents 1.0 types that GenOps sends between its functions. */
export type EventType =
  /** A schedule is due. `data`: `ScheduleDue`. */
  | "genops.schedule.due"
  /** An export's manifest was written. `data`: `ExportWritten`. */
  | "genops.export.written"
  /** One source is to be read. `data`: `CollectWanted`. */
  | "genops.collect.wanted"
  /** One part of a large export is to be converted. `data`: `CollectPart`. */
  | "genops.collect.part"
  /** A cloud's own budget or anomaly alert arrived, verified. `data`: `AlertReceived`. */
  | "genops.alert.received"
  | "genops.costs.changed"
  | "genops.finding.opened"
  | "genops.finding.updated"
  | "genops.finding.resolved"
  /** A finding wants something done, or what was done is to be looked at again. */
  | "genops.action.wanted"
  /** A person decided on a plan. `data`: `ActionDecided`. */
  | "genops.action.approved"
  | "genops.action.applied"
  | "genops.action.restored"
  | "genops.action.contested"
  | "genops.health.changed";

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
  /** CloudEvents extension: the same for everything that one cause set off. */
  correlationid?: string;
  /** CloudEvents distributed tracing extension, W3C Trace Context. */
  traceparent?: string;
  data: Data;
}

/** Data of `genops.schedule.due`: which of a function's schedules. */
export interface ScheduleDue {
  task: "collect" | "evaluate" | "tell" | "sweep" | "enforce" | "health";
}

/** Data of `genops.export.written`. */
export interface ExportWritten {
  /** The manifest: `s3://bucket/key`, `azblob://account/container/key`, `gs://bucket/key`. */
  location: string;
}

/** Data of `genops.collect.wanted`. */
export interface CollectWanted {
  source: string;
  /** Billing periods; empty or absent means what the source's configuration says. */
  periods?: string[];
  force?: boolean;
  /** RFC 3339: the source asked for a pause until then. */
  notBefore?: string;
  /** How many pauses there were on the way here. */
  pauses?: number;
  /** How often it was put off because an invocation had too little time left. */
  deferred?: number;
}

/** Data of `genops.collect.part`: a part of a conversion job that is kept as a state document. */
export interface CollectPart {
  job: string;
  part: number;
  /** As in `CollectWanted`. */
  deferred?: number;
}

/** Data of `genops.alert.received`. */
export interface AlertReceived {
  from: "aws-sns" | "aws-eventbridge" | "azure-action-group" | "gcp-budget";
  /** The sender's own id of this delivery, where it has one. */
  deliveryId?: string;
  /** When the sender sent it, RFC 3339, where it says so. */
  sentAt?: string;
  /** What the transport tells beside the message: topic, subject, attributes. */
  attributes: Readonly<Record<string, string>>;
  /** The message as it came: text, or parsed JSON. */
  message: unknown;
}

/** Data of `genops.action.applied`, `restored` and `contested`. */
export interface ActionChanged {
  cluster: string;
  planHash?: string;
  steps: readonly string[];
}

/** Data of `genops.costs.changed`. */
export interface CostsChanged {
  source: string;
  billingPeriod: string;
  version: string;
}

/** Data of `genops.action.approved`: what a person decided about a plan, proven by whom. Whether it counts is found out by its receiver. */
export interface ActionDecided {
  planHash: string;
  decision: "approve" | "reject" | "snooze" | "exempt";
  /** RFC 3339: when the person decided. */
  at: string;
  /** The verified Slack user. */
  slackUser: string;
  /** For `exempt`: which step of the plan, and whether its whole namespace. */
  exempt?: { step: number; what: "workload" | "namespace" };
  /** Where only this person is answered. */
  responseUrl?: string;
}
