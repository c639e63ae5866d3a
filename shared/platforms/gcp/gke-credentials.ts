import * as z from "zod";
import { GenOpsError } from "../../core/errors.ts";
import { keepUntilExpiry } from "../../core/expiring.ts";
import type { Clock } from "../../ports/clock.ts";
import type { BearerToken, ClusterAccess } from "../../ports/credentials.ts";
import type { GoogleCredentials } from "./credentials.ts";
import { askGoogle } from "./rest.ts";

export interface GkeAccessOptions {
  project: string;
  /** A region or a zone. */
  location: string;
  cluster: string;
  credentials: GoogleCredentials;
  clock: Pick<Clock, "now">;
  /** Instead of `https://container.googleapis.com`, for tests. */
  containerUrl?: string | undefined;
}

const EARLY_MS = 5 * 60_000;

const Cluster = z.object({
  endpoint: z.string().optional(),
  masterAuth: z.object({ clusterCaCertificate: z.string().optional() }).optional(),
  controlPlaneEndpointsConfig: z
    .object({
      dnsEndpointConfig: z
        .object({ endpoint: z.string().optional(), allowExternalTraffic: z.boolean().optional() })
        .optional(),
    })
    .optional(),
});

/**
 * How to reach a GKE cluster: its DNS endpoint (public certificate) where that is open to the outside, else its address with the cluster's
 * own CA; and access tokens of the credentials. Needs roles/container.clusterViewer, and rights inside the cluster.
 */
export async function openGkeCluster(options: GkeAccessOptions): Promise<ClusterAccess> {
  const cluster = await getCluster(options);
  const dns = cluster.controlPlaneEndpointsConfig?.dnsEndpointConfig;
  const token = keepUntilExpiry(() => accessToken(options), { now: () => options.clock.now(), earlyMs: EARLY_MS });
  if (dns?.endpoint !== undefined && dns.allowExternalTraffic === true)
    return { server: `https://${dns.endpoint}`, token };
  const authority = cluster.masterAuth?.clusterCaCertificate;
  if (cluster.endpoint === undefined || authority === undefined)
    throw new GenOpsError("unavailable", `GKE cluster ${options.cluster} has no endpoint yet: it is being created`);
  return {
    server: `https://${cluster.endpoint}`,
    certificateAuthority: Buffer.from(authority, "base64").toString("utf8"),
    token,
  };
}

async function accessToken({ credentials, clock }: GkeAccessOptions): Promise<BearerToken> {
  const { token } = await credentials.getAccessToken();
  if (typeof token !== "string") throw new GenOpsError("unavailable", "Google gave no access token");
  const expiry = credentials.credentials.expiry_date;
  // Without a known end it is asked for again each time; the library keeps it.
  return { value: token, expiresAt: typeof expiry === "number" ? new Date(expiry) : clock.now() };
}

async function getCluster(options: GkeAccessOptions): Promise<z.infer<typeof Cluster>> {
  const { project, location, cluster, credentials, containerUrl = "https://container.googleapis.com" } = options;
  const name = [`projects/${project}`, `locations/${location}`, `clusters/${encodeURIComponent(cluster)}`].join("/");
  const answer = await askGoogle({ credentials, service: "GKE", url: `${containerUrl}/v1/${name}` });
  if (answer.status !== 200) throw failure(options, answer.status, answer.text);
  return Cluster.parse(JSON.parse(answer.text));
}

function failure({ cluster, project, location }: GkeAccessOptions, status: number, body: string): GenOpsError {
  const said = `${status} ${body.slice(0, 300)}`.trim();
  const where = `${cluster} in ${project}, ${location}`;
  if (status === 404) return new GenOpsError("config", `there is no GKE cluster ${where}: ${said}`);
  if (status === 401 || status === 403)
    return new GenOpsError(
      "config",
      `GKE cluster ${where} may not be read: ${said}; grant roles/container.clusterViewer`,
    );
  return new GenOpsError("unavailable", `GKE cluster ${where} could not be read: ${said}`);
}
