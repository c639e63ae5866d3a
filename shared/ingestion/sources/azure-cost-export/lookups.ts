import { fileURLToPath } from "node:url";
import { type SqlEngine, sqlText } from "../../../ports/sql-engine.ts";

/** Table → file under reference/ and what is taken from it. */
const LOOKUPS: readonly (readonly [table: string, file: string, select: string])[] = [
  ["azure_services", "services.csv", "*"],
  ["azure_categories", "category-mapping.csv", "lower(ConsumedService) AS ConsumedService, ServiceCategory"],
  ["azure_regions", "regions.csv", "OriginalValue, RegionId, RegionName"],
  ["azure_resource_types", "resource-types.csv", "ResourceType, SingularDisplayName"],
  [
    "azure_pricing_units",
    "pricing-units.csv",
    "UnitOfMeasure AS unit_key, PricingBlockSize::BIGINT AS block, DistinctUnits AS distinct_unit",
  ],
];

/** Loads the reference data that the mapping joins (X-7, AZ-7, regions, resource types). */
export async function loadLookups(engine: SqlEngine): Promise<void> {
  for (const [table, file, select] of LOOKUPS) {
    const path = fileURLToPath(new URL(`reference/${file}`, import.meta.url));
    await engine.run(
      `CREATE OR REPLACE TEMP TABLE ${table} AS SELECT ${select} FROM read_csv(${sqlText(path)}, header = true, all_varchar = true, delim = ',', quote = '"')`,
    );
  }
}
