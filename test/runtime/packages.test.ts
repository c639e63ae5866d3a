import { readFile } from "node:fs/promises";
import path from "node:path";
import { unzipSync } from "fflate";
import { describe, expect, inject, it } from "vitest";
import { bundle } from "../../scripts/lib/package/bundle.mjs";
import { duckDbFiles } from "../../scripts/lib/package/duckdb.mjs";
import { zip } from "../../scripts/lib/package/zip.mjs";
import { startAzureApp } from "./drivers/azure.ts";
import { root } from "./support/paths.ts";

const LIBRARY = "node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so";
const FUNCTIONS = ["collect", "evaluate", "enforce", "alerts", "health", "api"];
const MIB = 1024 * 1024;

async function namesIn(name: string): Promise<string[]> {
  const names: string[] = [];
  unzipSync(await readFile(inject("zips")[name] ?? ""), {
    filter: (file) => {
      names.push(file.name);
      return false;
    },
  });
  return names;
}

describe("the packages", () => {
  it("are one zip per function in AWS and Google Cloud, and one function app in Azure", () => {
    const expected = [...FUNCTIONS.flatMap((name) => [`aws/${name}`, `gcp/${name}`]), "azure/genops"];
    expect(Object.keys(inject("zips")).sort()).toEqual(expected.sort());
  });

  it.each([
    "aws/collect",
    "aws/evaluate",
    "aws/enforce",
    "aws/api",
    "azure/genops",
    "gcp/collect",
    "gcp/evaluate",
    "gcp/enforce",
    "gcp/api",
  ])("%s carries the engine, and stays below 50 MB", async (name) => {
    expect(await namesIn(name)).toContain(name.startsWith("gcp/") ? `lib/${LIBRARY}` : LIBRARY);
    expect((await readFile(inject("zips")[name] ?? "")).length).toBeLessThan(50 * MIB);
  });

  it.each(["aws/alerts", "gcp/alerts"])("%s carries no engine", async (name) => {
    expect((await namesIn(name)).filter((each) => each.includes("@duckdb"))).toEqual([]);
    expect((await readFile(inject("zips")[name] ?? "")).length).toBeLessThan(5 * MIB);
  });

  it("hold no source, no test and no configuration of this clone", async () => {
    for (const name of Object.keys(inject("zips"))) {
      const foreign = (await namesIn(name)).filter((each) => /\.(ts|map|md|ya?ml)$|(^|\/)test\//.test(each));
      expect([name, foreign]).toEqual([name, []]);
    }
  });

  it("of Google Cloud name the framework and all below it, as they were tested", async () => {
    const folder = path.join(inject("packages"), "gcp", "collect");
    const own = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8")) as Record<string, unknown>;
    expect(own).toMatchObject({
      main: "lib/index.mjs",
      dependencies: { "@google-cloud/functions-framework": "5.0.5" },
    });
    const lock = JSON.parse(await readFile(path.join(folder, "package-lock.json"), "utf8")) as {
      packages: Record<string, { version?: string }>;
    };
    const ours = JSON.parse(await readFile(path.join(root, "package-lock.json"), "utf8")) as typeof lock;
    const named = Object.keys(lock.packages).filter((each) => each !== "");
    expect(named).toEqual(expect.arrayContaining(["node_modules/express", "node_modules/cloudevents"]));
    expect(named.filter((each) => lock.packages[each]?.version !== ours.packages[each]?.version)).toEqual([]);
    expect(named.filter((each) => /aws|azure|duckdb|vitest/.test(each))).toEqual([]);
  });

  it("pass the licences of what they are made of on", async () => {
    const notices = await readFile(path.join(inject("packages"), "aws", "collect", "THIRD-PARTY-LICENSES"), "utf8");
    for (const name of ["zod", "yaml", "@aws-sdk/client-s3", "@azure/storage-blob"])
      expect(notices).toContain(`===== ${name} `);
    expect(notices).toContain("Permission is hereby granted");
  });

  it("are the same bytes when they are built again", async () => {
    const build = async () =>
      zip((await bundle('export * from "./functions/aws/alerts.ts";')).files, { cache: "unused" });
    expect(Buffer.compare(await build(), await build())).toBe(0);
  });

  it("have bytes that depend on their content alone", () => {
    const files = new Map([
      ["b.txt", new TextEncoder().encode("b")],
      ["a/ä.txt", new TextEncoder().encode("a".repeat(100_000))],
    ]);
    const first = zip(files, { cache: "unused" });
    expect(zip(new Map([...files].reverse()), { cache: "unused" })).toEqual(first);
    const back = unzipSync(first);
    expect(Object.keys(back)).toEqual(["a/ä.txt", "b.txt"]);
    expect(back["a/ä.txt"]).toHaveLength(100_000);
  });

  it("cannot be built for a processor whose engine is not installed", () => {
    expect(() => duckDbFiles("arm64")).toThrow("@duckdb/node-bindings-linux-arm64 is not installed");
  });
});

describe("the function app of Azure", () => {
  it("registers what its functions listen to", async () => {
    const queues = {
      GENOPS_QUEUE_COLLECT: "c",
      GENOPS_QUEUE_EVALUATE: "e",
      GENOPS_QUEUE_ENFORCE: "x",
      GENOPS_QUEUE_ALERTS: "a",
    };
    const app = await startAzureApp(path.join(inject("packages"), "azure", "genops"), {
      PATH: process.env["PATH"],
      ...queues,
    });
    await app.close();
    const triggers = app.registrations.map(({ name, bindings }) => {
      const trigger = Object.values(bindings).find(({ type }) => /trigger/i.test(type)) ?? { type: "none" };
      const { type, schedule, queueName, connection, route, authLevel } = trigger;
      return [
        name,
        Object.fromEntries(
          Object.entries({ type, schedule, queueName, connection, route, authLevel }).filter(
            ([, value]) => value !== undefined,
          ),
        ),
      ];
    });
    const queue = (name: string) => ({
      type: "queueTrigger",
      queueName: `%GENOPS_QUEUE_${name}%`,
      connection: "AzureWebJobsStorage",
    });
    expect(Object.fromEntries(triggers)).toEqual({
      "collect-collect": { type: "timerTrigger", schedule: "0 17 */6 * * *" },
      "collect-sweep": { type: "timerTrigger", schedule: "0 41 3 * * *" },
      "collect-queue": queue("COLLECT"),
      "collect-blob": { type: "eventGridTrigger" },
      "evaluate-evaluate": { type: "timerTrigger", schedule: "0 5 * * * *" },
      "evaluate-tell": { type: "timerTrigger", schedule: "0 */5 * * * *" },
      "evaluate-queue": queue("EVALUATE"),
      "enforce-enforce": { type: "timerTrigger", schedule: "0 */10 * * * *" },
      "enforce-queue": queue("ENFORCE"),
      "health-health": { type: "timerTrigger", schedule: "0 * * * * *" },
      "alerts-queue": queue("ALERTS"),
      alerts: { type: "httpTrigger", route: "hooks/{*path}", authLevel: "anonymous" },
      api: { type: "httpTrigger", route: "{*path}", authLevel: "function" },
      "api-health": { type: "httpTrigger", route: "healthz", authLevel: "anonymous" },
    });
  });

  it("has a host.json that agrees with the code: time limit, plain messages, one at a time, a poison queue after five tries", async () => {
    const host = JSON.parse(
      await readFile(path.join(inject("packages"), "azure", "genops", "host.json"), "utf8"),
    ) as Record<string, unknown>;
    expect(host).toMatchObject({
      version: "2.0",
      functionTimeout: "00:10:00",
      extensions: {
        http: { routePrefix: "" },
        queues: { batchSize: 1, newBatchThreshold: 0, maxDequeueCount: 5, messageEncoding: "none" },
      },
    });
  });
});
