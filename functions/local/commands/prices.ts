import { formatDecimal, tryParseDecimal, ZERO } from "../../../shared/core/decimal.ts";
import { GenOpsError } from "../../../shared/core/errors.ts";
import { formatMoney } from "../../../shared/interfaces/console/money-text.ts";
import type { ListPrice } from "../../../shared/prices/list/find-prices.ts";
import { tieredCost } from "../../../shared/prices/list/tiered-cost.ts";
import { findListPrices, openCloudBilling, syncListPrices } from "../../../shared/usecases/list-prices.ts";
import type { Runtime } from "../../../shared/usecases/runtime.ts";
import { answer } from "../answer.ts";
import type { Format, Output } from "../output.ts";

export interface SyncOptions {
  service: string[];
  currency: string;
}

export async function syncPricesCommand(
  runtime: Runtime,
  out: Output,
  format: Format,
  { service: services, currency }: SyncOptions,
): Promise<number> {
  const synced = await syncListPrices(runtime, { services, currency }, await openCloudBilling(runtime));
  answer(out, format, {
    document: { services: synced },
    records: synced,
    print: () =>
      out.table(
        [
          { title: "service" },
          { title: "status", whole: true },
          { title: "SKUs", align: "right" },
          { title: "changed", align: "right" },
          { title: "gone", align: "right" },
        ],
        synced.map(({ serviceName, status, skus, changed, delisted }) => [
          serviceName,
          status,
          String(skus),
          String(changed),
          String(delisted),
        ]),
      ),
  });
  return 0;
}

export interface ShowOptions {
  service?: string;
  sku?: string;
  search?: string;
  currency?: string;
  at?: string;
  quantity?: string;
}

export async function showPricesCommand(
  runtime: Runtime,
  out: Output,
  format: Format,
  options: ShowOptions,
): Promise<number> {
  const { service, sku, search, currency } = options;
  const quantity = options.quantity === undefined ? undefined : tryParseDecimal(options.quantity);
  if (options.quantity !== undefined && quantity === undefined)
    throw new GenOpsError("usage", `--quantity ${options.quantity}: write a number of usage units`);
  const prices = await findListPrices(runtime, { service, sku, search, currency, at: instantOf(options.at) });
  const found = prices.map((price) => ({
    ...price,
    tiers: price.tiers.map(({ from, unitPrice }) => ({
      from: formatDecimal(from),
      unitPrice: formatDecimal(unitPrice),
    })),
    ...(quantity === undefined ? {} : { cost: formatDecimal(tieredCost(price.tiers, quantity)) }),
  }));
  answer(out, format, { document: { prices: found }, records: found, print: () => printPrices(out, prices, found) });
  return 0;
}

function printPrices(out: Output, prices: readonly ListPrice[], found: readonly { cost?: string }[]): void {
  if (prices.length === 0) {
    out.line("No such price is known; genops prices sync takes a service's prices into the lake.");
    return;
  }
  out.table(
    [
      { title: "SKU", whole: true },
      { title: "description" },
      { title: "since", leaveOut: 1 },
      { title: "price", align: "right" },
      { title: "per", whole: true },
      { title: "cost", align: "right" },
    ],
    prices.map((price, index) => [
      price.sku,
      `${price.description}${price.delistedAt === undefined ? "" : " (no longer listed)"}`,
      price.effectiveFrom.slice(0, 10),
      price.tiers
        .map(
          ({ from, unitPrice }) => `${from === 0n ? "" : `from ${formatDecimal(from)}: `}${formatDecimal(unitPrice)}`,
        )
        .join("; "),
      `${price.currency}/${price.usageUnit}`,
      found[index]?.cost === undefined ? "" : formatMoney(tryParseDecimal(found[index].cost) ?? ZERO, price.currency),
    ]),
  );
}

function instantOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const instant = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(instant.getTime()))
    throw new GenOpsError("usage", `--at ${text}: write a day such as 2024-09-30`);
  return instant;
}
