import { reversibilityOf } from "../clusters/enforcement/actions/billing/reversible.ts";
import type { ClusterConfig, Config } from "../config/types.ts";
import { GenOpsError } from "../core/errors.ts";
import { parseBucketUrl } from "../ingestion/input/bucket-url.ts";
import { partsOfTable } from "../ingestion/tables/bigquery-table.ts";
import type { BillingControl, BillingTarget } from "../ports/billing-control.ts";
import type { Clock } from "../ports/clock.ts";
import type { Credentials } from "./open-credentials.ts";

export interface BillingControlDeps {
  config: Pick<Config, "enforcement" | "clusters" | "credentials" | "sources" | "lake" | "lakes">;
  credentials: Credentials;
  clock: Pick<Clock, "now">;
  /** Instead of the clouds' own, for tests. Clusters name theirs in the configuration. */
  urls?: {
    budgets?: string;
    sts?: string;
    iam?: string;
    billing?: string;
    resourceManager?: string;
    compute?: string;
    storage?: string;
  };
}

/** Every billing-side control behind one: the target tells which cloud is asked. The adapter and its SDK are loaded when one is. */
export function openBillingControls(deps: BillingControlDeps): BillingControl {
  return {
    read: async (target) => (await open(target, deps)).read(target),
    dryRun: async (target, from, to) => (await open(target, deps)).dryRun(target, from, to),
    change: async (target, from, to) => (await open(target, deps)).change(target, from, to),
    reversible: reversibilityOf,
  };
}

async function open(target: BillingTarget, deps: BillingControlDeps): Promise<BillingControl> {
  switch (target.kind) {
    case "aws-budget-action":
      return openBudgetActions(deps);
    case "gcp-detach-billing":
      return openDetachBilling(deps);
    case "resize-node-pool":
      return openNodePools(target.cluster, deps);
  }
}

async function openBudgetActions({ credentials, clock, urls }: BillingControlDeps): Promise<BillingControl> {
  const { createBudgetActions } = await import("../platforms/aws/budget-actions.ts");
  return createBudgetActions({ keys: await awsKeys(credentials), clock, urls });
}

async function openDetachBilling(deps: BillingControlDeps): Promise<BillingControl> {
  const { createDetachBilling } = await import("../platforms/gcp/detach-billing.ts");
  const { findGoogleProject } = await import("../platforms/gcp/credentials.ts");
  const { enforcement, lake, lakes } = deps.config;
  const { billing } = enforcement;
  const locations = [lake, ...Object.values(lakes).map(({ location }) => location)];
  return createDetachBilling({
    credentials: await googleCredentials(deps.credentials),
    projects: billing.gcpDetachBilling.map(({ project }) => project),
    isAllowed: billing.allowDetachBilling,
    ownProjects: ownProjects(deps),
    ownBuckets: locations.flatMap((location) =>
      /^gs:/i.test(location) ? (parseBucketUrl(location)?.root.split("/")[2] ?? []) : [],
    ),
    ...(deps.credentials.home === "gcp" ? { findHome: findGoogleProject } : {}),
    urls: deps.urls,
  });
}

async function openNodePools(name: string, deps: BillingControlDeps): Promise<BillingControl> {
  const { credentials, clock, urls } = deps;
  const cluster = deps.config.clusters.find((each) => each.name === name);
  switch (cluster?.provider) {
    case "eks": {
      const { createNodePools } = await import("../platforms/aws/node-pools.ts");
      return createNodePools({ ...cluster, keys: await awsKeys(credentials, cluster.region), clock, urls });
    }
    case "aks": {
      const { createNodePools } = await import("../platforms/azure/node-pools.ts");
      const { createPersonalTokens } = await import("../platforms/azure/credentials.ts");
      return createNodePools({ ...cluster, tokens: (await credentials.azure()) ?? createPersonalTokens() });
    }
    case "gke": {
      const { createNodePools } = await import("../platforms/gcp/node-pools.ts");
      return createNodePools({ ...cluster, credentials: await googleCredentials(credentials), urls });
    }
    default:
      throw noPools(name, cluster);
  }
}

function noPools(name: string, cluster: ClusterConfig | undefined): GenOpsError {
  const why = cluster === undefined ? "no such cluster is configured" : `${cluster.provider} has no API for node pools`;
  return new GenOpsError("config", `the node pools of ${name} cannot be resized: ${why}`, {
    place: { field: "enforcement.billing.nodePools" },
  });
}

async function awsKeys(credentials: BillingControlDeps["credentials"], region?: string) {
  const access = await credentials.aws();
  const { createAwsKeys } = await import("../platforms/aws/credentials.ts");
  return access.credentials ?? createAwsKeys({ region: region ?? access.region ?? "us-east-1" });
}

async function googleCredentials(credentials: BillingControlDeps["credentials"]) {
  const { findGoogleCredentials } = await import("../platforms/gcp/credentials.ts");
  return (await credentials.gcp()) ?? findGoogleCredentials();
}

/** Where GenOps itself lives at Google, as far as the configuration tells: projects it signs in through, and those of its queries and bills. */
function ownProjects({ config }: BillingControlDeps): string[] {
  const { gcp } = config.credentials;
  const federated = gcp?.kind === "federated" ? gcp : undefined;
  const found = [
    /^projects\/([^/]+)\//.exec(federated?.workloadIdentityProvider ?? "")?.[1],
    /@([^.]+)\.iam\.gserviceaccount\.com$/.exec(federated?.serviceAccount ?? "")?.[1],
    ...config.sources.flatMap((source) => {
      if (source.type !== "gcp-billing-export" && source.type !== "focus-export") return [];
      return [source.queryProject, source.table === undefined ? undefined : partsOfTable(source.table).project];
    }),
  ];
  return [...new Set(found.flatMap((project) => project || []))];
}
