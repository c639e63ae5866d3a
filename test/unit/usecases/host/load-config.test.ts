import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { BillStore } from "../../../../shared/ports/bill-store.ts";
import { loadConfig } from "../../../../shared/usecases/host/load-config.ts";
import { createTestPlatform } from "../../../support/functions/test-platform.ts";

async function createTempFolder(name: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), `genops-test-${name}-`));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function bucketOf(objects: Readonly<Record<string, string>>): BillStore {
  return {
    async *list() {},
    read: async (key) => (objects[key] === undefined ? undefined : new TextEncoder().encode(objects[key])),
    download: () => Promise.reject(new Error("not asked")),
  };
}

async function load(objects: Readonly<Record<string, string>>, location = "s3://acme/config/genops.yaml") {
  const platform = await createTestPlatform("", { GENOPS_CONFIG: location, TOKEN: "#from-the-environment" });
  const openStore = (asked: string) =>
    Promise.resolve({ store: bucketOf(objects), key: asked.replace(/^\w+:\/\/[^/]+\//, "") });
  return loadConfig({ platform, createTempFolder, openStore });
}

const RATES = "date,from,to,rate\n2024-01-01,EUR,USD,1.1\n";

describe("a function's configuration", () => {
  it("is read from a path", async () => {
    const platform = await createTestPlatform("lake: file:./elsewhere\n");
    const { lake, baseDir } = await loadConfig({ platform, createTempFolder });
    expect([lake, baseDir]).toEqual(["file:./elsewhere", platform.folder]);
  });

  it("is read from an object, with the files that lie beside it", async () => {
    const config = await load({
      "config/genops.yaml":
        "lake: s3://acme/lake\ncurrency: { report: USD, rates: tables/rates.csv }\n" +
        "sources: [{ id: own, type: custom, location: x.csv, sql: own.sql }]\n",
      "config/tables/rates.csv": RATES,
      "config/own.sql": "SELECT 1 AS BilledCost",
    });
    expect(await readFile(path.join(config.baseDir, "tables", "rates.csv"), "utf8")).toBe(RATES);
    expect(config.sources).toMatchObject([{ id: "own", sql: "SELECT 1 AS BilledCost" }]);
  });

  it("gets the secrets that it mentions, and its variables", async () => {
    const config = await load({
      "config/genops.yaml": 'notifications: { slack: { token: "xoxb-${secret:known}", channel: "${env:TOKEN}" } }\n',
    });
    expect(config.notifications.slack).toMatchObject({ token: "xoxb-a-secret", channel: "#from-the-environment" });
    await expect(
      load({ "config/genops.yaml": 'notifications: { slack: { webhook: "${secret:missing}" } }\n' }),
    ).rejects.toThrow("secret missing is not known");
  });

  it.each([
    ["is not there", {}, "there is no s3://acme/config/genops.yaml"],
    [
      "names a file that is not there",
      { "config/genops.yaml": "currency: { rates: r.csv }\n" },
      "there is no s3://acme/config/r.csv",
    ],
    [
      "names a file above it",
      { "config/genops.yaml": "currency: { rates: ../r.csv }\n" },
      "must lie beside the configuration",
    ],
    [
      "names a file of the machine",
      { "config/genops.yaml": "currency: { rates: /etc/passwd }\n" },
      "must lie beside the configuration",
    ],
    ["is wrong", { "config/genops.yaml": "lakes: 7\n" }, "s3://acme/config/genops.yaml"],
  ])("that %s is an error with its name", async (_what, objects, message) => {
    await expect(load(objects)).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining(message) as string,
    });
  });

  it("has to be named", async () => {
    const platform = await createTestPlatform("", { GENOPS_CONFIG: "" });
    await expect(loadConfig({ platform, createTempFolder })).rejects.toThrow("GENOPS_CONFIG is not set");
  });
});
