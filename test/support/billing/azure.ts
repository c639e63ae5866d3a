import { type Asked, json, type Reply, serve, type TestServer } from "../identity/server.ts";

export interface AzurePools extends TestServer {
  /** The one agent pool's properties. */
  pool: Record<string, unknown>;
  /** Actions that the caller has at the cluster. */
  permissions: { actions: string[]; notActions: string[] } | undefined;
  /** Answers instead, for the next calls. */
  faults: Reply[];
  writes: Record<string, unknown>[];
  settle(): void;
}

const CLUSTER = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/demo";

/** Azure Resource Manager as far as one agent pool goes: PUT replaces, `If-Match` is obeyed, one operation at a time. */
export async function serveAzurePools(): Promise<AzurePools> {
  let version = 1;
  const answer = (asked: Asked): Reply => {
    if (asked.headers["authorization"] !== "Bearer entra") return failure(401, "InvalidAuthenticationToken");
    const fault = world.faults.shift();
    if (fault !== undefined) return fault;
    const { pathname } = asked.url;
    if (pathname === `${CLUSTER}/providers/Microsoft.Authorization/permissions`)
      return world.permissions === undefined ? failure(403, "no") : json(200, { value: [world.permissions] });
    if (pathname !== `${CLUSTER}/agentPools/gpu`) return failure(404, "NotFound");
    if (asked.method === "GET") return json(200, { properties: { ...world.pool, eTag: `"${version}"` } });
    if (asked.headers["if-match"] !== `"${version}"`) return failure(412, "EtagMismatch");
    if (world.pool["provisioningState"] !== "Succeeded") return failure(409, "OperationNotAllowed");
    const { properties }: { properties: Record<string, unknown> } = JSON.parse(asked.body);
    world.writes.push(properties);
    const isCounted = properties["enableAutoScaling"] === true;
    if (isCounted !== (properties["minCount"] !== undefined)) return failure(400, "BadRequest");
    world.pool = { ...properties, provisioningState: "Updating" };
    version += 1;
    return json(200, { properties: world.pool });
  };
  const world: AzurePools = {
    ...(await serve(answer)),
    pool: {
      count: 5,
      enableAutoScaling: true,
      minCount: 2,
      maxCount: 8,
      mode: "User",
      provisioningState: "Succeeded",
      vmSize: "Standard_NC24ads_A100_v4",
      scaleDownMode: "Delete",
      aFieldOfTheFuture: { kept: true },
    },
    permissions: { actions: ["Microsoft.ContainerService/managedClusters/*"], notActions: [] },
    faults: [],
    writes: [],
    settle() {
      world.pool["provisioningState"] = "Succeeded";
    },
  };
  return world;
}

export function failure(status: number, code: string): Reply {
  return json(status, { error: { code, message: `the stub says ${code}` } });
}
