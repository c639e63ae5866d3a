import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { parseConfig } from "../../../../../shared/config/parse-config.ts";
import { fromScaled, parseDecimal } from "../../../../../shared/core/decimal.ts";
import { splitClusters } from "../../../../../shared/ingestion/allocation/split-clusters.ts";
import { collectSources } from "../../../../../shared/ledger/collect/collect-source.ts";
import { reportCosts } from "../../../../../shared/ledger/report.ts";
import { createSystemClock, createSystemRandomness } from "../../../../../shared/platforms/local/system.ts";
import { createRuntime } from "../../../../../shared/usecases/runtime.ts";
import { createFolders } from "../../../../support/collect-deps.ts";
import { writeFocusBill } from "../../../../support/focus-bill.ts";

const folders = createFolders();
const servers: Server[] = [];
afterAll(() => folders.clean());
afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections();
});

type Entry = { name: string; totalCost: number | null; properties: Record<string, unknown> };

/** An OpenCost whose answer depends on the first day of the window; a number is an HTTP status. */
async function startOpenCost(days: Readonly<Record<string, Entry[] | number | string>>) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://opencost");
    const window = url.searchParams.get("window") ?? "";
    asked.push(`${url.pathname} ${window} ${url.searchParams.get("aggregate")}`);
    const answer = days[window.slice(0, 10)] ?? [];
    if (typeof answer === "number") response.writeHead(answer).end("no");
    else if (typeof answer === "string") response.end(answer);
    else
      response.end(
        JSON.stringify({ code: 200, data: [Object.fromEntries(answer.map((entry) => [entry.name, entry]))] }),
      );
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const NOW = "2024-09-04T12:00:00Z";

const workload = (namespace: string, totalCost: number | null, labels: Record<string, string> = {}): Entry => ({
  name: `prod/${namespace}/deployment/web`,
  totalCost,
  properties: { cluster: "prod", namespace, controllerKind: "deployment", controller: "web", labels },
});
const idle = (totalCost: number): Entry => ({ name: "prod/__idle__", totalCost, properties: { cluster: "prod" } });

const ALLOCATION = "namespaces: { shop: { team: shop } }";

async function createWorld(days: Parameters<typeof startOpenCost>[0], allocation = ALLOCATION) {
  const { url, asked } = await startOpenCost(days);
  const baseDir = await folders.make();
  const cluster = { "eks:cluster-name": "prod" };
  await writeFocusBill(path.join(baseDir, "bill.csv"), [
    { billed: "100", tags: { ...cluster, team: "platform" }, day: "2024-09-01" },
    { billed: "0.01", tags: cluster, day: "2024-09-01", service: "Amazon EBS" },
    { billed: "50", tags: cluster, day: "2024-09-02" },
    { billed: "7", tags: { team: "web" }, day: "2024-09-01" },
  ]);
  const yaml = `sources:
  - { id: bill, type: focus-export, location: bill.csv }
  - { id: k8s, type: opencost, url: "${url}", cluster: prod, match: { "tag:eks:cluster-name": prod }, periods: [2024-09] }
allocation: { ${allocation} }
`;
  const runtimeAt = (now: string) =>
    createRuntime({
      config: parseConfig(yaml, { fileName: "genops.yaml", baseDir, secrets: { read: () => undefined } }),
      clock: createSystemClock(new Date(now)),
      randomness: createSystemRandomness(),
      events: { publish: () => Promise.resolve() },
      progress: { report: () => {}, note: () => {} },
      createTempFolder: () => folders.make(),
    });
  const runtime = await runtimeAt(NOW);
  const collect = async (now = NOW) =>
    collectSources(await runtimeAt(now), { sources: runtime.config.sources, periods: [], force: false, baseDir });
  const report = async (...by: string[]) => {
    const { rows, totals } = await runtime.withCosts((deps) =>
      reportCosts(deps, {
        ...runtime.costsQuery(),
        by,
        period: { start: "2024-09-01", end: "2024-10-01", basis: "billing" },
        cost: "billed",
        settledAfterDays: {},
        now: runtime.clock.evaluationNow(),
      }),
    );
    return {
      rows: Object.fromEntries(rows.map(({ keys, amount }) => [Object.values(keys).join(" "), amount])),
      totals,
    };
  };
  return { collect, report, asked };
}

describe("the opencost source", () => {
  it("splits the cluster's bill by use, adds nothing to it, and leaves idle and unmeasured days where they were", async () => {
    const world = await createWorld({
      "2024-09-01": [workload("shop", 30), workload("ml", 10, { team: "ai" }), idle(40), workload("broken", null)],
    });
    expect((await world.collect()).map(({ source, status }) => `${source} ${status}`)).toEqual([
      "bill replaced",
      "k8s replaced",
    ]);
    const { rows, totals } = await world.report("team");
    expect(totals).toEqual([{ amount: "157.01", currency: "USD" }]);
    // 100.01 on the first: 3/8 shop, 1/8 ai, 4/8 idle stays with platform (100) and unallocated (0.01); the second is not measured.
    expect(rows).toEqual({ shop: "37.50375", ai: "12.50125", platform: "50", unallocated: "50.005", web: "7" });
    expect((await world.report("source")).rows).toEqual({ bill: "157.01" });
    expect((await world.report("service", "date")).rows).toMatchObject({ "Amazon EBS 2024-09-01": "0.01" });
    expect(world.asked).toHaveLength(3);
    expect(world.asked[0]).toBe(
      "/allocation/compute 2024-09-01T00:00:00Z,2024-09-02T00:00:00Z cluster,namespace,controllerKind,controller",
    );
  });

  it("changes nothing when it is asked again, and follows when OpenCost changes its mind", async () => {
    const days: Record<string, Entry[]> = { "2024-09-01": [workload("shop", 1)] };
    const world = await createWorld(days);
    await world.collect();
    expect((await world.collect()).map(({ status }) => status)).toEqual(["unchanged", "unchanged"]);
    days["2024-09-01"] = [workload("shop", 1), workload("ml", 1, { team: "ai" })];
    expect((await world.collect()).map(({ status }) => status)).toEqual(["unchanged", "replaced"]);
    expect((await world.report("team")).rows).toMatchObject({ shop: "50.005", ai: "50.005" });
  });

  it("keeps the shares of days that OpenCost has forgotten, and does not ask for them again", async () => {
    const days: Record<string, Entry[]> = { "2024-09-01": [workload("shop", 1)], "2024-09-02": [workload("shop", 1)] };
    const world = await createWorld(days);
    await world.collect();
    // On the fifth the first is as OpenCost will ever know it; on the twentieth OpenCost knows neither day any more.
    await world.collect("2024-09-05T12:00:00Z");
    delete days["2024-09-01"];
    delete days["2024-09-02"];
    world.asked.length = 0;
    const [, later] = await world.collect("2024-09-20T12:00:00Z");
    expect([later?.status, later?.rows]).toEqual(["unchanged", 2]);
    expect((await world.report("team")).rows).toMatchObject({ shop: "150.01", web: "7" });
    const askedDays = world.asked.map((line) => line.split(" ")[1]?.slice(0, 10));
    expect(askedDays).not.toContain("2024-09-01");
    expect(askedDays).toContain("2024-09-02");
    expect(later?.messages).toContain("OpenCost has forgotten 2024-09-02: what it said before is kept");
  });

  it("takes one cluster's shares where OpenCost knows several, and refuses a name that none of them has", async () => {
    const of = (cluster: string, namespace: string) => ({
      ...workload(namespace, 1),
      name: `${cluster}/${namespace}/deployment/web`,
      properties: { ...workload(namespace, 1).properties, cluster },
    });
    const world = await createWorld({ "2024-09-01": [of("prod", "shop"), of("stage", "ml")] });
    await world.collect();
    expect((await world.report("team")).rows).toMatchObject({ shop: "100.01" });
    const wrong = await createWorld({ "2024-09-01": [of("a", "shop"), of("b", "ml")] });
    const failed = (await wrong.collect()).find(({ source }) => source === "k8s");
    expect(failed?.messages.join()).toMatch(/OpenCost knows the clusters a, b, and not "prod".*cluster/);
    const single = await createWorld({ "2024-09-01": [of("default-cluster", "shop")] });
    await single.collect();
    expect((await single.report("team")).rows).toMatchObject({ shop: "100.01" });
  });

  it("finds label keys as Prometheus spells them, and does not overwrite what a bill row knows by a default", async () => {
    const world = await createWorld(
      {
        "2024-09-01": [workload("x", 1, { genops_ai_team: "ai" }), workload("y", 1, {})],
      },
      "labels: { team: { keys: [genops.ai/team, team], default: nobody } }, accounts: { prod: { team: account } }",
    );
    await world.collect();
    // Half of 100 is ai's, the other half stays with platform; half of 0.01 stays without a tag of its own: the default.
    expect((await world.report("team")).rows).toEqual({ ai: "50.005", platform: "50", nobody: "50.005", web: "7" });
  });

  it("leaves out an idle part below zero: more was used than the nodes cost", async () => {
    const world = await createWorld({ "2024-09-01": [workload("shop", 3), idle(-1)] });
    const found = (await world.collect()).find(({ source }) => source === "k8s");
    expect(found?.status).toBe("replaced");
    expect(found?.messages).toContain("OpenCost's idle cost of 2024-09-01 is below zero: counted as none");
    expect((await world.report("team")).rows).toMatchObject({ shop: "100.01" });
  });

  it("reads tiny and huge costs", async () => {
    const world = await createWorld({ "2024-09-01": [workload("shop", 1e-7), workload("ml", 3e-7, { team: "ai" })] });
    await world.collect();
    expect((await world.report("team")).rows).toMatchObject({ shop: "25.0025", ai: "75.0075" });
    const huge = await createWorld({ "2024-09-01": [workload("shop", 1e300)] });
    const failed = (await huge.collect()).find(({ source }) => source === "k8s");
    expect([failed?.status, failed?.messages.join()]).toEqual(["failed", expect.stringMatching(/1e\+300/)]);
  });

  it.each([
    [503, /OpenCost answers 503/],
    [404, /OpenCost answers 404/],
    ["<html>", /answer is no JSON/],
    ['{"data":[{"a":{"name":1}}]}', /answer is not an allocation.*data\.0\.a\.name/],
    [[workload("shop", -1)], /a share below zero: "-1"/],
  ])("says what is wrong with an answer like %s, and what was loaded stays", async (answer, message) => {
    const world = await createWorld({ "2024-09-01": answer });
    const failed = (await world.collect()).find(({ source }) => source === "k8s");
    expect(failed?.status).toBe("failed");
    expect(failed?.messages.join()).toMatch(message);
    expect((await world.report("source")).totals).toEqual([{ amount: "157.01", currency: "USD" }]);
  });

  it("needs to be told which bill rows are the cluster's", () => {
    const read = (match: string) => () =>
      parseConfig(`sources: [{ id: k, type: opencost, url: "http://o", cluster: c${match} }]`, {
        fileName: "genops.yaml",
        baseDir: "/",
        secrets: { read: () => undefined },
      });
    expect(read("")).toThrow(/match/);
    expect(read(", match: {}")).toThrow(/which bill rows are the cluster's/);
  });
});

describe("splitClusters", () => {
  it("keeps every measure of every row to the last digit, whatever the shares", () => {
    const amount = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(fromScaled);
    const weight = fc.bigInt({ min: 0n, max: 10n ** 24n }).map(fromScaled);
    const dims = (team: string) => ({
      team,
      project: "unallocated",
      environment: "unallocated",
      cost_center: "unallocated",
    });
    fc.assert(
      fc.property(fc.array(amount), fc.array(fc.record({ team: fc.string(), weight })), (amounts, shares) => {
        const rows = amounts.map((billed) => ({
          dims: { date: "2024-09-01" },
          measures: { billed, rows: parseDecimal("3") },
        }));
        const daily = new Map([
          ["2024-09-01", shares.map((share) => ({ dims: dims(share.team), weight: share.weight }))],
        ]);
        const split = splitClusters(rows, daily);
        const total = (all: typeof split, name: string) =>
          all.reduce((sum, { measures }) => sum + (measures[name] ?? 0n), 0n);
        expect(total(split, "billed")).toBe(total(rows, "billed"));
        expect(total(split, "rows")).toBe(total(rows, "rows"));
      }),
    );
  });
});
