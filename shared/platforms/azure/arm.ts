import { GenOpsError, messageOf } from "../../core/errors.ts";
import type { AzureTokens } from "../../ports/credentials.ts";

export const ARM_URL = "https://management.azure.com";

export interface ArmRequest {
  tokens: AzureTokens;
  /** Default: `https://management.azure.com`; sovereign clouds have others. */
  armUrl?: string | undefined;
  /** Path of a resource, `/subscriptions/…`. */
  id: string;
  apiVersion: string;
  method?: "GET" | "POST" | "PUT";
  body?: unknown;
  /** The version that a write insists on. */
  ifMatch?: string | undefined;
}

const TIMEOUT_MS = 15_000;

/** One request to Azure Resource Manager. Throws `unavailable` when nothing answers. */
export async function askArm(request: ArmRequest): Promise<{ status: number; text: string }> {
  const { tokens, armUrl = ARM_URL, id, apiVersion, method = "GET", body, ifMatch } = request;
  const { token } = await tokens.getToken(`${armUrl}/.default`);
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...(ifMatch === undefined ? {} : { "if-match": ifMatch }),
  };
  const answered = async () => {
    const answer = await fetch(`${armUrl}${id}?api-version=${apiVersion}`, {
      method,
      headers,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  };
  return answered().catch((error: unknown) => {
    throw new GenOpsError("unavailable", `Azure Resource Manager does not answer: ${messageOf(error)}`, {
      cause: error,
    });
  });
}

/** The resource id of a managed cluster. */
export function clusterId(cluster: { subscription: string; resourceGroup: string; cluster: string }): string {
  const group = `/subscriptions/${cluster.subscription}/resourceGroups/${encodeURIComponent(cluster.resourceGroup)}`;
  return `${group}/providers/Microsoft.ContainerService/managedClusters/${encodeURIComponent(cluster.cluster)}`;
}
