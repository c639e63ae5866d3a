import type { ReconcileAgainst } from "../../../config/types.ts";
import type { Month } from "../../../core/period.ts";
import type { ProviderTotals } from "../../../ports/independent-totals.ts";
import type { Runtime } from "../../runtime.ts";
import { azureQueryTotals } from "./azure-query.ts";
import { bigQueryTotals } from "./bigquery.ts";
import { costExplorerTotals } from "./cost-explorer.ts";
import { fileTotals } from "./file.ts";

/** The provider's own total of one billing period, by the way that the configuration names. */
export function readProviderTotals(
  runtime: Runtime,
  against: ReconcileAgainst,
  period: Month,
): Promise<ProviderTotals> {
  switch (against.with) {
    case "file":
      return fileTotals(runtime, against, period);
    case "cost-explorer":
      return costExplorerTotals(runtime, against, period);
    case "azure-query":
      return azureQueryTotals(runtime, against, period);
    case "bigquery":
      return bigQueryTotals(runtime, against, period);
  }
}
