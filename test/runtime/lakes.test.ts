import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { Lake } from "../../shared/ports/object-store.ts";
import type { TestServer } from "../support/servers/http-server.ts";
import { startAzurite, startFakeGcsServer, startMoto } from "../support/servers/real-servers.ts";
import { azuriteConnection, removeCopies, STORE_KINDS } from "../support/servers/store-kinds.ts";
import type { RuntimeName } from "./drivers/driver.ts";
import { RUNTIMES } from "./drivers/index.ts";
import { runCli } from "./support/cli.ts";
import { root } from "./support/paths.ts";
import { pump } from "./support/pump.ts";
import { type LedgerState, openFileLake, stateOf } from "./support/state.ts";
import { createWorkspace, type Workspace } from "./support/workspace.ts";

interface Place {
  runtime: RuntimeName;
  store: "S3" | "Blob" | "GCS";
  start(): Promise<TestServer>;
  /** What leads the SDKs there. */
  env(url: string): Readonly<Record<string, string>>;
}

const PLACES: readonly Place[] = [
  { runtime: "aws", store: "S3", start: startMoto, env: (url) => ({ AWS_ENDPOINT_URL_S3: url }) },
  {
    runtime: "azure",
    store: "Blob",
    start: startAzurite,
    env: (url) => ({ AZURE_STORAGE_CONNECTION_STRING: azuriteConnection(url) }),
  },
  { runtime: "gcp", store: "GCS", start: startFakeGcsServer, env: (url) => ({ STORAGE_EMULATOR_HOST: url }) },
];

let workspace: Workspace;
let expected: LedgerState;

beforeAll(async () => {
  workspace = await createWorkspace();
  await runCli(workspace, ["collect"]);
  await runCli(workspace, ["evaluate"]);
  expected = await stateOf(openFileLake(workspace.lake));
});
afterAll(async () => {
  await workspace.remove();
  await removeCopies();
});

describe.each(PLACES)(
  "the main job in $runtime with configuration and lake in $store",
  ({ runtime, store, start, env }) => {
    let server: TestServer;
    let bucket: string;
    let lake: Lake;

    beforeAll(async () => {
      server = await start();
      const kind = STORE_KINDS.find(({ name }) => name === store);
      if (kind === undefined) throw new Error(`no store ${store}`);
      const own = await kind.createStore(server.url);
      bucket = (await own.openRemote()).name;
      lake = await own.openLake({ prefix: "lake" });
      const beside = await own.openLake({ prefix: "config" });
      const config = await readFile(workspace.config, "utf8");
      const rates = path.join(root, "samples", "rates.csv");
      await beside.publish("genops.yaml", new TextEncoder().encode(config.replace(`"${rates}"`, "rates.csv")));
      await beside.publish("rates.csv", await readFile(rates));
    });
    afterAll(() => server.close());

    it("ends with the ledger and the findings of the command line on a local lake, though events come twice", async () => {
      const place = { GENOPS_CONFIG: `${bucket}/config/genops.yaml`, GENOPS_LAKE: `${bucket}/lake` };
      const driver = await RUNTIMES[runtime]({
        workspace,
        packages: inject("packages"),
        env: { ...env(server.url), ...place },
      });
      try {
        expect(
          await driver.deliver("collect", { kind: "schedule", task: "collect" }),
          JSON.stringify(driver.logs()),
        ).toBe(true);
        const { dead } = await pump(driver, { copies: (message) => (message % 2 === 0 ? 2 : 1) });
        expect(dead).toEqual([]);
        const { heads, findings } = await stateOf(lake);
        expect(heads).toEqual(expected.heads);
        expect(findings).toEqual(expected.findings);
        const costs = { method: "GET", path: "/api/v1/costs", query: "by=provider&period=2024-09", signedIn: true };
        const report = await runCli(workspace, ["report", "--by", "provider", "--period", "2024-09"]);
        expect(JSON.parse((await driver.ask(costs)).body)).toMatchObject({
          rows: (JSON.parse(report) as { rows: unknown[] }).rows,
        });
      } finally {
        await driver.close();
      }
    });
  },
);
