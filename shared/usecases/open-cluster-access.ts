import type { Clock } from "../ports/clock.ts";
import type { ClusterAccess } from "../ports/credentials.ts";
import type { Credentials } from "./open-credentials.ts";

/** A managed cluster, as its cloud names it. The addresses are for partitions and sovereign clouds. */
export type ManagedCluster =
  | { provider: "eks"; cluster: string; region: string; stsHost?: string; eksUrl?: string }
  | { provider: "aks"; cluster: string; subscription: string; resourceGroup: string; armUrl?: string }
  | { provider: "gke"; cluster: string; project: string; location: string; containerUrl?: string };

/**
 * How to reach a managed cluster with the credentials of its cloud: its API server and bearer tokens that live for minutes. Nothing in the
 * cluster's own keys is used. Throws `config` with the missing right, or `unavailable`.
 */
export async function openClusterAccess(
  cluster: ManagedCluster,
  credentials: Credentials,
  clock: Pick<Clock, "now">,
): Promise<ClusterAccess> {
  switch (cluster.provider) {
    case "eks": {
      const { openEksCluster } = await import("../platforms/aws/eks-credentials.ts");
      const { createAwsKeys } = await import("../platforms/aws/credentials.ts");
      const access = await credentials.aws();
      return openEksCluster({
        ...cluster,
        keys: access.credentials ?? createAwsKeys({ region: cluster.region }),
        clock,
      });
    }
    case "aks": {
      const { openAksCluster } = await import("../platforms/azure/aks-credentials.ts");
      const { createPersonalTokens } = await import("../platforms/azure/credentials.ts");
      return openAksCluster({ ...cluster, tokens: (await credentials.azure()) ?? createPersonalTokens(), clock });
    }
    case "gke": {
      const { openGkeCluster } = await import("../platforms/gcp/gke-credentials.ts");
      const { findGoogleCredentials } = await import("../platforms/gcp/credentials.ts");
      const google = (await credentials.gcp()) ?? (await findGoogleCredentials());
      return openGkeCluster({ ...cluster, credentials: google, clock });
    }
  }
}
