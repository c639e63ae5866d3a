import * as z from "zod";
import { GenOpsError } from "../../core/errors.ts";
import type { ClusterAccess } from "../../ports/credentials.ts";
import { amazonDomain, createEksTokens, type EksTokenOptions } from "./eks-token.ts";
import { sendSigned } from "./signed-request.ts";

export interface EksAccessOptions extends EksTokenOptions {
  /** Instead of the region's EKS API, for partitions with other names and for tests. */
  eksUrl?: string | undefined;
}

const Cluster = z.object({
  cluster: z.object({ endpoint: z.string(), certificateAuthority: z.object({ data: z.string() }) }),
});

/** How to reach an EKS cluster: one signed `DescribeCluster`, then tokens that are signed here. Needs `eks:DescribeCluster` and an access entry. */
export async function openEksCluster(options: EksAccessOptions): Promise<ClusterAccess> {
  const { endpoint, certificateAuthority } = await describeCluster(options);
  return {
    server: endpoint.replace(/\/$/, ""),
    certificateAuthority: Buffer.from(certificateAuthority.data, "base64").toString("utf8"),
    token: createEksTokens(options),
  };
}

async function describeCluster(options: EksAccessOptions): Promise<z.infer<typeof Cluster>["cluster"]> {
  const { cluster, region } = options;
  const url = new URL(`/clusters/${encodeURIComponent(cluster)}`, options.eksUrl ?? eksUrlOf(region));
  const answer = await sendSigned({ ...options, service: "eks", url });
  if (answer.status !== 200) throw failure(options, answer.status, answer.text);
  const parsed = Cluster.safeParse(JSON.parse(answer.text));
  if (parsed.success) return parsed.data.cluster;
  throw new GenOpsError("unavailable", `EKS cluster ${cluster} in ${region} has no endpoint yet: it is being created`);
}

/** Where the region's EKS API is. */
export function eksUrlOf(region: string): string {
  return `https://eks.${region}.${amazonDomain(region)}`;
}

function failure({ cluster, region }: EksAccessOptions, status: number, body: string): GenOpsError {
  const said = `${status} ${body.slice(0, 300)}`.trim();
  if (status === 404) return new GenOpsError("config", `there is no EKS cluster ${cluster} in ${region}: ${said}`);
  if (status === 401 || status === 403) {
    const fix = `grant eks:DescribeCluster on the cluster ${cluster}`;
    return new GenOpsError("config", `EKS cluster ${cluster} in ${region} may not be described: ${said}; ${fix}`);
  }
  return new GenOpsError("unavailable", `EKS cluster ${cluster} in ${region} could not be described: ${said}`);
}
