/**
 * The CUR 2.0 name of a header: `lineItem/UnblendedCost` → `line_item_unblended_cost`, `savingsPlan/SavingsPlanARN` →
 * `savings_plan_savings_plan_a_r_n` (every capital begins a word, as AWS itself does it). Headers without a slash are CUR 2.0 or
 * legacy Parquet names already.
 */
export function canonicalName(header: string): string {
  if (!header.includes("/")) return header.toLowerCase();
  return header.split("/").map(snakeCase).join("_");
}

function snakeCase(word: string): string {
  return word
    .replace(/[A-Z]/g, (capital) => `_${capital}`)
    .replace(/[^A-Za-z0-9]+/g, "_")
    .replace(/^_/, "")
    .toLowerCase();
}
