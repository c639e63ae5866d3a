import * as z from "zod";
import type { RememberedAlert } from "../types.ts";

/*
 * What must outlive an evaluation: which alerts the watches gave, and which of them people were told as causes. Only series that alerted
 * are in it. Everything else is learnt again from the ledger.
 */

const Alert = z.object({
  at: z.number(),
  since: z.number(),
  score: z.number(),
  actual: z.number(),
  expected: z.number(),
  lower: z.number(),
  upper: z.number(),
  direction: z.enum(["up", "down"]),
  channel: z.enum(["point", "drift"]),
  impact: z.number(),
  alertedAt: z.number(),
}) satisfies z.ZodType<RememberedAlert>;

const ToldCause = z.object({
  /** `SeriesNode.id`. */
  series: z.string(),
  currency: z.string(),
  keys: z.record(z.string(), z.string()),
  alert: Alert,
});

export const AnomalyMemory = z.object({
  /** The newest day that was judged. */
  through: z.string(),
  /** Per series what its watch remembers. */
  series: z.record(z.string(), z.array(Alert).readonly()),
  /** One per cause, the oldest first. */
  told: z.array(ToldCause),
});

/** A cause that people were told, with the alert as it was then. */
export type ToldCause = z.output<typeof ToldCause>;
export type AnomalyMemory = z.output<typeof AnomalyMemory>;

export const ANOMALY_MEMORY_KEY = "evaluation/anomalies.json";
/** The same of series by the hour; not there where bills are by the day. */
export const HOURLY_MEMORY_KEY = "evaluation/anomalies-hourly.json";
