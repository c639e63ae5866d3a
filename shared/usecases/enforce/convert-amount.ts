import type { Decimal } from "../../core/decimal.ts";
import { dayOf } from "../../core/period.ts";
import { NO_RATES } from "../../core/rates.ts";
import { createConvert } from "../../governance/convert.ts";
import type { Runtime } from "../runtime.ts";

/** An amount in another currency, at the rate of the day that is evaluated; undefined when no rate is known. */
export type ConvertAmount = (amount: Decimal, from: string, to: string) => Decimal | undefined;

export function createConvertAmount({ rates, clock }: Pick<Runtime, "rates" | "clock">): ConvertAmount {
  const convert = createConvert(rates ?? NO_RATES);
  const day = dayOf(clock.evaluationNow());
  return (amount, from, to) => (from === to ? amount : convert({ amount, currency: from }, to, day)?.amount);
}
