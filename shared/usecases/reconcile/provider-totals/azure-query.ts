import type { ReconcileAgainst } from "../../../config/types.ts";
import { parseDecimal } from "../../../core/decimal.ts";
import { GenOpsError } from "../../../core/errors.ts";
import { addDays, type Month, monthDays } from "../../../core/period.ts";
import { type Page, pageLines, parsePage } from "../../../ingestion/sources/azure-cost-query/page.ts";
import { scopePath } from "../../../ingestion/sources/azure-cost-query/scope.ts";
import type { ProviderTotals } from "../../../ports/independent-totals.ts";
import type { Runtime } from "../../runtime.ts";

const KEY = "SubscriptionId";

/** Actual cost of the month per subscription, by Azure's Query API. */
export async function azureQueryTotals(
  runtime: Runtime,
  { source, scope }: Extract<ReconcileAgainst, { with: "azure-query" }>,
  period: Month,
): Promise<ProviderTotals> {
  const { start, end } = monthDays(period);
  const [from, to] = [start, addDays(end, -1)];
  const api = await runtime.apis.costQuery({ id: source });
  const request = {
    type: "ActualCost" as const,
    from,
    to,
    groupBy: [{ type: "Dimension" as const, name: KEY }],
    where: [],
  };
  const pages: Page[] = [];
  const links = new Set<string>();
  for (let nextLink: string | undefined; ; ) {
    const answer = await api.query(scopePath(scope), request, nextLink);
    if (answer.outcome === "later") throw new GenOpsError("unavailable", `Azure gives no total now: ${answer.reason}`);
    if (answer.outcome === "empty") break;
    const read = parsePage(answer.page, { from, to, keys: [KEY] });
    if ("problem" in read) throw new GenOpsError("refused", `Azure's answer cannot be read: ${read.problem}`);
    pages.push(read.page);
    nextLink = read.page.nextLink;
    if (nextLink === undefined) break;
    if (links.has(nextLink)) throw new GenOpsError("refused", "Azure's pages lead in a circle");
    links.add(nextLink);
  }
  const { lines } = pageLines(pages, { measure: "ActualCost", level: "base", groupBy: [KEY], where: {}, payer: "" });
  const totals = lines.map(({ keys, unit, amount }) => ({
    account: keys[KEY] ?? "",
    invoice: undefined,
    currency: unit ?? "",
    amount: parseDecimal(amount),
    estimated: false,
  }));
  return { totals, origin: `Azure's Query API, actual cost by subscription of ${scope}` };
}
