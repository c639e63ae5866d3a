import { deployment } from "../support/kube-objects.ts";
import { startKubeServer } from "../support/kube-server/start.ts";

/*
 * The tests' API server with so many Deployments and 20 ms before every answer, in a process of its own; its controllers rest. It tells its
 * parent where it is, and whenever it is asked, how many requests it has answered.
 */

/** Where the server is, and as whom it can be called. */
export interface ClusterPlace {
  cluster: string;
  server: string;
  certificateAuthority: string;
  token: string;
}

const LATENCY_MS = 20;

const server = await startKubeServer({ name: "bench", controllers: "manual", latencyMs: LATENCY_MS });
const count = Number(process.argv[2]);
for (let index = 0; index < count; index++) {
  server.apply(deployment({ name: `trainer-${index}`, namespace: "ml", replicas: 3 }));
}
process.on("message", () => process.send?.(server.requests.length));
process.on("disconnect", () => process.exit(0));
const { url, certificateAuthority, tokens } = server;
process.send?.({ cluster: "bench", server: url, certificateAuthority, token: tokens.enforcer } satisfies ClusterPlace);
