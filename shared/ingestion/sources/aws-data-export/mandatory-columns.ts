import type { SourceConfigOf } from "../../../config/types.ts";
import { GenOpsError } from "../../../core/errors.ts";
import type { RawTable } from "../../input/raw-table.ts";
import { canonicalName } from "./canonical-name.ts";

/** Without these a row cannot be placed; any one of the alternatives is enough. Trimmed reports lack much else (AWS-8). */
const MANDATORY: readonly (readonly string[])[] = [
  ["line_item_line_item_type"],
  ["line_item_product_code", "product_product_name"],
  ["line_item_unblended_cost"],
  ["line_item_usage_start_date"],
  ["line_item_usage_end_date", "identity_time_interval"],
];

/** Refuses files that are no cost and usage report, or whose gaps the configuration does not fill. Names everything that is missing. */
export function requireColumns(tables: readonly RawTable[], source: SourceConfigOf<"aws-data-export">): void {
  for (const table of tables) {
    const present = new Set(table.columns.map(({ header }) => canonicalName(header)));
    const missing = [
      ...MANDATORY.filter((names) => !names.some((name) => present.has(name))).map((names) => names.join(" or ")),
      ...configured(present, "line_item_currency_code", "currency", source.currency),
      ...configured(present, "bill_payer_account_id", "billingAccountId", source.billingAccountId),
    ];
    if (missing.length === 0) continue;
    const file = table.files[0]?.name;
    throw new GenOpsError(
      "refused",
      `not a complete AWS cost and usage report: it has no column ${missing.join(", ")}`,
      {
        place: { source: source.id, ...(file === undefined ? {} : { file }) },
      },
    );
  }
}

function configured(
  present: ReadonlySet<string>,
  column: string,
  setting: string,
  value: string | undefined,
): string[] {
  return present.has(column) || value !== undefined ? [] : [`${column} (and the source sets no \`${setting}\`)`];
}
