import * as z from "zod";
import { parseDecimal } from "../core/decimal.ts";
import {
  closed,
  decimalOf,
  dimension,
  listOf,
  nonEmptyListOf,
  notNegative,
  oneOf,
  positive,
  wholeNumber,
} from "./scalars.ts";
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
  floor: z.exactOptional(notNegative),
  overYesterday: z.exactOptional(
    closed({
      ratio: z.exactOptional(ratio),
      forMinutes: z.exactOptional(wholeNumber(1, 1440)),
      floor: z.exactOptional(notNegative),
    }),
  ),
  absoluteJump: z.exactOptional(closed({ amount: positive })),
  firstUse: z.exactOptional(
    closed({ floor: z.exactOptional(notNegative), historyDays: z.exactOptional(wholeNumber(1, 366)) }),
  ),
  spendAtZero: z.exactOptional(closed({ floor: notNegative })),
  unitCost: z.exactOptional(
    closed({
      ratio: z.exactOptional(ratio),
      days: z.exactOptional(wholeNumber(1, 14)),
      floor: z.exactOptional(notNegative),
    }),
  ),
  by: z.exactOptional(nonEmptyListOf(dimension, "dimensions")),
  rulesBy: z.exactOptional(nonEmptyListOf(dimension, "dimensions")),
  rulesOff: z.exactOptional(
    listOf(oneOf(["over-yesterday", "absolute-jump", "first-use", "spend-at-zero", "unit-cost"]), "rules"),
  ),
});

/**
 * Fills in the defaults: the guide's CrossCloudCostAnomaly (1.5 × the day before, for 30 minutes) and a jump of 100. Unusual cost is looked
 * for down to the service in an account, since its range knows how noisy each series is; the rules do not know that, so they look at whole
 * services unless the dimensions are named.
 */
export function toAnomalyConfig(input: z.output<typeof Anomalies>): AnomalyConfig {
  return {
    falseAlertsPer90Days: input.falseAlertsPer90Days ?? 1,
    floor: input.floor ?? parseDecimal("10"),
    overYesterday: { ratio: parseDecimal("1.5"), forMinutes: 30, floor: parseDecimal("10"), ...input.overYesterday },
    absoluteJump: { amount: parseDecimal("100"), ...input.absoluteJump },
    firstUse: { floor: parseDecimal("10"), historyDays: 30, ...input.firstUse },
    spendAtZero: { floor: parseDecimal("10"), ...input.spendAtZero },
    unitCost: { ratio: parseDecimal("1.2"), days: 3, floor: parseDecimal("10"), ...input.unitCost },
    by: [...new Set(input.by ?? ["provider", "account", "service"])],
    ...(input.rulesOff === undefined ? {} : { rulesOff: input.rulesOff }),
    rulesBy: [...new Set(input.rulesBy ?? input.by ?? ["provider", "service"])],
  };
}
