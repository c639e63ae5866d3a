/**
 * The clouds' billing APIs as the sources need them: one page per call, errors as `GenOpsError` (`unavailable` with `retryable` for what
 * may pass, `config` for missing rights, `refused` for requests the API will never answer). Adapters in `shared/platforms/<cloud>`.
 */
export interface BillingApis {
  costExplorer(source: { id: string }): Promise<CostExplorerApi>;
  costQuery(source: { id: string }): Promise<CostQueryApi>;
  bigQuery(source: { id: string }): Promise<BigQueryApi>;
}

/** AWS Cost Explorer (`GetCostAndUsage`). Every call that succeeds costs money. */
export interface CostExplorerApi {
  getCostAndUsage(request: CostAndUsageRequest): Promise<CostAndUsagePage>;
}

/** As the wire has it; `timePeriod.end` is exclusive. */
export interface CostAndUsageRequest {
  timePeriod: { start: string; end: string };
  granularity: "DAILY" | "MONTHLY" | "HOURLY";
  metrics: readonly string[];
  groupBy: readonly { type: "DIMENSION" | "TAG" | "COST_CATEGORY"; key: string }[];
  /** Cost Explorer's own expression, as JSON. */
  filter?: unknown;
  nextPageToken?: string;
}

export interface CostAndUsagePage {
  /** `ResultsByTime` as delivered; amounts are decimal text. */
  resultsByTime: readonly unknown[];
  /** `DimensionValueAttributes` as delivered. */
  dimensionValueAttributes: readonly unknown[];
  nextPageToken?: string;
}

/** Azure Cost Management's Query API. One page per call; throttled per scope and tenant. */
export interface CostQueryApi {
  query(scope: string, body: unknown, nextLink?: string): Promise<CostQueryAnswer>;
}

export type CostQueryAnswer =
  | {
      outcome: "page";
      columns: readonly { name: string; type: string }[];
      rows: readonly unknown[][];
      nextLink?: string;
    }
  /** HTTP 204: no data for this scope and time. */
  | { outcome: "empty" }
  /** HTTP 429 or 503: nothing was answered; do not ask this scope again before. */
  | { outcome: "later"; afterMs: number; reason: string };

/** Google BigQuery. Costs money per byte read. */
export interface BigQueryApi {
  /** Runs one SELECT; rows arrive in pages, decimals and timestamps as text. Throws `refused` above `maximumBytesBilled`. */
  query(request: BigQueryRequest): Promise<BigQueryResult>;
}

export interface BigQueryRequest {
  sql: string;
  parameters: Readonly<Record<string, BigQueryParameter>>;
  maximumBytesBilled: bigint;
}

export interface BigQueryParameter {
  type: "STRING" | "TIMESTAMP" | "DATE" | "INT64";
  value: string;
}

export interface BigQueryResult {
  rows: AsyncIterable<Readonly<Record<string, unknown>>>;
  bytesProcessed: bigint;
}
