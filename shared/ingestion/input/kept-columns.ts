import { asText } from "./bill-view.ts";
import type { RawTable } from "./raw-table.ts";

export interface KeptColumns {
  /** Names in the order of delivery; unique in SQL, where case does not count. */
  names: readonly string[];
  /** For `BillColumns.derived`: name → SQL over the table. */
  derived: (table: RawTable) => Readonly<Record<string, string>>;
}

/**
 * every delivered column that a mapping does not know is kept as it was delivered, as `x_<Header>`. Headers that repeat, or that differ
 * only by case, get a number: `x_team`, `x_Team_2`. `nameOf` gives other names than `x_` ones.
 */
export function keptColumns(
  tables: readonly RawTable[],
  isKnown: (header: string) => boolean,
  nameOf: (header: string) => string = customName,
): KeptColumns {
  const named = new Map<string, string>();
  const taken = new Set(["source_file"]);
  const perTable = new Map<RawTable, Record<string, string>>();
  for (const table of tables) {
    const seen = new Map<string, number>();
    const columns: Record<string, string> = {};
    for (const column of table.columns) {
      if (isKnown(column.header)) continue;
      const occurrence = (seen.get(column.header) ?? 0) + 1;
      seen.set(column.header, occurrence);
      const key = JSON.stringify([column.header, occurrence]);
      const name = named.get(key) ?? freeName(nameOf(column.header), taken);
      named.set(key, name);
      taken.add(name.toLowerCase());
      columns[name] = asText(column);
    }
    perTable.set(table, columns);
  }
  return { names: [...named.values()], derived: (table) => perTable.get(table) ?? {} };
}

function customName(header: string): string {
  return `x_${header.replace(/^x_/i, "") || "Unnamed"}`;
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${wanted}_${number}`;
  return name;
}
