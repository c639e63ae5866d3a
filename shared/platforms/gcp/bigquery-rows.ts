import { GenOpsError } from "../../core/errors.ts";
import type { BigQueryRow, BigQueryValue } from "../../ports/billing-apis.ts";

/** A column of an answer, as the REST API describes it. */
export interface Field {
  name?: string | undefined;
  type?: string | undefined;
  mode?: string | undefined;
  fields?: readonly Field[] | undefined;
}

/** One row of the wire, `{f: [{v: …}]}`, in the shape of a JSON extract. */
export function decodeRow(fields: readonly Field[], row: unknown): BigQueryRow {
  const cells = property(row, "f");
  if (!Array.isArray(cells) || cells.length !== fields.length) throw odd("a row", row);
  return Object.fromEntries(
    fields.map((field, index) => [field.name ?? "", decodeCell(field, property(cells[index], "v"))]),
  );
}

function decodeCell(field: Field, value: unknown): BigQueryValue {
  if (field.mode !== "REPEATED") return decodeValue(field, value);
  // A repeated field without items is null on the wire and an empty list in an extract.
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw odd(field.name ?? "", value);
  return value.map((item) => decodeValue(field, property(item, "v")));
}

function decodeValue(field: Field, value: unknown): BigQueryValue {
  if (value === null || value === undefined) return null;
  if (field.type === "RECORD" || field.type === "STRUCT") return decodeRow(field.fields ?? [], value);
  if (typeof value !== "string") throw odd(field.name ?? "", value);
  if (/^FLOAT(64)?$/.test(field.type ?? "")) return float(value);
  switch (field.type) {
    case "BOOLEAN":
    case "BOOL":
      return value === "true";
    case "TIMESTAMP":
      return timestamp(value);
    default:
      return value;
  }
}

/** `NaN` and `Infinity` are no JSON numbers; as text they reach whoever reads the column, and are refused there. */
function float(text: string): number | string {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

/** Microseconds since 1970 (`useInt64Timestamp`) → `2024-09-01 07:00:00.000001 UTC`, a fraction only where there is one. */
function timestamp(micros: string): string {
  if (!/^-?\d+$/.test(micros)) throw odd("a timestamp", micros);
  const value = BigInt(micros);
  const fraction = ((value % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((value - fraction) / 1000n)).toISOString().slice(0, 19).replace("T", " ");
  return fraction === 0n ? `${seconds} UTC` : `${seconds}.${String(fraction).padStart(6, "0")} UTC`;
}

function property(value: unknown, name: "f" | "v"): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function odd(what: string, value: unknown): GenOpsError {
  return new GenOpsError(
    "unavailable",
    `BigQuery answered with ${what} that cannot be read: ${JSON.stringify(value)}`,
    {
      retryable: false,
    },
  );
}
