import { OAuth2Client } from "google-auth-library";
import { type Asked, json, type Reply, serve, type TestServer } from "../identity/server.ts";

export interface GoogleBilling extends TestServer {
  /** Project → its billing account, `billingAccounts/X` or empty. */
  links: Record<string, string>;
  /** Project or bucket → project number. */
  numbers: Record<string, string>;
  /** The one node pool, of two zones. */
  pool: { status: string; autoscaling: Record<string, unknown>; sizes: number[] };
  /** Permissions that the caller lacks. */
  lacking: Set<string>;
  /** `testIamPermissions` is not answered. */
  silent: boolean;
  faults: Reply[];
  writes: string[];
  settle(): void;
}

export function googleCredentials(): OAuth2Client {
  const client = new OAuth2Client();
  client.setCredentials({ access_token: "google", expiry_date: 4_000_000_000_000 });
  return client;
}

const POOL = "/v1/projects/shop/locations/europe-west3/clusters/demo/nodePools/gpu";

/** Cloud Billing, Resource Manager, Storage, GKE and Compute Engine as far as they are asked; one operation on the cluster at a time. */
export async function serveGoogleBilling(): Promise<GoogleBilling> {
  const answer = (asked: Asked): Reply => {
    const { pathname } = asked.url;
    if (asked.headers["authorization"] !== "Bearer google") return failure(401, "UNAUTHENTICATED");
    if (pathname.endsWith(":testIamPermissions")) return permissions(asked);
    const fault = world.faults.shift();
    if (fault !== undefined) return fault;
    const project = /^\/v1\/projects\/([^/]+)(\/billingInfo)?$/.exec(pathname);
    if (project?.[1] !== undefined) return project[2] === undefined ? number(project[1]) : link(asked, project[1]);
    const bucket = /^\/storage\/v1\/b\/(.+)$/.exec(pathname)?.[1];
    if (bucket !== undefined) return number(bucket);
    const group = /\/instanceGroupManagers\/grp-(\d)$/.exec(pathname)?.[1];
    if (group !== undefined) return json(200, { targetSize: world.pool.sizes[Number(group)] });
    return pathname.startsWith(POOL) ? nodePool(asked, pathname.slice(POOL.length)) : failure(404, "NOT_FOUND");
  };

  function permissions({ body }: Asked): Reply {
    const { permissions: wanted }: { permissions: string[] } = JSON.parse(body);
    if (world.silent) return failure(403, "PERMISSION_DENIED");
    return json(200, { permissions: wanted.filter((each) => !world.lacking.has(each)) });
  }

  function number(of: string): Reply {
    const projectNumber = world.numbers[of];
    return projectNumber === undefined ? failure(403, "PERMISSION_DENIED") : json(200, { projectNumber });
  }

  function link({ method, body }: Asked, project: string): Reply {
    if (world.links[project] === undefined) return failure(404, "NOT_FOUND");
    if (method === "PUT") {
      if (world.lacking.has("resourcemanager.projects.deleteBillingAssignment"))
        return failure(403, "PERMISSION_DENIED");
      const { billingAccountName }: { billingAccountName: string } = JSON.parse(body);
      world.links[project] = billingAccountName;
      world.writes.push(`${project}: ${billingAccountName}`);
    }
    const name = world.links[project];
    const account = name === "" ? {} : { billingAccountName: name, billingEnabled: true };
    return json(200, { name: `projects/${project}/billingInfo`, projectId: project, ...account });
  }

  function nodePool({ method, body }: Asked, action: string): Reply {
    const { status, autoscaling, sizes } = world.pool;
    if (method === "GET") {
      const compute = "https://www.googleapis.com/compute/v1/projects/shop/zones";
      const instanceGroupUrls = sizes.map(
        (_, zone) => `${compute}/europe-west3-${zone}/instanceGroupManagers/grp-${zone}`,
      );
      return json(200, { name: "gpu", status, autoscaling, initialNodeCount: 1, instanceGroupUrls });
    }
    if (world.lacking.has("container.clusters.update")) return failure(403, "PERMISSION_DENIED");
    if (status !== "RUNNING") return failure(400, "Cluster is running incompatible operation op-1");
    world.writes.push(`${action} ${body}`);
    const wanted: { autoscaling?: Record<string, unknown>; nodeCount?: number } = JSON.parse(body);
    if (action === ":setAutoscaling") {
      const { enabled } = wanted.autoscaling ?? {};
      world.pool = {
        ...world.pool,
        status: "RECONCILING",
        autoscaling: enabled === true ? { ...wanted.autoscaling } : {},
      };
    } else world.pool = { ...world.pool, status: "RECONCILING", sizes: sizes.map(() => wanted.nodeCount ?? -1) };
    return json(200, { name: "operation-1", status: "RUNNING" });
  }

  const world: GoogleBilling = {
    ...(await serve(answer)),
    links: { shop: "billingAccounts/A-B-C", genops: "billingAccounts/A-B-C" },
    numbers: { shop: "111", genops: "222", "lake-bucket": "222" },
    pool: {
      status: "RUNNING",
      autoscaling: { enabled: true, minNodeCount: 1, maxNodeCount: 4, locationPolicy: "ANY" },
      sizes: [3, 3],
    },
    lacking: new Set(),
    silent: false,
    faults: [],
    writes: [],
    settle() {
      world.pool.status = "RUNNING";
    },
  };
  return world;
}

export function failure(code: number, message: string): Reply {
  return json(code, { error: { code, message: `the stub says ${message}`, status: message } });
}
