import * as z from "zod";
import { formatDecimal, parseDecimal, tryParseDecimal } from "../../core/decimal.ts";
import { GenOpsError } from "../../core/errors.ts";

const Amount = z.codec(
  z.string().refine((text) => tryParseDecimal(text) !== undefined, "not a decimal number"),
  z.custom<ReturnType<typeof parseDecimal>>((value) => typeof value === "bigint"),
  { decode: parseDecimal, encode: formatDecimal },
);
const Scope = z.record(z.string(), z.array(z.string()));
const OwedEvent = z.object({
  type: z.enum(["genops.finding.opened", "genops.finding.updated", "genops.finding.resolved", "genops.action.wanted"]),
  /** The revision that it tells about. */
  revision: z.int().positive(),
  /** When it came to be owed: whoever wrote it publishes it at once, others only when it is old. */
  since: z.string(),
});

/** A finding as it lies in the object store: money as decimal strings, and the events that are not known to be published. */
export const FindingDocument = z.object({
  key: z.string(),
  kind: z.enum(["budget", "budget-tree", "anomaly", "quarantine", "source"]),
  rule: z.string(),
  level: z.enum(["info", "warning", "critical"]),
  state: z.enum(["open", "acknowledged", "snoozed", "resolved"]),
  scope: Scope,
  period: z.object({ start: z.string(), end: z.string() }),
  subject: z.string(),
  title: z.string(),
  amount: Amount,
  currency: z.string(),
  wantedActions: z.array(z.object({ action: z.enum(["notify", "throttle", "block"]), targets: z.array(Scope) })),
  evidence: z.object({
    rows: z.int().nonnegative(),
    contributors: z.array(z.object({ keys: z.record(z.string(), z.string()), amount: Amount })),
    settledShare: z.string(),
    waitsFor: z.string(),
    facts: z.record(z.string(), z.string()),
  }),
  recipients: z.array(z.string()),
  openedAt: z.string(),
  updatedAt: z.string(),
  resolvedAt: z.string().exactOptional(),
  resolution: z.string().exactOptional(),
  snoozedUntil: z.string().exactOptional(),
  actor: z.string().exactOptional(),
  revision: z.int().positive(),
  owed: z.array(OwedEvent),
});
export type FindingDocument = z.output<typeof FindingDocument>;
export type OwedEvent = z.output<typeof OwedEvent>;

/** Reads a stored finding. A document that is not one throws `internal` and names the object and the field. */
export function parseFinding(objectKey: string, body: Uint8Array): FindingDocument {
  const place = { file: objectKey };
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw new GenOpsError("internal", "a stored finding is not JSON", { place, cause });
  }
  const result = z.safeDecode(FindingDocument, json as z.input<typeof FindingDocument>);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join(".") ?? "";
  throw new GenOpsError("internal", `a stored finding cannot be read: ${issue?.message ?? "invalid"}`, {
    place: { ...place, field },
  });
}

export function serializeFinding(document: FindingDocument): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(z.encode(FindingDocument, document)));
}
