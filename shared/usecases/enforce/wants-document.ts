import * as z from "zod";
import { WantSchema } from "../../clusters/enforcement/approvals/plan-schema.ts";
import type { WantsState } from "../../clusters/enforcement/plan/wants-state.ts";
import { DecimalCodec } from "../../core/decimal-codec.ts";

export const WANTS_KEY = "enforcement/wants.json";

const Period = z.object({ start: z.string(), end: z.string() });
const Record = z.object({
  policy: z.string(),
  budget: z.string(),
  period: Period,
  reached: z.int().nonnegative(),
  lastEvaluation: z.string(),
  want: WantSchema.exactOptional(),
  enteredAt: z.string().exactOptional(),
  limitAtEntry: DecimalCodec.exactOptional(),
  leftAt: z.string().exactOptional(),
  leftBecause: z.string().exactOptional(),
});

const Silence = z.object({ kind: z.enum(["snooze", "exempt", "resolve"]), until: z.string(), by: z.string() });

/** `enforcement/wants.json`: what budgets want, and what people said about it. */
export const WantsSchema: z.ZodType<WantsState> = z.object({
  records: z.record(z.string(), Record).readonly(),
  silences: z.record(z.string(), Silence).readonly(),
  leftOut: z
    .array(z.object({ subject: z.string(), policy: z.string(), reason: z.string(), hint: z.string().exactOptional() }))
    .readonly(),
});
