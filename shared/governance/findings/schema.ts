import * as z from "zod";
import { DecimalCodec } from "../../core/decimal-codec.ts";
import type { Finding } from "../../core/finding.ts";

const Texts = z.record(z.string(), z.string()).readonly();
const Scope = z.record(z.string(), z.array(z.string()).readonly()).readonly();

/** A finding and its JSON, in which money is decimal strings. */
export const FindingSchema = z.object({
  key: z.string(),
  kind: z.enum([
    "budget",
    "budget-tree",
    "anomaly",
    "quarantine",
    "source",
    "reconciliation",
    "cloud-alert",
    "cluster",
  ]),
  rule: z.string(),
  level: z.enum(["info", "warning", "critical"]),
  state: z.enum(["open", "acknowledged", "snoozed", "resolved"]),
  scope: Scope,
  period: z.object({ start: z.string(), end: z.string() }),
  subject: z.string(),
  title: z.string(),
  amount: DecimalCodec,
  currency: z.string(),
  wantedActions: z
    .array(z.object({ action: z.enum(["notify", "throttle", "block"]), targets: z.array(Scope).readonly() }))
    .readonly(),
  evidence: z.object({
    rows: z.int().nonnegative(),
    contributors: z.array(z.object({ keys: Texts, amount: DecimalCodec })).readonly(),
    settledShare: z.string(),
    waitsFor: z.string(),
    facts: Texts,
  }),
  recipients: z.array(z.string()).readonly(),
  related: z.object({ budget: z.string(), finding: z.string().exactOptional() }).exactOptional(),
  openedAt: z.string(),
  updatedAt: z.string(),
  resolvedAt: z.string().exactOptional(),
  resolution: z.string().exactOptional(),
  snoozedUntil: z.string().exactOptional(),
  actor: z.string().exactOptional(),
  revision: z.int().nonnegative(),
});

export type FindingJson = z.input<typeof FindingSchema>;

/** Every field of a finding as a value for `JSON.stringify`. */
export function encodeFinding(finding: Finding): FindingJson {
  return z.encode(FindingSchema, finding);
}

const OwedEvent = z.object({
  type: z.enum(["genops.finding.opened", "genops.finding.updated", "genops.finding.resolved", "genops.action.wanted"]),
  /** The revision that it tells about. */
  revision: z.int().positive(),
  /** When it came to be owed: whoever wrote it publishes it at once, others only when it is old. */
  since: z.string(),
});

/** A finding as it lies in the object store: with the events that are not known to be published. */
export const FindingDocument = FindingSchema.extend({ owed: z.array(OwedEvent) });
export type FindingDocument = z.output<typeof FindingDocument>;
export type OwedEvent = z.output<typeof OwedEvent>;
