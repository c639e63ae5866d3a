import { type Decimal, fromInteger, multiplyDivide, parseDecimal } from "../../core/decimal.ts";

/** What a measure of GenOps' own use costs at list price. */
export interface OwnPrice {
  /** What people read: `invocations`, `compute`, `requests`, `storage`, `egress`, `queue`, `paid API`. */
  item: string;
  /** US dollars … */
  price: Decimal;
  /** … per so many units of the measure. */
  per: Decimal;
  /** In words. */
  unit: string;
}

type Cloud = "aws" | "azure" | "gcp";

const GIB = 1024 ** 3;
const usd = (item: string, price: string, per: number, unit: string): OwnPrice => ({
  item,
  price: parseDecimal(price),
  per: fromInteger(per),
  unit,
});
/** One GB-second is 1,024 MiB for 1,000 ms. */
const GB_SECOND = 1024 * 1000;

/**
 * The stated model: published list prices of a US region without free tiers and without discounts, so that it errs upwards. They are
 * general knowledge of 2026 and change; where GenOps' own bill lines have arrived, those count (`docs/cost-of-running.md`).
 */
export const OWN_PRICES_OF = "2026-11";

export const OWN_PRICES: Readonly<Record<Cloud, Readonly<Record<string, OwnPrice>>>> = {
  aws: {
    invocations: usd("invocations", "0.20", 1_000_000, "per million Lambda requests"),
    memoryMbMs: usd("compute", "0.0000166667", GB_SECOND, "per GB-second of Lambda"),
    writes: usd("requests", "0.005", 1000, "per thousand S3 PUT, COPY, LIST"),
    reads: usd("requests", "0.0004", 1000, "per thousand S3 GET"),
    storedBytes: usd("storage", "0.023", GIB, "per GB-month of S3 Standard"),
    egressBytes: usd("egress", "0.09", GIB, "per GB to the internet"),
    messages: usd("queue", "1.20", 1_000_000, "per million messages of SQS: sent, received, deleted"),
    athenaBytes: usd("paid API", "5", 1024 ** 4, "per TB that Athena scans"),
    costExplorerPages: usd("paid API", "0.01", 1, "per Cost Explorer request"),
  },
  azure: {
    invocations: usd("invocations", "0.20", 1_000_000, "per million executions"),
    memoryMbMs: usd("compute", "0.000016", GB_SECOND, "per GB-second of Functions"),
    writes: usd("requests", "0.055", 10_000, "per ten thousand Blob writes (hot, LRS)"),
    reads: usd("requests", "0.0044", 10_000, "per ten thousand Blob reads (hot, LRS)"),
    storedBytes: usd("storage", "0.0184", GIB, "per GB-month of Blob (hot, LRS)"),
    egressBytes: usd("egress", "0.087", GIB, "per GB to the internet"),
    messages: usd("queue", "0.0012", 10_000, "per ten thousand messages of a queue: sent, received, deleted"),
  },
  gcp: {
    invocations: usd("invocations", "0.40", 1_000_000, "per million requests"),
    memoryMbMs: usd("compute", "0.0000165", GB_SECOND, "per GB-second with its share of a CPU (2 GiB to 1 vCPU)"),
    writes: usd("requests", "0.05", 10_000, "per ten thousand class A operations"),
    reads: usd("requests", "0.004", 10_000, "per ten thousand class B operations"),
    storedBytes: usd("storage", "0.020", GIB, "per GB-month of Standard storage"),
    egressBytes: usd("egress", "0.12", GIB, "per GB to the internet"),
    messages: usd("queue", "0.08", 1_000_000, "per million Pub/Sub messages of 1 kB: published, delivered"),
    bigQueryBytes: usd("paid API", "6.25", 1024 ** 4, "per TiB that BigQuery reads"),
  },
};

/** Exact cost of `count` units; undefined when the measure is free there. */
export function priceOf(cloud: string, measure: string, count: number): { item: string; amount: Decimal } | undefined {
  const price = cloud in OWN_PRICES ? OWN_PRICES[cloud as Cloud][measure] : undefined;
  if (price === undefined) return undefined;
  return { item: price.item, amount: multiplyDivide(fromInteger(count), price.price, price.per) };
}
