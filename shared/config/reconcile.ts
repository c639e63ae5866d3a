import * as z from "zod";
import { parseDecimal } from "../core/decimal.ts";
import { closed, kebabName, listOf, notNegative, paidCalls, text, wholeNumber } from "./scalars.ts";
import type { ReconcileConfig } from "./types.ts";

const common = { source: kebabName };

const Against = z.discriminatedUnion(
  "with",
  [
    closed({ with: z.literal("cost-explorer"), ...common, maxDailyCost: z.exactOptional(paidCalls) }),
    closed({ with: z.literal("azure-query"), ...common, scope: text }),
    closed({
      with: z.literal("bigquery"),
      ...common,
      table: text,
      maximumGigabytesBilled: z.exactOptional(wholeNumber(1, 100_000)),
    }),
    closed({ with: z.literal("file"), ...common, location: text }),
  ],
  { error: "expected a mapping with source and with: cost-explorer, azure-query, bigquery or file" },
);

/** `reconcile:` as it stands in the file. */
export const Reconcile = closed({
  bound: z.exactOptional(notNegative),
  against: z.exactOptional(listOf(Against, "independent totals")),
});

/** Fills in the defaults: a residual of more than 1.00 is a finding; Cost Explorer may cost ten cents a day for this. */
export function toReconcileConfig(input: z.output<typeof Reconcile>): ReconcileConfig {
  return {
    bound: input.bound ?? parseDecimal("1"),
    against: (input.against ?? []).map((entry) => {
      if (entry.with === "cost-explorer") return { maxDailyCost: parseDecimal("0.10"), ...entry };
      if (entry.with === "bigquery") return { maximumGigabytesBilled: 100, ...entry };
      return entry;
    }),
  };
}
