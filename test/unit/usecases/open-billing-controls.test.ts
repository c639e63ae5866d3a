import { afterEach, describe, expect, it } from "vitest";
import type { ClusterConfig } from "../../../shared/config/types.ts";
import type { BillingState, BillingTarget } from "../../../shared/ports/billing-control.ts";
import { openBillingControls } from "../../../shared/usecases/open-billing-controls.ts";
import type { Credentials } from "../../../shared/usecases/open-credentials.ts";
import { AWS_KEYS, BUDGET_ACTION, exception, serveAwsBilling } from "../../support/billing/aws.ts";
import { failure as azureFailure, serveAzurePools } from "../../support/billing/azure.ts";
import { failure, googleCredentials, serveGoogleBilling } from "../../support/billing/gcp.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { parse } from "../config/parse.ts";

const clock = createFakeClock("2026-11-22T06:00:00.000Z");
const running: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(running.splice(0).map((each) => each.close())));

const CREDENTIALS: Credentials = {
  home: "local",
  aws: async () => ({ credentials: async () => AWS_KEYS }),
  azure: async () => ({ getToken: async () => ({ token: "entra", expiresOnTimestamp: 4_000_000_000_000 }) }),
  gcp: async () => googleCredentials(),
};

const BASE = { lake: "file:./lake", sources: [] };

async function started<T extends { close(): Promise<void> }>(server: Promise<T>): Promise<T> {
  const up = await server;
  running.push(up);
  return up;
}

/** Calls the same change run after run until the cloud has no work left; gives what came back at the end. */
async function settled(
  { change }: ReturnType<typeof openBillingControls>,
  [target, from, to]: [BillingTarget, BillingState, BillingState],
  world: { settle(): void },
): Promise<BillingState> {
  for (let run = 0; run < 5; run++) {
    const state = await change(target, from, to);
    if (state["progress"] === undefined) return state;
    world.settle();
  }
  throw new Error("it never settles");
}

describe("an action of AWS Budgets", () => {
  const ARMED = { phase: "armed" };
  const EXECUTED = { phase: "executed" };
  async function start() {
    const aws = await started(serveAwsBilling(clock.now));
    const urls = { budgets: aws.url, sts: aws.url, iam: aws.url };
    const controls = openBillingControls({
      config: parse(JSON.stringify(BASE)),
      credentials: CREDENTIALS,
      clock,
      urls,
    });
    return { aws, controls };
  }

  it("is read, approved, and found executed by the next run", async () => {
    const { aws, controls } = await start();
    expect(await controls.read(BUDGET_ACTION)).toEqual({
      phase: "armed",
      status: "PENDING",
      actionType: "APPLY_IAM_POLICY",
    });
    expect(await controls.dryRun(BUDGET_ACTION, ARMED, EXECUTED)).toEqual({ ok: true });
    expect(aws.done).toEqual([]);
    expect(await controls.change(BUDGET_ACTION, ARMED, EXECUTED)).toMatchObject({ progress: "EXECUTION_IN_PROGRESS" });
    aws.settle();
    expect(await controls.change(BUDGET_ACTION, ARMED, EXECUTED)).toMatchObject({ status: "EXECUTION_SUCCESS" });
    expect(aws.done).toEqual(["APPROVE_BUDGET_ACTION"]);
  });

  it("is reversed and then reset, so that it can fire again", async () => {
    const { aws, controls } = await start();
    aws.action.status = "EXECUTION_SUCCESS";
    expect(await settled(controls, [BUDGET_ACTION, EXECUTED, ARMED], aws)).toMatchObject({ status: "STANDBY" });
    expect(aws.done).toEqual(["REVERSE_BUDGET_ACTION", "RESET_BUDGET_ACTION"]);
  });

  it.each([
    ["EXECUTION_FAILURE", ARMED, EXECUTED, ["RETRY_BUDGET_ACTION"]],
    ["REVERSE_FAILURE", EXECUTED, ARMED, ["REVERSE_BUDGET_ACTION", "RESET_BUDGET_ACTION"]],
    ["RESET_FAILURE", EXECUTED, ARMED, ["RESET_BUDGET_ACTION"]],
  ])("that is at %s is tried again", async (status, from, to, done) => {
    const { aws, controls } = await start();
    aws.action.status = status;
    await settled(controls, [BUDGET_ACTION, from, to], aws);
    expect(aws.done).toEqual(done);
  });

  it("that stands by is refused: AWS executes none before its own threshold", async () => {
    const { aws, controls } = await start();
    aws.action.status = "STANDBY";
    const said = expect.stringContaining("its own threshold") as string;
    expect(await controls.dryRun(BUDGET_ACTION, ARMED, EXECUTED)).toEqual({ ok: false, reason: said });
    await expect(controls.change(BUDGET_ACTION, ARMED, EXECUTED)).rejects.toMatchObject({
      code: "refused",
      message: said,
    });
  });

  it("that somebody has reversed meanwhile is a conflict", async () => {
    const { aws, controls } = await start();
    aws.action.status = "REVERSE_SUCCESS";
    await expect(controls.change(BUDGET_ACTION, ARMED, EXECUTED)).rejects.toMatchObject({ code: "conflict" });
    expect(aws.done).toEqual([]);
  });

  it.each([
    [exception(400, "AccessDeniedException"), "refused", /allow budgets:DescribeBudgetAction/],
    [exception(400, "NotFoundException"), "config", /enforcement\.billing\.awsBudgetActions/],
    [exception(400, "ThrottlingException"), "unavailable", /ThrottlingException/],
    [exception(500, ""), "unavailable", /500/],
    [exception(400, "InvalidParameterException"), "refused", /InvalidParameterException/],
  ])("whose answer is %o says what to do", async (reply, code, message) => {
    const { aws, controls } = await start();
    aws.faults.push(reply);
    await expect(controls.read(BUDGET_ACTION)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  it("is not executed without the right, and a dry run knows before, where IAM simulates", async () => {
    const { aws, controls } = await start();
    aws.denied.add("budgets:ExecuteBudgetAction");
    expect(await controls.dryRun(BUDGET_ACTION, ARMED, EXECUTED)).toEqual({
      ok: false,
      reason: expect.stringContaining(
        "may not budgets:ExecuteBudgetAction on arn:aws:budgets::123456789012:budget/",
      ) as string,
    });
    await expect(controls.change(BUDGET_ACTION, ARMED, EXECUTED)).rejects.toMatchObject({
      message: expect.stringContaining("allow budgets:ExecuteBudgetAction") as string,
    });
    aws.noSimulation = true;
    expect(await controls.dryRun(BUDGET_ACTION, ARMED, EXECUTED)).toMatchObject({
      ok: true,
      unchecked: expect.stringContaining("iam:SimulatePrincipalPolicy") as string,
    });
  });

  it("may be irreversible: instances that it stops", async () => {
    const { aws, controls } = await start();
    aws.action.type = "RUN_SSM_DOCUMENTS";
    const state = await controls.read(BUDGET_ACTION);
    expect(controls.reversible(BUDGET_ACTION, state)).toMatchObject({ yes: false });
    expect(controls.reversible(BUDGET_ACTION)).toEqual({ yes: true });
  });
});

const POOL = { kind: "resize-node-pool", cluster: "c", pool: "gpu" } as const;

async function startPools(cloud: "aws" | "azure" | "gcp") {
  if (cloud === "aws") {
    const world = await started(serveAwsBilling(clock.now));
    const cluster = { name: "c", provider: "eks" as const, cluster: "demo", region: "eu-central-1", eksUrl: world.url };
    return { world, controls: openPools(cluster, { sts: world.url, iam: world.url }) };
  }
  if (cloud === "azure") {
    const world = await started(serveAzurePools());
    const cluster = {
      name: "c",
      provider: "aks" as const,
      cluster: "demo",
      subscription: "s",
      resourceGroup: "rg",
      armUrl: world.url,
    };
    return { world, controls: openPools(cluster, {}) };
  }
  const world = await started(serveGoogleBilling());
  const place = { project: "shop", location: "europe-west3", containerUrl: world.url };
  const cluster = { name: "c", provider: "gke" as const, cluster: "demo", ...place };
  return { world, controls: openPools(cluster, { compute: world.url, resourceManager: world.url }) };
}

function openPools(cluster: ClusterConfig, urls: Readonly<Record<string, string>>) {
  // The file takes https addresses only.
  const config = { ...parse(JSON.stringify(BASE)), clusters: [cluster] };
  return openBillingControls({ config, credentials: CREDENTIALS, clock, urls });
}

const PINNED = { desired: 2, min: 2, max: 2, autoscaled: false };

describe.each(["aws", "azure", "gcp"] as const)("a node pool in %s", (cloud) => {
  it("is pinned at a size and comes back as it was", async () => {
    const { world, controls } = await startPools(cloud);
    const before = await controls.read(POOL);
    expect(await controls.dryRun(POOL, before, PINNED)).toEqual({ ok: true });
    expect(await controls.read(POOL)).toEqual(before);

    await settled(controls, [POOL, before, PINNED], world);
    expect(await controls.read(POOL)).toEqual(PINNED);
    // The same again is no error, and writes nothing.
    expect(await controls.change(POOL, before, PINNED)).toEqual(PINNED);

    await settled(controls, [POOL, PINNED, before], world);
    expect(await controls.read(POOL)).toEqual(before);
  });

  it("that somebody else has changed is a conflict, and stays", async () => {
    const { controls } = await startPools(cloud);
    const before = await controls.read(POOL);
    const other = { desired: 9, min: 9, max: 20, autoscaled: true };
    expect(await controls.dryRun(POOL, other, PINNED)).toMatchObject({ ok: false });
    await expect(controls.change(POOL, other, PINNED)).rejects.toMatchObject({ code: "conflict" });
    expect(await controls.read(POOL)).toEqual(before);
  });

  it("that the cloud is just changing is left to the next run", async () => {
    const { controls } = await startPools(cloud);
    const before = await controls.read(POOL);
    await controls.change(POOL, before, PINNED);
    const again = await controls.change(POOL, before, PINNED);
    expect(again["progress"]).toEqual(expect.any(String));
    const other = { desired: 9, min: 9, max: 9, autoscaled: false };
    await expect(controls.change(POOL, other, { ...other, desired: 8, min: 8, max: 8 })).rejects.toMatchObject({
      code: "unavailable",
    });
  });

  it("that does not exist names the configuration", async () => {
    const { controls } = await startPools(cloud);
    await expect(controls.read({ ...POOL, pool: "other" })).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining("enforcement.billing.nodePools") as string,
    });
  });

  it("whose API does not answer, or has a fault, is unavailable", async () => {
    const { world, controls } = await startPools(cloud);
    world.faults.push({ status: 503, body: "" });
    await expect(controls.read(POOL)).rejects.toMatchObject({ code: "unavailable" });
    await world.close();
    await expect(controls.read(POOL)).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("a node group of EKS", () => {
  async function start() {
    const world = await started(serveAwsBilling(clock.now));
    const cluster = { name: "c", provider: "eks" as const, cluster: "demo", region: "eu-central-1", eksUrl: world.url };
    return { world, controls: openPools(cluster, { sts: world.url, iam: world.url }) };
  }

  it("keeps a maximum of one, the least that EKS takes, when it goes to zero", async () => {
    const { world, controls } = await start();
    const before = await controls.read(POOL);
    await settled(controls, [POOL, before, { desired: 0, min: 0, max: 0, autoscaled: false }], world);
    expect(world.done).toEqual(['{"minSize":0,"maxSize":1,"desiredSize":0}']);
  });

  it("is resized once when an answer is lost, and again when the same is wanted later", async () => {
    const { world, controls } = await start();
    const before = await controls.read(POOL);
    await controls.change(POOL, before, PINNED);
    // As if the first request had not been answered yet: EKS still shows what was before.
    world.group = {
      ...world.group,
      status: "ACTIVE",
      modifiedAt: 1_790_000_000,
      scalingConfig: { minSize: 1, maxSize: 10, desiredSize: 5 },
    };
    await controls.change(POOL, before, PINNED);
    expect(world.done).toHaveLength(1);
    world.group.modifiedAt += 7;
    await controls.change(POOL, before, PINNED);
    expect(world.done).toHaveLength(2);
  });

  it("names the missing right", async () => {
    const { world, controls } = await start();
    const before = await controls.read(POOL);
    world.denied.add("eks:UpdateNodegroupConfig");
    expect(await controls.dryRun(POOL, before, PINNED)).toMatchObject({ ok: false });
    await expect(controls.change(POOL, before, PINNED)).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("allow eks:UpdateNodegroupConfig") as string,
    });
    world.noSimulation = true;
    expect(await controls.dryRun(POOL, before, PINNED)).toMatchObject({
      ok: true,
      unchecked: expect.any(String) as string,
    });
  });
});

describe("an agent pool of AKS", () => {
  async function start() {
    const world = await started(serveAzurePools());
    const cluster = {
      name: "c",
      provider: "aks" as const,
      cluster: "demo",
      subscription: "s",
      resourceGroup: "rg",
      armUrl: world.url,
    };
    return { world, controls: openPools(cluster, {}) };
  }

  it("keeps every field that nobody here knows", async () => {
    const { world, controls } = await start();
    const before = await controls.read(POOL);
    await settled(controls, [POOL, before, PINNED], world);
    expect(world.writes).toEqual([
      {
        count: 2,
        enableAutoScaling: false,
        mode: "User",
        vmSize: "Standard_NC24ads_A100_v4",
        scaleDownMode: "Delete",
        aFieldOfTheFuture: { kept: true },
      },
    ]);
  });

  it("for the system keeps one node", async () => {
    const { world, controls } = await start();
    world.pool["mode"] = "System";
    const before = await controls.read(POOL);
    const none = { desired: 0, min: 0, max: 0, autoscaled: false };
    expect(await controls.dryRun(POOL, before, none)).toMatchObject({ ok: false });
    await expect(controls.change(POOL, before, none)).rejects.toMatchObject({ code: "refused" });
  });

  it.each([
    [412, "conflict", /changed meanwhile/],
    [409, "unavailable", /OperationNotAllowed/],
    [403, "refused", /agentPools\/write/],
    [400, "refused", /400/],
  ])("answers %d to a write with what it means", async (status, code, message) => {
    const { world, controls } = await start();
    const before = await controls.read(POOL);
    const { count: _, ...rest } = world.pool;
    world.faults.push(azureFailure(200, ""), azureFailure(status, "OperationNotAllowed"));
    world.faults[0] = { status: 200, body: JSON.stringify({ properties: { ...rest, count: 5 } }) };
    await expect(controls.change(POOL, before, PINNED)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    [{ actions: ["*"], notActions: [] }, { ok: true }],
    [{ actions: ["Microsoft.ContainerService/managedClusters/agentPools/WRITE"], notActions: [] }, { ok: true }],
    [{ actions: ["*/read"], notActions: [] }, { ok: false }],
    [{ actions: ["*"], notActions: ["Microsoft.ContainerService/*/write"] }, { ok: false }],
    [undefined, { ok: true, unchecked: "Azure does not tell the rights at the cluster: 403" }],
  ])("with the permissions %o dry-runs as %o", async (permissions, expected) => {
    const { world, controls } = await start();
    world.permissions = permissions;
    expect(await controls.dryRun(POOL, await controls.read(POOL), PINNED)).toMatchObject(expected);
  });
});

describe("a node pool of GKE", () => {
  async function start() {
    const world = await started(serveGoogleBilling());
    const place = { project: "shop", location: "europe-west3", containerUrl: world.url };
    const cluster = { name: "c", provider: "gke" as const, cluster: "demo", ...place };
    return { world, controls: openPools(cluster, { compute: world.url, resourceManager: world.url }) };
  }

  it("loses its autoscaler before it shrinks, and gets it back, in Google's words, after it has grown", async () => {
    const { world, controls } = await start();
    const before = await controls.read(POOL);
    expect(before).toMatchObject({ desired: 6, min: 2, max: 8, autoscaled: true });
    await settled(controls, [POOL, before, PINNED], world);
    await settled(controls, [POOL, PINNED, before], world);
    expect(world.writes).toEqual([
      ':setAutoscaling {"autoscaling":{"enabled":false}}',
      ':setSize {"nodeCount":1}',
      ':setSize {"nodeCount":3}',
      ':setAutoscaling {"autoscaling":{"enabled":true,"minNodeCount":1,"maxNodeCount":4,"locationPolicy":"ANY"}}',
    ]);
  });

  it("is not sized where its zones do not divide it", async () => {
    const { controls } = await start();
    const before = await controls.read(POOL);
    const odd = { desired: 3, min: 3, max: 3, autoscaled: false };
    expect(await controls.dryRun(POOL, before, odd)).toMatchObject({ ok: false });
    await expect(controls.change(POOL, before, odd)).rejects.toMatchObject({ code: "refused" });
  });

  it("understands bounds of the whole pool, and waits while the cluster is busy", async () => {
    const { world, controls } = await start();
    world.pool.autoscaling = { enabled: true, totalMinNodeCount: 2, totalMaxNodeCount: 9 };
    const before = await controls.read(POOL);
    expect(before).toMatchObject({ min: 2, max: 9 });
    world.pool.status = "RECONCILING";
    expect(await controls.change(POOL, before, PINNED)).toMatchObject({ progress: "RECONCILING" });
  });

  it("names the missing right", async () => {
    const { world, controls } = await start();
    const before = await controls.read(POOL);
    world.lacking.add("container.clusters.update");
    expect(await controls.dryRun(POOL, before, PINNED)).toMatchObject({ ok: false });
    await expect(controls.change(POOL, before, PINNED)).rejects.toMatchObject({ code: "refused" });
    world.silent = true;
    expect(await controls.dryRun(POOL, before, PINNED)).toMatchObject({
      ok: true,
      unchecked: expect.any(String) as string,
    });
  });
});

describe("a Google project's billing", () => {
  const PROJECT = { kind: "gcp-detach-billing", project: "shop" } as const;
  const LINKED = { billingAccount: "billingAccounts/A-B-C" };
  const DETACHED = { billingAccount: "" };

  async function start(more: object = {}, billing: object = {}) {
    const google = await started(serveGoogleBilling());
    const listed = { gcpDetachBilling: [{ budget: "b", project: "shop" }], allowDetachBilling: true, ...billing };
    const config = parse(JSON.stringify({ ...BASE, enforcement: { billing: listed }, ...more }));
    const { url } = google;
    const urls = { billing: url, resourceManager: url, storage: url };
    return { google, controls: openBillingControls({ config, credentials: CREDENTIALS, clock, urls }) };
  }

  it("is detached and linked again, and is called irreversible", async () => {
    const { google, controls } = await start();
    expect(await controls.read(PROJECT)).toEqual(LINKED);
    expect(await controls.dryRun(PROJECT, LINKED, DETACHED)).toEqual({ ok: true });
    expect(google.writes).toEqual([]);
    expect(await controls.change(PROJECT, LINKED, DETACHED)).toEqual(DETACHED);
    expect(await controls.change(PROJECT, LINKED, DETACHED)).toEqual(DETACHED);
    expect(await controls.change(PROJECT, DETACHED, LINKED)).toEqual(LINKED);
    expect(google.writes).toEqual(["shop: ", "shop: billingAccounts/A-B-C"]);
    expect(controls.reversible(PROJECT)).toMatchObject({ yes: false });
  });

  it.each([
    ["without the switch", {}, { allowDetachBilling: false }, /allowDetachBilling: true/],
    ["that is not listed", {}, { gcpDetachBilling: [] }, /not listed/],
    [
      "that GenOps queries with",
      { sources: [{ id: "g", type: "gcp-billing-export", table: "shop.billing.gcp_billing_export_resource_v1_X" }] },
      {},
      /pays from it/,
    ],
  ])("%s is refused", async (_, more, billing, message) => {
    const { google, controls } = await start(more, billing);
    const said = expect.stringMatching(message) as string;
    expect(await controls.dryRun(PROJECT, LINKED, DETACHED)).toEqual({ ok: false, reason: said });
    await expect(controls.change(PROJECT, LINKED, DETACHED)).rejects.toMatchObject({ code: "refused", message: said });
    expect(google.writes).toEqual([]);
  });

  it("is not detached where GenOps signs in, by the number of the pool's project or its service account", async () => {
    const gcp = { workloadIdentityProvider: "projects/111/locations/global/workloadIdentityPools/p/providers/aws" };
    const { google, controls } = await start({ credentials: { gcp } });
    await expect(controls.change(PROJECT, LINKED, DETACHED)).rejects.toMatchObject({ code: "refused" });
    const serviceAccount = "genops@shop.iam.gserviceaccount.com";
    const other = gcp.workloadIdentityProvider.replace("111", "999");
    const by = await start({ credentials: { gcp: { workloadIdentityProvider: other, serviceAccount } } });
    await expect(by.controls.change(PROJECT, LINKED, DETACHED)).rejects.toMatchObject({ code: "refused" });
    expect([...google.writes, ...by.google.writes]).toEqual([]);
  });

  it("is not detached where the lake lies, nor where that cannot be told", async () => {
    const { google, controls } = await start({ lake: "gs://lake-bucket/lake" });
    google.numbers["lake-bucket"] = "111";
    await expect(controls.change(PROJECT, LINKED, DETACHED)).rejects.toMatchObject({ code: "refused" });
    google.numbers = {};
    await expect(controls.change(PROJECT, LINKED, DETACHED)).rejects.toMatchObject({
      message: expect.stringContaining("cannot be told") as string,
    });
    google.numbers = { shop: "111", "lake-bucket": "222" };
    expect(await controls.change(PROJECT, LINKED, DETACHED)).toEqual(DETACHED);
  });

  it("that belongs to another account now is a conflict", async () => {
    const { google, controls } = await start();
    google.links["shop"] = "billingAccounts/OTHER";
    await expect(controls.change(PROJECT, LINKED, DETACHED)).rejects.toMatchObject({ code: "conflict" });
    expect(google.writes).toEqual([]);
  });

  it("names missing rights, those to come back included", async () => {
    const { google, controls } = await start();
    google.lacking.add("billing.resourceAssociations.create");
    expect(await controls.dryRun(PROJECT, LINKED, DETACHED)).toMatchObject({
      ok: false,
      reason: expect.stringContaining("billing.resourceAssociations.create") as string,
    });
    google.lacking.add("resourcemanager.projects.deleteBillingAssignment");
    await expect(controls.change(PROJECT, LINKED, DETACHED)).rejects.toMatchObject({
      message: expect.stringContaining("roles/billing.projectManager") as string,
    });
    google.silent = true;
    expect(await controls.dryRun(PROJECT, LINKED, DETACHED)).toMatchObject({
      ok: true,
      unchecked: expect.any(String) as string,
    });
  });

  it.each([
    [failure(404, "NOT_FOUND"), "config"],
    [failure(429, "RESOURCE_EXHAUSTED"), "unavailable"],
    [failure(403, "PERMISSION_DENIED"), "refused"],
    [failure(400, "INVALID_ARGUMENT"), "refused"],
    [{ status: 502, body: "<html>" }, "unavailable"],
  ])("answers %o as %s", async (reply, code) => {
    const { google, controls } = await start();
    google.faults.push(reply);
    await expect(controls.read(PROJECT)).rejects.toMatchObject({ code });
  });
});

describe("what no cloud offers", () => {
  it.each([
    [undefined, /no such cluster/],
    [{ name: "c", provider: "kubeconfig", kubeconfig: "./kubeconfig" }, /no API for node pools/],
  ])("is a matter of configuration: %o", async (cluster, message) => {
    const config = parse(JSON.stringify({ ...BASE, clusters: cluster === undefined ? [] : [cluster] }));
    const controls = openBillingControls({ config, credentials: CREDENTIALS, clock });
    await expect(controls.read(POOL)).rejects.toMatchObject({
      code: "config",
      message: expect.stringMatching(message) as string,
    });
  });
});
