import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { buildInventory } from "../../../shared/clusters/inventory/build-inventory.ts";
import { parseConfig } from "../../../shared/config/parse-config.ts";
import { formatDecimal } from "../../../shared/core/decimal.ts";
import { collectSources } from "../../../shared/ledger/collect/collect-source.ts";
import { createSystemRandomness } from "../../../shared/platforms/local/system.ts";
import { measuredWeights } from "../../../shared/usecases/measured-weights.ts";
import { priceCluster } from "../../../shared/usecases/price-cluster.ts";
import { createRuntime, type Runtime } from "../../../shared/usecases/runtime.ts";
import { deployed, node, sourcesOf } from "../../support/cluster-objects.ts";
import { createFolders } from "../../support/collect-deps.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const folders = createFolders();
const servers: Server[] = [];
afterAll(() => folders.clean());
afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections();
});

/** An OpenCost that says the same of every day. */
async function startOpenCost(costs: Readonly<Record<string, number>>): Promise<string> {
  const entries = Object.entries(costs).map(([name, totalCost]) => {
    const [cluster, namespace, controllerKind, controller] = name.split("/");
    return [name, { name, totalCost, properties: { cluster, namespace, controllerKind, controller } }];
  });
  const server = createServer((_request, response) =>
    response.end(JSON.stringify({ code: 200, data: [Object.fromEntries(entries)] })),
  );
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function world(url: string): Promise<{ runtime: Runtime; baseDir: string }> {
  const baseDir = await folders.make();
  const yaml = `sources: [{ id: shares, type: opencost, url: "${url}", cluster: prod, match: { service: EC2 } }]\n`;
  const runtime = await createRuntime({
    config: parseConfig(yaml, { fileName: "genops.yaml", baseDir, secrets: { read: () => undefined } }),
    clock: createFakeClock("2024-09-04T12:00:00Z"),
    randomness: createSystemRandomness(),
    events: { publish: () => Promise.resolve() },
    progress: { report: () => {}, note: () => {} },
    createTempFolder: () => folders.make(),
  });
  return { runtime, baseDir };
}

describe("measuredWeights", () => {
  it("are what OpenCost said of the cluster's workloads in its last days", async () => {
    const url = await startOpenCost({ "prod/shop/deployment/Web": 2, "prod/shop/job/x": 1, "prod/__idle__": 4 });
    const { runtime, baseDir } = await world(url);
    expect(await measuredWeights(runtime, "prod")).toBeUndefined();
    await collectSources(runtime, { sources: runtime.config.sources, periods: [], force: false, baseDir });
    const weights = await measuredWeights(runtime, "prod");
    expect(weights?.by).toMatch(/^OpenCost \(source shares\), [1-7] days$/);
    const days = Number(/(\d) days/.exec(weights?.by ?? "")?.[1]);
    const texts = [...(weights?.workloads ?? [])].map(([name, weight]) => [name, formatDecimal(weight)]);
    expect(Object.fromEntries(texts)).toEqual({ "shop/deployment/web": String(2 * days), "shop/job/x": String(days) });
    expect(weights === undefined ? "" : formatDecimal(weights.idle)).toBe(String(4 * days));
    expect(await measuredWeights(runtime, "dev")).toBeUndefined();
  });

  it("divide the price of the cluster's nodes, which stays what it is", async () => {
    const url = await startOpenCost({ "prod/shop/deployment/web": 3, "prod/__idle__": 1 });
    const { runtime, baseDir } = await world(url);
    const objects = [
      node({ name: "n1", cpu: "2" }),
      ...deployed({ namespace: "shop", name: "web", cpu: "1", nodes: ["n1"] }),
    ];
    const inventory = buildInventory(sourcesOf(objects, { cluster: "prod" }));
    const native = await priceCluster(runtime, inventory);
    await collectSources(runtime, { sources: runtime.config.sources, periods: [], force: false, baseDir });
    const measured = await priceCluster(runtime, inventory);
    expect(measured.perHour).toBe(native.perHour);
    const [web] = [...measured.workloads.values()];
    expect(web === undefined ? 0n : (web.perHour as bigint) * 4n).toBe((measured.perHour as bigint) * 3n);
    expect(measured.problems.at(-1)).toMatch(/^shares of 1 of 1 workloads by OpenCost \(source shares\)/);
  });
});
