import { isCurrency } from "./currency.ts";
import { type Decimal, divide, multiply, tryParseDecimal, ZERO } from "./decimal.ts";
import { GenOpsError, type Place } from "./errors.ts";
import type { Money } from "./money.ts";
import { type Day, isDay } from "./period.ts";

/** One rate: from `date` on, 1 unit of `from` is `rate` units of `to`. */
export interface Rate {
  date: Day;
  from: string;
  to: string;
  rate: Decimal;
}

/** Dated exchange rates; per pair of currencies in the order of their dates. */
export type RateTable = ReadonlyMap<string, readonly Rate[]>;

const COLUMNS = ["date", "from", "to", "rate"] as const;
type Column = (typeof COLUMNS)[number];

export const NO_RATES: RateTable = new Map();

/** Reads a CSV with the columns date, from, to, rate in any order. Throws `config` errors that name file, line and column. */
export function parseRates(csvText: string, fileName: string): RateTable {
  const lines = csvText.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  const order = readHeader(lines[0] ?? "", fileName);
  const table = new Map<string, Rate[]>();
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === "") continue;
    const rate = readRate(cellsOf(line), order, { file: fileName, line: index + 1 });
    const pair = table.get(pairKey(rate.from, rate.to)) ?? [];
    if (pair.some(({ date }) => date === rate.date)) {
      throw new GenOpsError("config", `a second rate ${rate.from} to ${rate.to} for ${rate.date}`, {
        place: { file: fileName, line: index + 1 },
      });
    }
    table.set(pairKey(rate.from, rate.to), [...pair, rate]);
  }
  for (const pair of table.values()) pair.sort((a, b) => (a.date < b.date ? -1 : 1));
  return table;
}

/**
 * `money` in the currency `to` at the rate of `day`: the latest rate whose date is not after it. A rate of the other direction serves
 * too (divided instead of multiplied) when it is newer or the only one. Without a rate it throws `refused`, naming currencies and day.
 */
export function convert(table: RateTable, money: Money, to: string, day: Day): Money {
  if (money.currency === to) return money;
  const direct = latest(table.get(pairKey(money.currency, to)), day);
  const inverse = latest(table.get(pairKey(to, money.currency)), day);
  if (direct !== undefined && (inverse === undefined || direct.date >= inverse.date)) {
    return { amount: multiply(money.amount, direct.rate), currency: to };
  }
  if (inverse !== undefined) return { amount: divide(money.amount, inverse.rate), currency: to };
  throw new GenOpsError("refused", `no exchange rate from ${money.currency} to ${to} for ${day}`);
}

function pairKey(from: string, to: string): string {
  return `${from}>${to}`;
}

function latest(rates: readonly Rate[] | undefined, day: Day): Rate | undefined {
  return rates?.findLast(({ date }) => date <= day);
}

function cellsOf(line: string): string[] {
  return line.split(",").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
}

function readHeader(line: string, fileName: string): Column[] {
  const place = { file: fileName, line: 1 };
  const names = cellsOf(line).map((name) => name.toLowerCase());
  const missing = COLUMNS.find((column) => !names.includes(column));
  if (missing !== undefined) {
    throw new GenOpsError("config", "expected a header with date, from, to, rate", {
      place: { ...place, column: missing },
    });
  }
  return names.map((name) => {
    const column = COLUMNS.find((known) => known === name);
    if (column !== undefined) return column;
    throw new GenOpsError("config", "expected only the columns date, from, to, rate", {
      place: { ...place, column: name },
    });
  });
}

function readRate(cells: readonly string[], order: readonly Column[], place: Place): Rate {
  if (cells.length !== order.length) {
    throw new GenOpsError("config", `expected ${order.length} values, found ${cells.length}`, { place });
  }
  const cell = (column: Column): string => cells[order.indexOf(column)] ?? "";
  const check = (column: Column, holds: boolean, what: string): void => {
    if (!holds)
      throw new GenOpsError("config", `expected ${what}, found "${cell(column)}"`, { place: { ...place, column } });
  };
  const rate = tryParseDecimal(cell("rate"));
  check("date", isDay(cell("date")), "a day such as 2024-09-01");
  check("from", isCurrency(cell("from")), "an ISO 4217 currency code");
  check("to", isCurrency(cell("to")) && cell("to") !== cell("from"), "another ISO 4217 currency code");
  check("rate", rate !== undefined && rate > 0n, "a rate above zero such as 1.0834");
  return { date: cell("date"), from: cell("from"), to: cell("to"), rate: rate ?? ZERO };
}
