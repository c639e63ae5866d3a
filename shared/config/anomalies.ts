import * as z from "zod";
import { parseDecimal } from "../core/decimal.ts";
import { closed, decimalOf, dimension, nonEmptyListOf, notNegative, positive, wholeNumber } from "./scalars.ts";
import type { AnomalyConfig } from "./types.ts";

const RATES = [1, 0.25, 0.1] as const;
const ratio = decimalOf("a ratio above 1 such as 1.5", (value) => value > parseDecimal("1"));

/** False alerts per 90 days that people are willing to see: one of three tuned operating points. */
const falseAlerts = z
  .string("expected one of 1, 0.25, 0.1")
  .transform((written, context): AnomalyConfig["falseAlertsPer90Days"] => {
    const rate = RATES.find((each) => each === Number(written));
    if (rate !== undefined) return rate;
    context.addIssue({ code: "custom", message: "expected one of 1, 0.25, 0.1" });
    return z.NEVER;
  })
  .meta({ type: ["number", "string"] });

/** `anomalies:` as it stands in the file. */
export const Anomalies = closed({
  falseAlertsPer90Days: z.exactOptional(falseAlerts),
  overYesterday: z.exactOptional(
    closed({
      ratio: z.exactOptional(ratio),
      forMinutes: z.exactOptional(wholeNumber(1, 1440)),
      floor: z.exactOptional(notNegative),
    }),
  ),
  absoluteJump: z.exactOptional(closed({ amount: positive })),
  by: z.exactOptional(nonEmptyListOf(dimension, "dimensions")),
});

/** Fills in the defaults: the guide's CrossCloudCostAnomaly (1.5 × the day before, for 30 minutes) and a jump of 100. */
export function toAnomalyConfig(input: z.output<typeof Anomalies>): AnomalyConfig {
  return {
    falseAlertsPer90Days: input.falseAlertsPer90Days ?? 1,
    overYesterday: { ratio: parseDecimal("1.5"), forMinutes: 30, floor: parseDecimal("10"), ...input.overYesterday },
    absoluteJump: { amount: parseDecimal("100"), ...input.absoluteJump },
    by: input.by ?? ["provider", "service"],
  };
}
