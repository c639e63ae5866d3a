/**
 * The clouds' billing APIs as the sources need them: one page per call, errors as `GenOpsError` (`unavailable` with `retryable` for what
 * may pass, `config` for missing rights, `refused` for requests the API will never answer). Adapters in `shared/platforms/<cloud>`.
 */
export interface BillingApis {
  costExplorer(source: { id: string }): Promise<CostExplorerApi>;
  costQuery(source: { id: string }): Promise<CostQueryApi>;
  /** `project` runs the queries and is billed for them. */
  bigQuery(source: { id: string; project: string }): Promise<BigQueryApi>;
  /** `region`: where the workgroup is; default: the process's. */
  athena(source: { id: string; region?: string | undefined }): Promise<AthenaApi>;
  openCost(source: { id: string; url: string }): Promise<OpenCostApi>;
}

/** OpenCost's HTTP allocation API (`reference/more-contracts.md` §4.2). Free. */
export interface OpenCostApi {
  /** One entry per workload (and per cluster's idle part) of the window; empty when OpenCost knows nothing of it. */
  allocation(window: { start: string; end: string }): Promise<readonly ClusterAllocation[]>;
}

export interface ClusterAllocation {
  /** `cluster/namespace/controllerKind/controller`, or `cluster/__idle__`. */
  name: string;
  properties: {
    cluster?: string;
    namespace?: string;
    controllerKind?: string;
    controller?: string;
    labels?: Readonly<Record<string, string>>;
    namespaceLabels?: Readonly<Record<string, string>>;
  };
  /** Decimal text at list price, as delivered. */
  totalCost: string;
}

/** AWS Cost Explorer (`GetCostAndUsage`). Every call that succeeds costs money, so no call is repeated inside the adapter. */
export interface CostExplorerApi {
  getCostAndUsage(request: CostAndUsageRequest): Promise<CostAndUsageAnswer>;
  /** Id of the account whose credentials ask: in an organisation's management account the payer. Free. */
  accountId(): Promise<string>;
}

/** As the wire has it; `timePeriod.end` is exclusive. */
export interface CostAndUsageRequest {
  timePeriod: { start: string; end: string };
  granularity: "DAILY" | "MONTHLY";
  metrics: readonly string[];
  /** At most two. */
  groupBy: readonly CostGroup[];
  /** All of them hold. */
  where: readonly CostCondition[];
  nextPageToken?: string;
}

export interface CostGroup {
  type: "DIMENSION" | "TAG" | "COST_CATEGORY";
  key: string;
}

/** `value` null: costs without this tag or category. */
export interface CostCondition extends CostGroup {
  value: string | null;
}

export type CostAndUsageAnswer =
  | { outcome: "page"; page: CostAndUsagePage }
  /** There is nothing to know yet, or no longer. Free. */
  | { outcome: "no-data"; reason: string }
  /** The token leads nowhere any more: ask for the first page again. Free. */
  | { outcome: "restart"; reason: string }
  /** A rate limit or a failure of the service. Free; the same call may succeed later. */
  | { outcome: "throttled"; reason: string }
  /** No answer arrived: the call may have been charged. */
  | { outcome: "lost"; reason: string };

export interface CostAndUsagePage {
  /** `ResultsByTime` as delivered; amounts are decimal text. */
  resultsByTime: readonly unknown[];
  /** `DimensionValueAttributes` as delivered. */
  dimensionValueAttributes: readonly unknown[];
  nextPageToken?: string;
}

/** Azure Cost Management's Query API. One page per call; throttled per scope and tenant. Free. */
export interface CostQueryApi {
  /** `scope` without a slash at its start: `subscriptions/…`. `nextLink` is asked with the same request. */
  query(scope: string, request: CostQueryRequest, nextLink?: string): Promise<CostQueryAnswer>;
}

/** Costs per day. */
export interface CostQueryRequest {
  type: "ActualCost" | "AmortizedCost";
  /** First and last day, both included; at most 31 days. */
  from: string;
  to: string;
  /** At most two. */
  groupBy: readonly CostQueryGroup[];
  /** All of them hold. */
  where: readonly (CostQueryGroup & { value: string })[];
}

export interface CostQueryGroup {
  type: "Dimension" | "TagKey";
  name: string;
}

export type CostQueryAnswer =
  | { outcome: "page"; page: CostQueryPage }
  /** HTTP 204, or an answer without columns: no data for this scope and time. */
  | { outcome: "empty" }
  /** Throttled or out of service: ask this scope again after `afterMs`, if the service named a time. */
  | { outcome: "later"; afterMs?: number; reason: string };

export interface CostQueryPage {
  columns: readonly { name: string; type: string }[];
  rows: readonly (readonly unknown[])[];
  nextLink?: string;
}

/** Google BigQuery. Costs money per byte read. */
export interface BigQueryApi {
  /** Bytes that a query would read, without running it. Free. */
  estimate(request: BigQueryRequest): Promise<bigint>;
  /** Runs one SELECT. Throws `refused` above `maximumBytesBilled`, with the figure. */
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

/**
 * Rows in the shape of BigQuery's own JSON extract, fetched page by page while they are read: NUMERIC and INT64 as text, TIMESTAMP as
 * `2024-09-01 07:00:00 UTC`, FLOAT64 as the number it is (whose JSON is its shortest decimal text, X-1), records as objects, repeated
 * fields as lists.
 */
export interface BigQueryResult {
  rows: AsyncIterable<BigQueryRow>;
  totalRows: number;
  bytesProcessed: bigint;
}

export type BigQueryRow = Readonly<Record<string, BigQueryValue>>;
export type BigQueryValue =
  | null
  | boolean
  | number
  | string
  | readonly BigQueryValue[]
  | { readonly [name: string]: BigQueryValue };

/** Amazon Athena. Costs money per byte read; what one query may read is a setting of its workgroup. */
export interface AthenaApi {
  /** Bytes that one query of the workgroup may read; undefined: as many as it likes. Free. */
  scanLimit(workgroup: string): Promise<bigint | undefined>;
  /** Runs one SELECT. Throws `refused` when Athena cancels it because of the limit. */
  query(request: AthenaRequest): Promise<AthenaResult>;
}

export interface AthenaRequest {
  sql: string;
  database: string;
  workgroup: string;
  /** `s3://…` for results, where the workgroup does not say. */
  output?: string | undefined;
}

/** Rows are fetched page by page while they are read; every value is text. */
export interface AthenaResult {
  columns: readonly string[];
  rows: AsyncIterable<readonly (string | null)[]>;
  bytesScanned: bigint;
}
