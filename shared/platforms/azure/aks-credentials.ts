import * as yaml from "yaml";
import * as z from "zod";
import { GenOpsError } from "../../core/errors.ts";
import { keepUntilExpiry } from "../../core/expiring.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AzureTokens, BearerToken, ClusterAccess } from "../../ports/credentials.ts";
import { askArm, clusterId } from "./arm.ts";

export interface AksAccessOptions {
  subscription: string;
  resourceGroup: string;
  cluster: string;
  tokens: AzureTokens;
  clock: Pick<Clock, "now">;
  /** Default: `https://management.azure.com`; sovereign clouds have others. */
  armUrl?: string | undefined;
}

/** The Entra application of every AKS API server, the same everywhere. */
const AKS_SCOPE = "6dae42f8-4368-4678-94ff-3960e28e3630/.default";
const API_VERSION = "2025-05-01";
const EARLY_MS = 5 * 60_000;

const ManagedCluster = z.object({ properties: z.object({ disableLocalAccounts: z.boolean().optional() }) });
const Kubeconfigs = z.object({ kubeconfigs: z.array(z.object({ value: z.string() })).min(1) });
const Kubeconfig = z.object({
  clusters: z
    .array(z.object({ cluster: z.object({ server: z.string(), "certificate-authority-data": z.string().optional() }) }))
    .min(1),
});

/**
 * How to reach an AKS cluster: server and CA from `listClusterUserCredential` (never the admin's, which is a static certificate), and Entra
 * tokens for the AKS application. Refuses a cluster that still has local accounts. Needs the role "Azure Kubernetes Service Cluster User
 * Role", and rights inside the cluster.
 */
export async function openAksCluster(options: AksAccessOptions): Promise<ClusterAccess> {
  const managed = ManagedCluster.safeParse(await arm(options, "GET", ""));
  if (managed.data?.properties.disableLocalAccounts !== true) throw localAccounts(options);
  const { server, "certificate-authority-data": authority } = readKubeconfig(
    await arm(options, "POST", "/listClusterUserCredential"),
    options,
  );
  return {
    server: server.replace(/\/$/, ""),
    ...(authority === undefined ? {} : { certificateAuthority: Buffer.from(authority, "base64").toString("utf8") }),
    token: keepUntilExpiry(() => clusterToken(options), { now: () => options.clock.now(), earlyMs: EARLY_MS }),
  };
}

async function clusterToken({ tokens }: AksAccessOptions): Promise<BearerToken> {
  const { token, expiresOnTimestamp } = await tokens.getToken(AKS_SCOPE);
  return { value: token, expiresAt: new Date(expiresOnTimestamp) };
}

async function arm(options: AksAccessOptions, method: "GET" | "POST", action: string): Promise<unknown> {
  const { tokens, armUrl } = options;
  const answer = await askArm({
    tokens,
    armUrl,
    id: `${clusterId(options)}${action}`,
    apiVersion: API_VERSION,
    method,
  });
  if (answer.status !== 200) throw failure(options, answer.status, answer.text);
  return JSON.parse(answer.text);
}

function readKubeconfig(
  answer: unknown,
  options: AksAccessOptions,
): z.infer<typeof Kubeconfig>["clusters"][0]["cluster"] {
  const listed = Kubeconfigs.safeParse(answer);
  const text = Buffer.from(listed.data?.kubeconfigs[0]?.value ?? "", "base64").toString("utf8");
  const [first] = Kubeconfig.safeParse(yaml.parse(text)).data?.clusters ?? [];
  if (first !== undefined) return first.cluster;
  throw new GenOpsError("unavailable", `AKS cluster ${options.cluster}: Azure gave no usable kubeconfig`);
}

function localAccounts({ cluster, resourceGroup }: AksAccessOptions): GenOpsError {
  return new GenOpsError(
    "config",
    `AKS cluster ${cluster} still has local accounts, whose certificates are static keys; turn on Microsoft Entra integration and run az aks update --resource-group ${resourceGroup} --name ${cluster} --disable-local-accounts`,
  );
}

function failure({ cluster, resourceGroup }: AksAccessOptions, status: number, body: string): GenOpsError {
  const said = `${status} ${body.slice(0, 300)}`.trim();
  if (status === 404)
    return new GenOpsError("config", `there is no AKS cluster ${cluster} in resource group ${resourceGroup}: ${said}`);
  if (status === 401 || status === 403) {
    const fix = 'assign the role "Azure Kubernetes Service Cluster User Role" on the cluster';
    return new GenOpsError("config", `AKS cluster ${cluster} may not be read: ${said}; ${fix}`);
  }
  return new GenOpsError("unavailable", `AKS cluster ${cluster} could not be read: ${said}`);
}
