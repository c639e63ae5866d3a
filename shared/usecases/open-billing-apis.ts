import type { UsageMeter } from "../ledger/own-usage/usage.ts";
import type {
  AthenaApi,
  BigQueryApi,
  BillingApis,
  CostExplorerApi,
  CostQueryApi,
  OpenCostApi,
} from "../ports/billing-apis.ts";
import type { Clock } from "../ports/clock.ts";
import type { Randomness } from "../ports/randomness.ts";
import type { Credentials } from "./open-credentials.ts";

async function openCost(source: { id: string; url: string }): Promise<OpenCostApi> {
  const { createOpenCostApi } = await import("../platforms/opencost.ts");
  return createOpenCostApi(source);
}

async function costExplorer(
  { id }: { id: string },
  { usage, credentials }: Pick<BillingApiDeps, "usage" | "credentials">,
): Promise<CostExplorerApi> {
  const access = await credentials?.().aws();
  const { createCostExplorerApi } = await import("../platforms/aws/cost-explorer.ts");
  const api = createCostExplorerApi({ source: id, credentials: access?.credentials });
  return {
    ...api,
    async getCostAndUsage(request) {
      const answer = await api.getCostAndUsage(request);
      const charged = answer.outcome === "page" || answer.outcome === "lost";
      if (charged) usage.count("aws", { costExplorerPages: 1 });
      return answer;
    },
  };
}

async function costQuery(
  { id }: { id: string },
  { credentials }: Pick<BillingApiDeps, "credentials">,
): Promise<CostQueryApi> {
  const tokens = await credentials?.().azure();
  const { createCostQueryApi } = await import("../platforms/azure/cost-query.ts");
  return createCostQueryApi({ source: id, tokens });
}

export interface BillingApiDeps {
  clock: Clock;
  randomness: Randomness;
  /** Opened anew at each call, so that a token that is no longer accepted is not used again. Default: each SDK's own chain. */
  credentials?: () => Pick<Credentials, "aws" | "azure" | "gcp">;
  /** Counts what is paid for. */
  usage: UsageMeter;
}

/** Leads each billing API to its adapter; the adapter and its SDK are loaded when a source asks. */
export function openBillingApis(deps: BillingApiDeps): BillingApis {
  return {
    costExplorer: (source) => costExplorer(source, deps),
    costQuery: (source) => costQuery(source, deps),
    bigQuery: (source) => bigQuery(source, deps),
    athena: (source) => athena(source, deps),
    openCost,
  };
}

async function bigQuery(
  { project: projectId }: { project: string },
  { clock, randomness, credentials, usage }: BillingApiDeps,
): Promise<BigQueryApi> {
  const { createBigQueryApi } = await import("../platforms/gcp/bigquery.ts");
  const createCredentials = async () => credentials?.().gcp();
  const api = createBigQueryApi({ projectId, clock, randomness, createCredentials });
  return {
    ...api,
    async query(request) {
      const result = await api.query(request);
      usage.count("gcp", { bigQueryBytes: billedBytes(result.bytesProcessed) });
      return result;
    },
  };
}

async function athena(
  { region }: { region?: string | undefined },
  { clock, randomness, credentials, usage }: BillingApiDeps,
): Promise<AthenaApi> {
  const access = (await credentials?.().aws()) ?? {};
  const { createAthenaApi } = await import("../platforms/aws/athena.ts");
  const api = createAthenaApi({ clock, randomness, region: region ?? access.region, credentials: access.credentials });
  return {
    ...api,
    async query(request) {
      const result = await api.query(request);
      usage.count("aws", { athenaBytes: billedBytes(result.bytesScanned) });
      return result;
    },
  };
}

/** BigQuery and Athena bill whole MiB, ten at least; nothing for an answer from its cache [assumed]. */
function billedBytes(processed: bigint): number {
  const mebibytes = Math.ceil(Number(processed) / 2 ** 20);
  return processed === 0n ? 0 : Math.max(10, mebibytes) * 2 ** 20;
}
