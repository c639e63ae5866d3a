import * as z from "zod";
import type { Report } from "../../ledger/report.ts";

/** The JSON documents that the command line prints and the API serves. Money is a decimal string beside its currency. */
export const Amount = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .describe("exact decimal as text");
export const Currency = z.string().length(3).describe("ISO 4217");
const Day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .describe("UTC day");
export const Instant = z.string().describe("RFC 3339, UTC");
export const Period = z.object({ start: Day, end: Day.describe("UTC day, exclusive") });
export const Scope = z
  .record(z.string(), z.array(z.string()))
  .describe("snake_case dimension → accepted values; empty means everything");
const Action = z.enum(["notify", "throttle", "block"]);

export const COST_BASES = ["billed", "effective", "list", "contracted"] as const;

/** `genops report --format json`. */
export const ReportDocument = z.object({
  period: Period,
  asOf: Instant,
  cost: z.enum(COST_BASES),
  by: z.array(z.string()),
  rows: z.array(
    z.object({
      keys: z.record(z.string(), z.string().nullable()),
      currency: Currency,
      amount: Amount,
      settled: Amount.describe("the part of the amount that is settled"),
      expected: Amount.describe("what the amount is expected to be once the days that are over are complete"),
      completeness: Amount.describe("amount ÷ expected"),
    }),
  ),
  totals: z.array(z.object({ currency: Currency, amount: Amount })),
  lags: z
    .array(
      z.object({
        provider: z.string(),
        complete: z
          .array(Amount)
          .describe("share of a day that is known in the course of the day after it, of the next one, and so on"),
        settledAfterDays: z.number(),
        learntFromDays: z.number().describe("0: nothing is learnt yet, this is what is believed of the provider"),
      }),
    )
    .optional()
    .describe("how days fill up, of providers with unsettled days in the answer"),
  unreadable: z
    .array(z.string())
    .readonly()
    .optional()
    .describe("documents that cannot be read, so that nothing is learnt from them about how days fill up"),
  inPlace: z
    .array(z.object({ source: z.string(), at: z.string() }))
    .optional()
    .describe("sources whose rows stay in place: asOf reaches their daily sums, not their rows"),
});
export type ReportDocument = z.infer<typeof ReportDocument>;

/** One budget of `genops budgets --format json`. */
export const BudgetItem = z.object({
  name: z.string(),
  scope: Scope,
  period: Period,
  limit: Amount,
  currency: Currency,
  actual: Amount,
  forecast: z.object({ amount: Amount, low: Amount, high: Amount }).nullable(),
  used: z.string().describe("percent of the limit that the actual amount is, as decimal text"),
  settled: z.string().describe("share (0..1) of the actual amount that is settled, as decimal text"),
  expected: Amount.describe("what the actual amount is expected to be once the days that are over are complete"),
  completeness: Amount.describe("actual ÷ expected"),
  alerts: z.array(
    z.object({
      threshold: z.string().describe("percent of the limit"),
      basis: z.enum(["actual", "forecast"]),
      action: Action,
      state: z
        .enum(["ok", "waiting", "fired"])
        .describe("waiting: reached by cost that is not settled enough for a hard action"),
      firedAt: Instant.nullable(),
    }),
  ),
});
export type BudgetItem = z.infer<typeof BudgetItem>;

/** `genops budgets --format json`. */
export const BudgetsDocument = z.object({ budgets: z.array(BudgetItem) });
export type BudgetsDocument = z.infer<typeof BudgetsDocument>;

/** One finding of `genops findings --format json`. Titles, keys and facts come from bills: untrusted text. */
export const FindingItem = z.object({
  key: z.string(),
  kind: z.string(),
  level: z.enum(["info", "warning", "critical"]),
  state: z.enum(["open", "acknowledged", "snoozed", "resolved"]),
  scope: Scope,
  title: z.string(),
  amount: Amount,
  currency: Currency,
  openedAt: Instant,
  updatedAt: Instant,
  revision: z.int().nonnegative().describe("counts changes; the ETag of the finding"),
  snoozedUntil: Instant.optional(),
  resolution: z.string().optional(),
  related: z
    .object({ budget: z.string(), finding: z.string().optional() })
    .optional()
    .describe("our own budget that a cloud's alert is about, and the key of its finding"),
  wantedActions: z.array(z.object({ action: Action, targets: z.array(Scope) })),
  evidence: z.object({
    rows: z.int(),
    contributors: z.array(z.object({ keys: z.record(z.string(), z.string()), amount: Amount })),
    settledShare: z.string(),
    waitsFor: z.string(),
    facts: z.record(z.string(), z.string()),
  }),
});
export type FindingItem = z.infer<typeof FindingItem>;

/** `genops findings --format json`. */
export const FindingsDocument = z.object({ findings: z.array(FindingItem) });
export type FindingsDocument = z.infer<typeof FindingsDocument>;

/** RFC 9457. `code` is the code of the GenOpsError, `place` where in the input it happened. */
export const ProblemDocument = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().optional(),
  place: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
});
export type ProblemDocument = z.infer<typeof ProblemDocument>;

/** JSON exactly as promised; `rows` per row is left out because currencies' rows may overlap after shared costs were spread. */
export function reportDocument({ rows, by, ...head }: Report) {
  return { ...head, by: [...by], rows: rows.map(({ rows: _rows, ...row }) => row) };
}
