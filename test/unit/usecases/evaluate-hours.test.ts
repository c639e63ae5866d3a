import path from "node:path";
import { describe, expect, it } from "vitest";
import { listFindings } from "../../../shared/governance/findings/finding-store.ts";
import { createCollect } from "../../../shared/usecases/collect.ts";
import { createEvaluate } from "../../../shared/usecases/evaluate.ts";
import { createEventHost } from "../../../shared/usecases/host.ts";
import { openLake } from "../../../shared/usecases/open-lake.ts";
import { createTestPlatform } from "../../support/functions/test-platform.ts";
import { writeHourlyCur } from "../../support/hourly-cur.ts";

const CONFIG = `
sources: [{ id: cur, type: aws-data-export, location: cur.csv, allowShrink: true }]
budgets: {}
anomalies: { rulesOff: [over-yesterday, absolute-jump, first-use] }
`;

const RANGE = { start: "2024-08-24T00:00:00Z", end: "2024-09-28T20:00:00Z", services: ["AmazonEC2", "AmazonS3"] };

/** By day dearer than by night, with a few per cent of noise that is the same each time; more in five hours of the last day. */
function costOf(times: number) {
  return (hour: Date, service: string) => {
    const noise = ((hour.getTime() / 3_600_000) * 7919 + service.length * 31) % 17;
    const usual = (service === "AmazonEC2" ? 30 : 8) * (1 + 0.4 * Math.sin((hour.getUTCHours() * Math.PI) / 12));
    const isOdd =
      service === "AmazonEC2" && hour.toISOString() >= "2024-09-28T14" && hour.toISOString() < "2024-09-28T19";
    return usual * (1 + 0.01 * (noise - 8)) * (isOdd ? times : 1);
  };
}

async function house() {
  const platform = await createTestPlatform(CONFIG);
  const event = (type: string, data: unknown) => ({
    specversion: "1.0",
    id: "e-1",
    source: "test",
    type,
    time: "2024-09-28T20:00:00Z",
    data,
  });
  return async (times: number, now: string) => {
    await writeHourlyCur(path.join(platform.folder, "cur.csv"), RANGE, costOf(times));
    const collect = await createEventHost(platform, "collect", createCollect);
    await collect.handle(event("genops.collect.wanted", { source: "cur" }), platform.call);
    const surroundings = { ...platform, environment: { ...platform.environment, GENOPS_NOW: now } };
    const evaluate = await createEventHost(surroundings, "evaluate", createEvaluate);
    await evaluate.handle(event("genops.costs.changed", { source: "cur", billingPeriod: "2024-09" }), platform.call);
    const store = await openLake(`file:${platform.lake}`, { baseDir: platform.folder } as never);
    return listFindings({ store });
  };
}

describe("a bill by the hour", () => {
  it("tells a spike on the same day, and closes it when the bill is restated", async () => {
    const collectAndEvaluate = await house();
    const [finding, ...others] = await collectAndEvaluate(5, "2024-09-28T21:20:00Z");
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ rule: "unusual-hour", state: "open", period: { start: "2024-09-28" } });
    expect(finding?.title).toMatch(
      /^AmazonEC2 of 111122223333 cost (4\.\d|5\.\d) × what was expected from 2024-09-28 14:00 to 2024-09-28 19:00 UTC$/,
    );
    const after = await collectAndEvaluate(1, "2024-09-28T22:20:00Z");
    expect(after.map(({ key, state }) => [key, state])).toEqual([[finding?.key, "resolved"]]);
  }, 30_000);
});
