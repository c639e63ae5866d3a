/** One record of CSV (RFC 4180); null is an empty field, and every text is quoted, so that `NULL` stays a word. */
export function csvRecord(values: readonly (string | null)[]): string {
  return values.map((value) => (value === null ? "" : `"${value.replaceAll('"', '""')}"`)).join(",");
}
