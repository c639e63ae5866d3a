import type { ClusterConfig, CredentialsConfig, ReconcileAgainst, SourceConfig } from "../../config/types.ts";
import { parseBucketUrl } from "../../ingestion/input/bucket-url.ts";
import type { FileSourceType } from "../../ingestion/sources/bill.ts";
import { fetcherOf, fileSourceOf, isFileSourceType } from "../../ingestion/sources/registry.ts";
import type { FileSourceConfig } from "../../ledger/collect/deps.ts";
import type { Cloud } from "../../ports/credentials.ts";
import type { StoreGrants } from "../../ports/permissions.ts";

const SCHEMES: Readonly<Record<string, Cloud>> = { s3: "aws", azblob: "azure", azureblob: "azure", gs: "gcp" };

/** The cloud that a location lies in; undefined on this machine. */
export function cloudOf(location: string): Cloud | undefined {
  return SCHEMES[/^([a-z][a-z0-9]+):\/\//i.exec(location)?.[1]?.toLowerCase() ?? ""];
}

/** What a store there takes; undefined on this machine. */
export async function grantsFor(location: string): Promise<StoreGrants | undefined> {
  switch (cloudOf(location)) {
    case "aws":
      return (await import("../../platforms/aws/grants.ts")).s3Grants(location);
    case "azure":
      return (await import("../../platforms/azure/grants.ts")).blobGrants(location);
    case "gcp":
      return (await import("../../platforms/gcp/grants.ts")).gcsGrants(location);
    default:
      return undefined;
  }
}

export interface BillPlace {
  role: string;
  location: string;
}

/** Where a source's files lie; none for a source that is fetched from an API. */
export function billPlaces(source: SourceConfig): readonly BillPlace[] {
  return readsFiles(source) ? fileSourceOf<FileSourceType>(source.type).locations(source) : [];
}

function readsFiles(source: SourceConfig): source is FileSourceConfig {
  return isFileSourceType(source.type) && fetcherOf(source) === undefined;
}

/** The part of a location's key that a listing can begin with: globs end it. */
export function listedPrefix(location: string): string {
  return (parseBucketUrl(location)?.key ?? "").replace(/[*?[{].*$/, "");
}

/** What a run has to reach. */
export interface Reached {
  /** Locations of lakes. */
  lakes: readonly string[];
  sources: readonly SourceConfig[];
  against: readonly ReconcileAgainst[];
  clusters: readonly ClusterConfig[];
  credentials: CredentialsConfig;
}

/** The clouds that such a run has to get into. */
export function cloudsInUse({ lakes, sources, against, clusters, credentials }: Reached): Cloud[] {
  const locations = [...lakes, ...sources.flatMap((source) => billPlaces(source).map(({ location }) => location))];
  const used = new Set<Cloud>([
    ...locations.flatMap((location) => cloudOf(location) ?? []),
    ...sources.flatMap((source) => apiCloud(source) ?? []),
    ...against.flatMap((each) => TOTALS[each.with] ?? []),
    ...clusters.flatMap(({ provider }) => MANAGED[provider] ?? []),
    ...(Object.keys(credentials) as Cloud[]),
  ]);
  return (["aws", "azure", "gcp"] as const).filter((cloud) => used.has(cloud));
}

const MANAGED: Readonly<Partial<Record<ClusterConfig["provider"], Cloud>>> = { eks: "aws", aks: "azure", gke: "gcp" };

const TOTALS: Readonly<Partial<Record<ReconcileAgainst["with"], Cloud>>> = {
  "cost-explorer": "aws",
  "azure-query": "azure",
  bigquery: "gcp",
};

function apiCloud(source: SourceConfig): Cloud | undefined {
  if (source.type === "aws-cost-explorer") return "aws";
  if (source.type === "azure-cost-query") return "azure";
  if (source.type !== "gcp-billing-export" && source.type !== "focus-export") return undefined;
  if (source.table !== undefined) return "gcp";
  return source.type === "focus-export" && source.athena !== undefined ? "aws" : undefined;
}
