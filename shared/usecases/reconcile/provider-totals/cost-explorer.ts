import type { ReconcileAgainst } from "../../../config/types.ts";
import { parseDecimal } from "../../../core/decimal.ts";
import { GenOpsError } from "../../../core/errors.ts";
import { type Month, monthDays } from "../../../core/period.ts";
import { type Page, parsePage } from "../../../ingestion/sources/aws-cost-explorer/page.ts";
import {
  createPaidCalls,
  type PaidCall,
  type PaidCalls,
} from "../../../ingestion/sources/aws-cost-explorer/paid-calls.ts";
import type { CostAndUsageRequest, CostExplorerApi } from "../../../ports/billing-apis.ts";
import type { ProviderTotal, ProviderTotals } from "../../../ports/independent-totals.ts";
import type { Runtime } from "../../runtime.ts";

/** Unblended cost of the month per linked account, by Cost Explorer. Each page costs a cent and counts against its own daily cap. */
export async function costExplorerTotals(
  runtime: Runtime,
  { source, maxDailyCost }: Extract<ReconcileAgainst, { with: "cost-explorer" }>,
  period: Month,
): Promise<ProviderTotals> {
  const { start, end } = monthDays(period);
  const request: CostAndUsageRequest = {
    timePeriod: { start, end },
    granularity: "MONTHLY",
    metrics: ["UnblendedCost"],
    groupBy: [{ type: "DIMENSION", key: "LINKED_ACCOUNT" }],
    where: [],
  };
  const api = await runtime.apis.costExplorer({ id: source });
  const { lake: store, clock, randomness } = runtime;
  const calls = createPaidCalls({ store, clock, randomness }, `${source}.reconcile`, maxDailyCost);
  const totals: ProviderTotal[] = [];
  for (let token: string | undefined; ; ) {
    const page = await buy(api, calls, token === undefined ? request : { ...request, nextPageToken: token });
    totals.push(...totalsOf(page));
    token = page.nextPageToken;
    if (token === undefined) return { totals, origin: "Cost Explorer, unblended cost by linked account" };
  }
}

async function buy(api: CostExplorerApi, calls: PaidCalls, request: CostAndUsageRequest): Promise<Page> {
  const reserved = await calls.reserve(`totals ${request.timePeriod.start} ${request.nextPageToken ?? ""}`);
  if (reserved.outcome === "spent")
    throw new GenOpsError(
      "unavailable",
      "what Cost Explorer may cost a day for this is spent (reconcile maxDailyCost); try tomorrow",
    );
  if (reserved.outcome === "busy")
    throw new GenOpsError("unavailable", "another run is asking Cost Explorer for the same; try again");
  return askOnce(api, reserved.call, request);
}

async function askOnce(api: CostExplorerApi, call: PaidCall, request: CostAndUsageRequest): Promise<Page> {
  const answer = await api.getCostAndUsage(request).catch(async (error: unknown) => {
    await call.free();
    throw error;
  });
  if (answer.outcome !== "page") {
    await (answer.outcome === "lost" ? call.lost() : call.free());
    throw new GenOpsError("unavailable", `Cost Explorer gives no total: ${answer.reason}`);
  }
  await call.answered();
  const read = parsePage(answer.page, request.groupBy.length);
  if ("page" in read) return read.page;
  throw new GenOpsError("refused", `Cost Explorer's answer cannot be read: ${read.problem}`);
}

function totalsOf({ resultsByTime }: Page): ProviderTotal[] {
  return resultsByTime.flatMap(({ Groups, Estimated }) =>
    (Groups ?? []).flatMap(({ Keys, Metrics }) =>
      Object.values(Metrics).map(({ Amount, Unit }) => ({
        account: Keys[0] ?? "",
        invoice: undefined,
        currency: Unit ?? "USD",
        amount: parseDecimal(Amount),
        estimated: Estimated === true,
      })),
    ),
  );
}
