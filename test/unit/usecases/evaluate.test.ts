import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createCollect } from "../../../shared/usecases/collect.ts";
import { createEvaluate } from "../../../shared/usecases/evaluate.ts";
import { createEventHost } from "../../../shared/usecases/host.ts";
import { writeFocusBill } from "../../support/focus-bill.ts";
import { createTestPlatform } from "../../support/functions/test-platform.ts";

const CONFIG = (limit: number) => `
sources: []
budgets: { global: { monthly_limit: ${limit}, currency: USD } }
`;

function event(type: string, data: unknown, id = "e-1") {
  return { specversion: "1.0", id, source: "test", type, time: "2024-09-30T12:00:00Z", data };
}

const CHANGED = event("genops.costs.changed", { source: "aws", billingPeriod: "2024-09", version: "v1" });
const DUE = (task: string) => event("genops.schedule.due", { task });

async function evaluateOn(config = CONFIG(100), environment = {}) {
  const platform = await createTestPlatform(config, environment);
  return {
    platform,
    /** As one more process, a day or an hour later. */
    async handle(candidate: unknown, now = "2024-09-30T12:00:00Z"): Promise<string[]> {
      const before = platform.entries.length;
      const host = await createEventHost(
        { ...platform, environment: { ...platform.environment, GENOPS_NOW: now } },
        "evaluate",
        createEvaluate,
      );
      await host.handle(candidate, platform.call);
      return platform.entries.slice(before).map(({ message }) => message);
    },
  };
}

describe("evaluate", () => {
  it("evaluates when costs changed, and once for a burst of events", async () => {
    const { handle } = await evaluateOn();
    expect(await handle(CHANGED)).toEqual(["evaluated", "done"]);
    expect(await handle(CHANGED)).toEqual(["nothing is new since the last evaluation", "done"]);
    expect(await handle(DUE("evaluate"))).toEqual(["nothing is new since the last evaluation", "done"]);
  });

  it("evaluates again in another hour: days settle and periods open without any new bill", async () => {
    const { handle } = await evaluateOn();
    await handle(CHANGED);
    expect(await handle(CHANGED, "2024-09-30T12:59:59Z")).toContain("nothing is new since the last evaluation");
    expect(await handle(DUE("evaluate"), "2024-09-30T13:05:00Z")).toContain("evaluated");
  });

  it("evaluates again under another configuration", async () => {
    const { handle, platform } = await evaluateOn();
    await handle(CHANGED);
    await writeFile(path.join(platform.folder, "genops.yaml"), CONFIG(200));
    expect(await handle(CHANGED)).toContain("evaluated");
  });

  it("evaluates again when the ledger knows something new, and when a source could not be collected", async () => {
    const { handle, platform } = await evaluateOn(
      `${CONFIG(100).replace("sources: []", "sources: [{ id: own, type: focus-export, location: bill.csv }]")}`,
    );
    const collect = async () => {
      const host = await createEventHost(platform, "collect", createCollect);
      await host.handle(event("genops.collect.wanted", { source: "own" }), platform.call);
    };
    const bill = path.join(platform.folder, "bill.csv");
    await writeFocusBill(bill, [{ day: "2024-09-01", billed: "1" }]);
    await collect();
    expect(await handle(CHANGED)).toContain("evaluated");
    expect(await handle(CHANGED)).not.toContain("evaluated");
    await writeFocusBill(bill, [{ day: "2024-09-01", billed: "2" }]);
    await collect();
    expect(await handle(CHANGED)).toContain("evaluated");
    await writeFile(bill, "no bill");
    await collect();
    expect(await handle(CHANGED)).toContain("evaluated");
    expect(await handle(CHANGED)).not.toContain("evaluated");
  });

  it("tells without evaluating when that is due", async () => {
    const { handle } = await evaluateOn();
    expect(await handle(DUE("tell"))).toEqual(["done"]);
  });

  it.each([
    ["a schedule of collect", DUE("collect")],
    ["an event for collect", event("genops.collect.wanted", { source: "aws" })],
  ])("refuses %s", async (_what, candidate) => {
    const { handle } = await evaluateOn();
    expect(await handle(candidate)).toEqual(["refused for good"]);
  });
});
