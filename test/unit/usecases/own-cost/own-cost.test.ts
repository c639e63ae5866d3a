import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../../../shared/config/parse-config.ts";
import { collectSources } from "../../../../shared/ledger/collect/collect-source.ts";
import { recordUsage } from "../../../../shared/ledger/own-usage/usage-documents.ts";
import { createSystemRandomness } from "../../../../shared/platforms/local/system.ts";
import { ownCost, ownCostDocument } from "../../../../shared/usecases/own-cost/own-cost.ts";
import { recordOwnUsage } from "../../../../shared/usecases/own-cost/record.ts";
import { createRuntime, type Runtime } from "../../../../shared/usecases/runtime.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { writeFocusBill } from "../../../support/focus-bill.ts";

const folders = createFolders();
afterAll(() => folders.clean());

const ANY = "sources: [{ id: any, type: focus-export, location: any.csv }]\n";

async function runtimeIn(cloud: "aws" | "local", yaml = ANY) {
  const baseDir = await folders.make();
  const clock = createFakeClock("2024-09-03T10:00:00Z");
  const runtime = await createRuntime({
    config: parseConfig(yaml, { fileName: "genops.yaml", baseDir, secrets: { read: () => undefined } }),
    cloud,
    clock,
    randomness: createSystemRandomness(),
    events: { publish: () => Promise.resolve() },
    progress: { report: () => {}, note: () => {} },
    createTempFolder: () => folders.make(),
  });
  return { runtime, baseDir, clock };
}

const SEPTEMBER = { start: "2024-09-01", end: "2024-10-01", basis: "charge" } as const;

describe("GenOps' own cost", () => {
  it("is what was counted, per day, cloud and item, at the stated prices", async () => {
    const { runtime } = await runtimeIn("aws");
    await recordUsage({ store: runtime.lake, clock: runtime.clock }, "gcp", {
      gcp: { invocations: 1_000_000, bigQueryBytes: 1024 ** 4 },
    });
    await recordOwnUsage(runtime, "aws", { memoryMb: 1024, milliseconds: 60_000 });
    const { lines, total } = ownCostDocument(await ownCost(runtime, SEPTEMBER));
    expect(lines.map(({ day }) => day).every((day) => day === "2024-09-03")).toBe(true);
    expect(Object.fromEntries(lines.map(({ cloud, item, amount }) => [`${cloud} ${item}`, amount]))).toMatchObject({
      "gcp invocations": "0.4",
      "gcp paid API": "6.25",
      "aws invocations": "0.0000002",
      "aws compute": "0.001000002",
    });
    expect(Number(total)).toBeGreaterThan(6.65);
  });

  it("counts nothing on a laptop over a local lake, and keeps a count that could not be written", async () => {
    const { runtime } = await runtimeIn("local");
    await runtime.lake.put("k", new TextEncoder().encode("1"));
    await recordOwnUsage(runtime, "local");
    expect((await ownCost(runtime, SEPTEMBER)).lines).toEqual([]);
    const broken = {
      ...runtime.lake,
      put: () => Promise.reject(new Error("no")),
      get: () => Promise.reject(new Error("no")),
    };
    await recordOwnUsage({ ...runtime, lake: broken }, "aws", { memoryMb: 1, milliseconds: 1 });
    expect(runtime.usage.take()["aws"]).toEqual({ invocations: 1, memoryMbMs: 1 });
  });

  it("has storage on every day since something was used, and none before or after today", async () => {
    const { runtime: made, clock } = await runtimeIn("aws");
    const runtime = { ...made, config: { ...made.config, lake: "s3://bucket/lake" } };
    await recordOwnUsage(runtime, "aws", { memoryMb: 1, milliseconds: 1 });
    clock.advance(2 * 86_400_000);
    const { lines } = await ownCost(runtime, SEPTEMBER);
    const stored = lines.filter(({ item }) => item === "storage");
    expect(stored.map(({ day, cloud }) => `${day} ${cloud}`)).toEqual([
      "2024-09-03 aws",
      "2024-09-04 aws",
      "2024-09-05 aws",
    ]);
    expect((await ownCost(runtime, { ...SEPTEMBER, end: "2024-09-03" })).lines).toEqual([]);
  });

  it("names the sources whose rows cannot be looked through from here", async () => {
    const { runtime, baseDir } = await runtimeIn(
      "aws",
      `lakes: { eu: "file:./eu" }
sources:
  - { id: any, type: focus-export, location: any.csv }
  - { id: far, type: focus-export, location: any.csv, lake: eu }
`,
    );
    await writeFocusBill(path.join(baseDir, "any.csv"), [{ billed: "0.75", tags: { "genops-component": "collect" } }]);
    const [any, far] = runtime.config.sources;
    if (any === undefined || far === undefined) throw new Error("no sources");
    const collect = (sources: (typeof any)[], lake: Runtime["lake"]) =>
      collectSources(
        { ...runtime, lake, beforeCommit: async () => {} },
        { sources, periods: [], force: false, baseDir },
      );
    await collect([any], runtime.lake);
    // As its own home would have left it: the head is here, the rows are not.
    await collect([far], { ...runtime.lake, putFile: async () => {} });
    const document = ownCostDocument(await ownCost(runtime, SEPTEMBER));
    expect(document.billed).toEqual([{ cloud: "aws", currency: "USD", amount: "0.75" }]);
    expect(document.unread).toEqual([
      { source: "far", why: expect.stringContaining('the rows of far stay in the lake "eu"') },
    ]);
  });

  it("shows GenOps' own bill lines beside the model once they arrive", async () => {
    const { runtime, baseDir } = await runtimeIn("aws");
    await writeFocusBill(path.join(baseDir, "any.csv"), [
      { billed: "0.75", tags: { "genops-component": "collect" } },
      { billed: "0.25", tags: { "genops-component": "evaluate" }, day: "2024-09-02" },
      { billed: "0.5", tags: { Genops_Component: "alerts" } },
      { billed: "100", tags: { team: "genops-component" } },
      { billed: "100", tags: "genops-component: this is no JSON" },
    ]);
    await collectSources(runtime, { sources: runtime.config.sources, periods: [], force: false, baseDir });
    expect(ownCostDocument(await ownCost(runtime, SEPTEMBER)).billed).toEqual([
      { cloud: "aws", currency: "USD", amount: "1.5" },
    ]);
  });
});
