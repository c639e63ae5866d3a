import { readdir } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { sqsBatch } from "../support/functions/aws-events.ts";
import { startAwsServices } from "../support/functions/aws-services.ts";
import { commonEnv, type RuntimeDriver, type RuntimeName } from "./drivers/driver.ts";
import { RUNTIMES } from "./drivers/index.ts";
import { startLambda } from "./drivers/lambda.ts";
import { runCli } from "./support/cli.ts";
import { pump } from "./support/pump.ts";
import { type LedgerState, openFileLake, stateOf } from "./support/state.ts";
import { createWorkspace, HOOK_SECRET, NOW, type Workspace } from "./support/workspace.ts";

const wanted = (source: string) =>
  JSON.stringify({
    specversion: "1.0",
    id: source,
    source: "test",
    type: "genops.collect.wanted",
    time: "2026-11-22T06:00:00Z",
    data: { source },
  });

let expected: LedgerState;
const workspaces: Workspace[] = [];

async function freshWorkspace(): Promise<Workspace> {
  const workspace = await createWorkspace();
  workspaces.push(workspace);
  return workspace;
}

beforeAll(async () => {
  const workspace = await freshWorkspace();
  await runCli(workspace, ["collect"]);
  await runCli(workspace, ["evaluate"]);
  expected = await stateOf(openFileLake(workspace.lake));
});
afterAll(() => Promise.all(workspaces.map((each) => each.remove())));

describe.each(Object.keys(RUNTIMES) as RuntimeName[])(
  "a stream of events in %s that comes twice, out of order and fails halfway",
  (name) => {
    let driver: RuntimeDriver;
    let workspace: Workspace;

    beforeAll(async () => {
      workspace = await freshWorkspace();
      driver = await RUNTIMES[name]({ workspace, packages: inject("packages") });
    });
    afterAll(() => driver.close());

    it("ends in the same state as the clean one", async () => {
      // Every second costs.changed finds its queue closed, after the ledger has changed.
      let tries = 0;
      driver.services.refuse = ({ queue }) => queue === "evaluate" && tries++ % 2 === 0;
      expect(
        await driver.deliver("collect", { kind: "schedule", task: "collect" }),
        JSON.stringify(driver.logs()),
      ).toBe(true);
      expect(
        await driver.deliver("collect", { kind: "schedule", task: "collect" }),
        JSON.stringify(driver.logs()),
      ).toBe(true);
      const { delivered, dead } = await pump(driver, {
        // The newest first, then the oldest, and so on.
        pick: (waiting) => (waiting % 2 === 0 ? waiting - 1 : 0),
        copies: (message) => (message % 3 === 0 ? 2 : 1),
      });
      expect(dead).toEqual([]);
      expect(delivered).toBeGreaterThan(15);
      expect(driver.logs().filter(({ message }) => message === "failed, to be delivered again").length).toBeGreaterThan(
        2,
      );
      const { heads, findings } = await stateOf(openFileLake(workspace.lake));
      expect(heads).toEqual(expected.heads);
      // What failed on the way was told, and is resolved.
      const lasting = findings.filter(({ state }) => state !== "resolved");
      expect(lasting).toEqual(expected.findings);
      expect(findings.filter(({ state, kind }) => state === "resolved" && kind !== "source")).toEqual([]);
    });
  },
);

describe("two instances of a Lambda function at once", () => {
  it("do the same work and leave what one would have left", async () => {
    const workspace = await freshWorkspace();
    const services = await startAwsServices({ "/genops/azure-monitor": HOOK_SECRET });
    const options = { workspace, packages: inject("packages") };
    const env = commonEnv(options, services, NOW);
    const start = (name: string) => startLambda(path.join(options.packages, "aws", name), { name, env });
    const collects = await Promise.all([start("collect"), start("collect")]);
    const evaluates = await Promise.all([start("evaluate"), start("evaluate")]);
    try {
      const sources = ["company-aws", "company-gcp", "bill-aws", "bill-azure", "bill-gcp"];
      // Both are ready before the first event.
      for (const collect of collects) await collect.invoke(sqsBatch([{ id: "warm", body: "junk" }]));
      for (const source of sources) {
        const batch = sqsBatch([{ id: "m", body: wanted(source) }]);
        const outcomes = await Promise.all(collects.map((collect) => collect.invoke(batch)));
        expect(outcomes).toEqual(outcomes.map(() => ({ ok: true, result: { batchItemFailures: [] } })));
      }
      const changed = services.sent.find(({ queue }) => queue === "evaluate")?.body ?? "";
      await Promise.all(evaluates.map((each) => each.invoke(sqsBatch([{ id: "m", body: changed }]))));
      const { heads, findings } = await stateOf(openFileLake(workspace.lake));
      expect(heads).toEqual(expected.heads);
      expect(findings).toEqual(expected.findings);
    } finally {
      await Promise.all([...collects, ...evaluates].map((each) => each.close()));
      await services.close();
    }
  });
});

describe("a Lambda function's batch in which one message fails", () => {
  it("gives back that message alone, and leaves nothing behind in the temporary folder", async () => {
    const workspace = await freshWorkspace();
    const services = await startAwsServices({ "/genops/azure-monitor": HOOK_SECRET });
    services.refuse = ({ body }) => body.includes("bill-gcp");
    const options = { workspace, packages: inject("packages") };
    const env = commonEnv(options, services, NOW);
    const collect = await startLambda(path.join(options.packages, "aws", "collect"), { name: "collect", env });
    try {
      const batch = sqsBatch([
        { id: "m-1", body: wanted("bill-gcp") },
        { id: "m-2", body: wanted("bill-azure") },
        { id: "m-3", body: "junk" },
      ]);
      expect(await collect.invoke(batch)).toEqual({
        ok: true,
        result: { batchItemFailures: [{ itemIdentifier: "m-1" }] },
      });
      const [temporary, ...others] = await readdir(workspace.tmp);
      expect([temporary, others]).toEqual([expect.stringMatching(/^genops-/), []]);
      expect(await readdir(path.join(workspace.tmp, temporary ?? ""))).toEqual([]);
    } finally {
      await collect.close();
      await services.close();
    }
  });
});
