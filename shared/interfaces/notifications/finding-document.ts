import * as z from "zod";
import { formatDecimal, parseDecimal, tryParseDecimal } from "../../core/decimal.ts";
import type { Finding } from "../../core/finding.ts";

const DecimalText = z
  .string()
  .refine((text) => tryParseDecimal(text) !== undefined, "not a decimal number")
  .transform(parseDecimal);

const Scope = z.record(z.string(), z.array(z.string()));

/** A finding as JSON: the fields of `Finding`, amounts as decimal strings. */
export const FindingDocument = z.object({
  kind: z.enum(["budget", "budget-tree", "anomaly", "quarantine", "source"]),
  rule: z.string(),
  level: z.enum(["info", "warning", "critical"]),
  scope: Scope,
  period: z.object({ start: z.string(), end: z.string() }),
  subject: z.string(),
  title: z.string(),
  amount: DecimalText,
  currency: z.string(),
  wantedActions: z.array(z.object({ action: z.enum(["notify", "throttle", "block"]), targets: z.array(Scope) })),
  evidence: z.object({
    rows: z.number(),
    contributors: z.array(z.object({ keys: z.record(z.string(), z.string()), amount: DecimalText })),
    settledShare: z.string(),
    waitsFor: z.string(),
    facts: z.record(z.string(), z.string()),
  }),
  recipients: z.array(z.string()),
  key: z.string(),
  state: z.enum(["open", "acknowledged", "snoozed", "resolved"]),
  openedAt: z.string(),
  updatedAt: z.string(),
  resolvedAt: z.string().exactOptional(),
  resolution: z.string().exactOptional(),
  snoozedUntil: z.string().exactOptional(),
  actor: z.string().exactOptional(),
  revision: z.number().int().nonnegative(),
});

export type FindingDocument = z.input<typeof FindingDocument>;

/** The finding as a value for `JSON.stringify`: every field, amounts as decimal strings. */
export function findingDocument(finding: Finding): FindingDocument {
  const { amount, evidence, scope, wantedActions, recipients, ...rest } = finding;
  return {
    ...rest,
    scope: copyScope(scope),
    amount: formatDecimal(amount),
    wantedActions: wantedActions.map((wanted) => ({ action: wanted.action, targets: wanted.targets.map(copyScope) })),
    evidence: {
      ...evidence,
      contributors: evidence.contributors.map(({ keys, amount: part }) => ({ keys, amount: formatDecimal(part) })),
    },
    recipients: [...recipients],
  };
}

function copyScope(scope: Finding["scope"]): Record<string, string[]> {
  return Object.fromEntries(Object.entries(scope).map(([dimension, values]) => [dimension, [...values]]));
}
