import { GenOpsError } from "../core/errors.ts";
import type { Money } from "../core/money.ts";
import type { Day } from "../core/period.ts";
import { convert, type RateTable } from "../core/rates.ts";

/** Money in another currency at the rate of a day; `undefined` when no rate is known. */
export type Convert = (money: Money, to: string, day: Day) => Money | undefined;

/** Converts by a rate table; a missing rate is an answer here, since a budget names it and goes on. */
export function createConvert(table: RateTable): Convert {
  return (money, to, day) => {
    try {
      return convert(table, money, to, day);
    } catch (error) {
      if (error instanceof GenOpsError && error.code === "refused") return undefined;
      throw error;
    }
  };
}
