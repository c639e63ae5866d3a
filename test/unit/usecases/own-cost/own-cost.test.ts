import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../../../shared/config/parse-config.ts";
import { collectSources } from "../../../../shared/ledger/collect/collect-source.ts";
import { recordUsage } from "../../../../shared/ledger/own-usage/usage-documents.ts";
import { createSystemRandomness } from "../../../../shared/platforms/local/system.ts";
import { ownCost, ownCostDocument } from "../../../../shared/usecases/own-cost/own-cost.ts";
import { recordOwnUsage } from "../../../../shared/usecases/own-cost/record.ts";
import { createRuntime } from "../../../../shared/usecases/runtime.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { writeFocusBill } from "../../../support/focus-bill.ts";

const folders = createFolders();
afterAll(() => folders.clean());

async function runtimeIn(cloud: "aws" | "local") {
  const baseDir = await folders.make();
  const clock = createFakeClock("2024-09-03T10:00:00Z");
  const yaml = "sources: [{ id: any, type: focus-export, location: any.csv }]\n";
  const runtime = await createRuntime({
    config: parseConfig(yaml, { fileName: "genops.yaml", baseDir, secrets: { read: () => undefined } }),
    cloud,
    clock,
    randomness: createSystemRandomness(),
    events: { publish: () => Promise.resolve() },
    progress: { report: () => {}, note: () => {} },
    createTempFolder: () => folders.make(),
  });
  return { runtime, baseDir };
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

  it("shows GenOps' own bill lines beside the model once they arrive", async () => {
    const { runtime, baseDir } = await runtimeIn("aws");
    await writeFocusBill(path.join(baseDir, "any.csv"), [
      { billed: "0.75", tags: { "genops-component": "collect" } },
      { billed: "0.25", tags: { "genops-component": "evaluate" }, day: "2024-09-02" },
      { billed: "100", tags: { team: "genops-component" } },
    ]);
    await collectSources(runtime, { sources: runtime.config.sources, periods: [], force: false, baseDir });
    expect(ownCostDocument(await ownCost(runtime, SEPTEMBER)).billed).toEqual([
      { cloud: "aws", currency: "USD", amount: "1" },
    ]);
  });
});
