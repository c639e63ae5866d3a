import path from "node:path";
import { FIXTURES } from "../sources/support.ts";

export const FOCUS_SAMPLE: string = path.join(FIXTURES, "focus_sample_1.0_half.csv");

const MONEY = ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "ListUnitPrice", "ContractedUnitPrice"];
const INSTANTS = ["BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"];

/** SELECT of a FOCUS CSV as a warehouse holds it: costs as `money`, instants as timestamps, tags as text. */
export function focusRowsSql(file: string, money = "DECIMAL(38,18)"): string {
  const casts = [
    ...MONEY.map((name) => `"${name}"::${money} AS "${name}"`),
    ...INSTANTS.map((name) => `"${name}"::TIMESTAMP AS "${name}"`),
  ];
  return `SELECT * REPLACE (${casts.join(", ")})
    FROM read_csv('${file}', header = true, all_varchar = true, nullstr = ['', 'NULL', 'null'], quote = '"', escape = '"')`;
}
