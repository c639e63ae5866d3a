/** One record of CSV (RFC 4180); null is an empty field, and every text is quoted, so that `NULL` stays a word. */
export function csvRecord(values: readonly (string | null)[]): string {
  return values.map((value) => (value === null ? "" : `"${value.replaceAll('"', '""')}"`)).join(",");
}

/** The fields of one record: a doubled quote inside quotes is a quote, quotes themselves vanish. */
export function splitCsvRecord(record: string, delimiter: string): string[] {
  const fields: string[] = [];
  let field = "";
  let quoted = false;
  for (let index = 0; index < record.length; index++) {
    const char = record[index] as string;
    if (char === '"' && quoted && record[index + 1] === '"') {
      field += '"';
      index++;
    } else if (char === '"') quoted = !quoted;
    else if (char === delimiter && !quoted) {
      fields.push(field);
      field = "";
    } else field += char;
  }
  return [...fields, field];
}
