import { GenOpsError } from "../../../core/errors.ts";
import { at } from "../detector/daily/numbers.ts";
import { readCsvRecords } from "./csv-records.ts";
import { createObservationTable, type Observations } from "./observations.ts";
import { createInstantReader } from "./read-instant.ts";

const COLUMNS = ["series", "charge_time", "observed_at", "cost"] as const;
type Column = (typeof COLUMNS)[number];
type Order = Readonly<Record<Column, number>>;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** What the ledger's DECIMAL(38,18) holds. */
const LARGEST = 1e20;

/**
 * Reads `series,charge_time,observed_at,cost` (columns and rows in any order) for a replay. Every row is checked: `usage` errors name file,
 * line and column. A row that stands twice counts once. Of two costs for the same period at the same instant the larger one counts,
 * whichever comes first, and `warn` is told where: measured series have such rows where a clock was set back.
 */
export async function readObservations(
  chunks: AsyncIterable<Uint8Array>,
  fileName: string,
  warn: (message: string) => void = () => {},
): Promise<Observations> {
  const table = createObservationTable();
  const readInstant = createInstantReader();
  let order: Order | undefined;

  await readCsvRecords(chunks, fileName, (fields, line) => {
    if (order === undefined) order = orderOf(fields, fileName, line);
    else addRow(order, fields, line);
  });
  if (order === undefined) {
    const place = { file: fileName, line: 1 };
    throw new GenOpsError("usage", `the file is empty; it must begin with the header ${COLUMNS.join(",")}`, { place });
  }
  const observations = table.sorted();
  settleContradictions(observations, fileName, warn);
  return observations;

  function addRow(columns: Order, fields: readonly string[], line: number): void {
    const refuse = (column: Column | undefined, expected: string, found: string | number): never => {
      const place = { file: fileName, line, ...(column === undefined ? {} : { column }) };
      throw new GenOpsError("usage", `expected ${expected}, found ${found}`, { place });
    };
    const text = (column: Column): string => fields[columns[column]] ?? "";
    const instant = (column: Column): number =>
      readInstant(text(column)) ??
      refuse(column, "an instant such as 2026-07-20T00:00:00Z", JSON.stringify(text(column)));
    if (fields.length !== COLUMNS.length) refuse(undefined, `${COLUMNS.length} values`, fields.length);
    const series = text("series");
    if (series === "") refuse("series", "a name", '""');
    const chargeTime = instant("charge_time");
    const observedAt = instant("observed_at");
    if (observedAt < chargeTime) refuse("observed_at", "an instant not before charge_time", text("observed_at"));
    const cost = numberOf(text("cost")) ?? refuse("cost", "a number below 1e20", JSON.stringify(text("cost")));
    table.add(series, chargeTime, observedAt, cost, line);
  }
}

function orderOf(names: readonly string[], file: string, line: number): Order {
  const found = names.map((name) => name.trim().toLowerCase());
  const missing = COLUMNS.find((name) => !found.includes(name));
  const column = missing ?? found.find((name, index) => !isColumn(name) || found.indexOf(name) !== index);
  if (column !== undefined) {
    throw new GenOpsError("usage", `expected the header ${COLUMNS.join(",")}`, { place: { file, line, column } });
  }
  const place = (name: Column) => found.indexOf(name);
  return {
    series: place("series"),
    charge_time: place("charge_time"),
    observed_at: place("observed_at"),
    cost: place("cost"),
  };
}

function isColumn(name: string): name is Column {
  return COLUMNS.some((column) => column === name);
}

function numberOf(text: string): number | undefined {
  const trimmed = text.trim();
  const value = NUMBER.test(trimmed) ? Number(trimmed) : Number.NaN;
  return Math.abs(value) < LARGEST ? value + 0 : undefined;
}

/** Sorted rows: those that tell of the same period at the same instant are neighbours. */
function settleContradictions(observations: Observations, file: string, warn: (message: string) => void): void {
  const { names, series, chargeTime, observedAt, cost, line } = observations;
  let count = 0;
  let first = "";
  for (let begin = 0, end = 1; begin < cost.length; begin = end, end += 1) {
    const isSame = (row: number) =>
      chargeTime[row] === chargeTime[begin] && series[row] === series[begin] && observedAt[row] === observedAt[begin];
    while (end < cost.length && isSame(end)) end += 1;
    if (end === begin + 1) continue;
    const costs = cost.subarray(begin, end);
    if (costs.every((one) => one === costs[0])) continue;
    if (count === 0)
      first = `series ${JSON.stringify(names[at(series, begin)])}, lines ${line.subarray(begin, end).join(", ")}`;
    count += 1;
    costs.fill(Math.max(...costs));
  }
  const times = count === 1 ? "once" : `${count} times`;
  if (count > 0)
    warn(
      `${file} has different costs for the same charge_time and observed_at ${times}; the largest counts (first: ${first})`,
    );
}
