/** Where something of GenOps runs or lies; `local` costs nothing that a cloud bills. */
export type UsageCloud = "aws" | "azure" | "gcp" | "local";

/** What GenOps itself has used. All are whole numbers that only grow within a day. */
export const USAGE_MEASURES = [
  /** Calls of functions. */
  "invocations",
  /** Memory of the functions × time they ran, in MiB × milliseconds. */
  "memoryMbMs",
  /** Requests that write or list (what clouds call class A, PUT, or write operations). */
  "writes",
  /** Requests that read. */
  "reads",
  "bytesRead",
  "bytesWritten",
  /** Bytes that left this cloud for another place. */
  "egressBytes",
  /** Messages sent to queues and topics. */
  "messages",
  /** Pages bought from Cost Explorer. */
  "costExplorerPages",
  /** Bytes that BigQuery has billed. */
  "bigQueryBytes",
  /** Bytes that Athena has scanned. */
  "athenaBytes",
] as const;

export type UsageMeasure = (typeof USAGE_MEASURES)[number];
export type Usage = Partial<Record<UsageMeasure, number>>;
export type UsageByCloud = Partial<Record<UsageCloud, Usage>>;

export function addUsage(a: UsageByCloud, b: UsageByCloud): UsageByCloud {
  const clouds = new Set([...Object.keys(a), ...Object.keys(b)] as UsageCloud[]);
  return Object.fromEntries(
    [...clouds].map((cloud) => [
      cloud,
      Object.fromEntries(
        USAGE_MEASURES.map((name) => [name, (a[cloud]?.[name] ?? 0) + (b[cloud]?.[name] ?? 0)] as const).filter(
          ([, count]) => count !== 0,
        ),
      ),
    ]),
  );
}

/** Counts what this process uses until somebody takes the count and writes it down. */
export interface UsageMeter {
  count(cloud: UsageCloud, usage: Usage): void;
  /** What was counted since the last time; each use is handed out once. */
  take(): UsageByCloud;
}

export function createUsageMeter(): UsageMeter {
  let counted: UsageByCloud = {};
  return {
    count(cloud, usage) {
      counted = addUsage(counted, { [cloud]: usage });
    },
    take() {
      const taken = counted;
      counted = {};
      return taken;
    },
  };
}
