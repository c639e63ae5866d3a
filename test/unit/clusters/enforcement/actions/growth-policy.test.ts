import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { growthPolicy } from "../../../../../shared/clusters/enforcement/actions/common/growth-policy.ts";
import type { Json } from "../../../../../shared/core/json.ts";
import { createRawClient, type RawClient } from "../../../../cluster/suites/raw-client.ts";
import { once } from "../../../../cluster/target.ts";
import { deployment } from "../../../../support/cluster-objects.ts";
import { cronJob, deployment as stored } from "../../../../support/kube-objects.ts";
import { type KubeServer, startKubeServer } from "../../../../support/kube-server/start.ts";
import { inventoryOf, opted } from "../../../../support/plan-world.ts";

let server: KubeServer;
let client: RawClient;
let warnings = "";

beforeEach(async () => {
  server = await startKubeServer({ controllers: "manual" });
  const { name, url, certificateAuthority, tokens } = server;
  client = createRawClient({ name, provider: "aws", server: url, certificateAuthority, tokens, eventually: once });
  server.apply({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "ml", labels: { "genops.ai/enforce": "freeze" } },
  });
  for (const name of ["web", "kept"]) server.apply(stored({ name, namespace: "ml", replicas: 3 }));
});

afterEach(async () => {
  client.close();
  await server.close();
});

function bind(isWarning: boolean): void {
  const spared = inventoryOf([opted("ml"), deployment({ namespace: "ml", name: "kept" })]).workloads;
  const input = { stepId: "0123", namespace: "ml", reason: "global", spared, isWarning, hasRollouts: false };
  for (const object of growthPolicy(input)) server.apply(JSON.parse(JSON.stringify(object)));
}

/** Status of a person's merge patch of a deployment. */
async function patch(name: string, body: Json, manager = "kubectl"): Promise<number> {
  const path = `/apis/apps/v1/namespaces/ml/deployments/${name}`;
  const query = { fieldManager: manager };
  const answer = await client.call("PATCH", path, { patch: "merge", body, query, token: server.tokens.person });
  warnings = String(answer.headers["warning"] ?? "");
  return answer.status;
}

async function create(kind: string, body: object): Promise<number> {
  const answer = await client.call("POST", `/apis/batch/v1/namespaces/ml/${kind}`, {
    body: JSON.parse(JSON.stringify(body)),
    token: server.tokens.person,
  });
  return answer.status;
}

const replicas = (count: number): Json => ({ spec: { replicas: count } });

describe("the policy of row 1 on a server", () => {
  it("refuses growth to people, and nothing else", async () => {
    bind(false);
    expect(await patch("web", replicas(5))).toBe(422);
    expect(await patch("web/scale", replicas(5))).toBe(422);
    expect(await patch("web", { metadata: { annotations: { a: "b" } } })).toBe(200);
    expect(await patch("web", replicas(2))).toBe(200);
    expect(await patch("web/scale", replicas(0))).toBe(200);
    expect(await patch("web/scale", replicas(1))).toBe(422);
  });

  it("refuses new CronJobs unless they are suspended", async () => {
    bind(false);
    expect(await create("cronjobs", cronJob({ name: "a", namespace: "ml" }))).toBe(422);
    const quiet = cronJob({ name: "b", namespace: "ml" });
    expect(await create("cronjobs", { ...quiet, spec: { ...quiet.spec, suspend: true } })).toBe(201);
  });

  it("lets GenOps and what is spared grow", async () => {
    bind(false);
    expect(await patch("web", replicas(4), "genops-enforcer")).toBe(200);
    expect(await patch("kept", replicas(9))).toBe(200);
  });

  it("only warns at first, and is lifted with the namespace's label", async () => {
    bind(true);
    expect(await patch("web", replicas(5))).toBe(200);
    expect(warnings).toContain("growth in namespace ml is stopped");
    bind(false);
    server.patch(
      { apiVersion: "v1", kind: "Namespace", name: "ml" },
      { metadata: { labels: { "genops.ai/enforce": null } } },
    );
    expect(await patch("web", replicas(7))).toBe(200);
  });
});
