/** An engine type as DESCRIBE prints it, read as far as a mapping needs. */
export type ParquetType =
  | { kind: "scalar" }
  | { kind: "list"; item: ParquetType }
  | { kind: "struct"; fields: ReadonlyMap<string, ParquetType> };

/** Reads `STRUCT("key" VARCHAR, "value" VARCHAR)[]`. */
export function parseParquetType(text: string): ParquetType {
  const trimmed = text.trim();
  if (trimmed.endsWith("[]")) return { kind: "list", item: parseParquetType(trimmed.slice(0, -2)) };
  const inner = /^STRUCT\(([\s\S]*)\)$/.exec(trimmed)?.[1];
  if (inner === undefined) return { kind: "scalar" };
  const fields = splitFields(inner).map((field) => {
    const [, quoted, plain, type = ""] = /^\s*(?:"((?:[^"]|"")*)"|(\S+))\s+([\s\S]+)$/.exec(field) ?? [];
    return [(quoted?.replaceAll('""', '"') ?? plain ?? "").toLowerCase(), parseParquetType(type)] as const;
  });
  return { kind: "struct", fields: new Map(fields) };
}

/** Splits at commas outside parentheses and quotes. */
function splitFields(text: string): string[] {
  const fields: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const char = text[index];
    if (char === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (char === "(") depth++;
    else if (char === ")") depth--;
    else if (char === "," && depth === 0) {
      fields.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...fields, text.slice(start)];
}
