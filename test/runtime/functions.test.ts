import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { CloudEvent } from "../../shared/core/events.ts";
import type { RuntimeDriver, RuntimeName } from "./drivers/driver.ts";
import { RUNTIMES } from "./drivers/index.ts";
import { runCli } from "./support/cli.ts";
import { pump } from "./support/pump.ts";
import { deadLettersOf, type LedgerState, openFileLake, stateOf } from "./support/state.ts";
import { createWorkspace, EXPORTS, type Workspace } from "./support/workspace.ts";

/** What the command line makes of the same bills. */
let expected: { state: LedgerState; costs: { rows: unknown[] } };
const workspaces: Workspace[] = [];

async function freshWorkspace(config?: string): Promise<Workspace> {
  const workspace = await createWorkspace(config);
  workspaces.push(workspace);
  return workspace;
}

beforeAll(async () => {
  const workspace = await freshWorkspace();
  await runCli(workspace, ["collect"]);
  await runCli(workspace, ["evaluate"]);
  const costs = JSON.parse(await runCli(workspace, ["report", "--by", "provider", "--period", "2024-09"])) as {
    rows: unknown[];
  };
  expected = { state: await stateOf(openFileLake(workspace.lake)), costs };
});
afterAll(() => Promise.all(workspaces.map((each) => each.remove())));

const NAMES = Object.keys(RUNTIMES) as RuntimeName[];

describe.each(NAMES)("the functions of %s, over the sample bills", (name) => {
  let driver: RuntimeDriver;
  let workspace: Workspace;
  const state = () => stateOf(openFileLake(workspace.lake));

  beforeAll(async () => {
    workspace = await freshWorkspace();
    driver = await RUNTIMES[name]({ workspace, packages: inject("packages") });
    await driver.deliver("collect", { kind: "schedule", task: "collect" });
    await pump(driver);
  });
  afterAll(() => driver.close());

  it("collect on a schedule, tell evaluate, and end with the ledger and the findings of the command line", async () => {
    const { heads, findings } = await state();
    expect(heads).toEqual(expected.state.heads);
    expect(findings).toEqual(expected.state.findings);
    expect([heads.length, findings.length].every((count) => count > 2)).toBe(true);
  });

  it("hand the cause of a chain of events on: one correlation id from the schedule to the evaluation", () => {
    const events = driver.services.sent.map(({ body }) => JSON.parse(body) as CloudEvent);
    const causes = new Set(events.map(({ correlationid }) => correlationid));
    expect(causes.size).toBe(1);
    const [cause] = causes;
    expect(cause).toBeTypeOf("string");
    const logged = driver.logs().filter((entry) => entry["correlationId"] === cause);
    expect(new Set(logged.map((entry) => entry["function"]))).toEqual(new Set(["collect", "evaluate", "enforce"]));
  });

  it("evaluate once, however often costs.changed comes", async () => {
    const changed = driver.services.sent.find(({ queue }) => queue === "evaluate");
    const evaluations = () => driver.logs().filter(({ message }) => message === "evaluated").length;
    const before = evaluations();
    for (const id of ["again", "and-again"]) {
      expect(await driver.deliver("evaluate", { kind: "message", id, body: changed?.body ?? "" })).toBe(true);
    }
    expect(evaluations()).toBe(before);
  });

  it("take evaluate's own schedules", async () => {
    for (const task of ["evaluate", "tell"] as const) {
      expect(await driver.deliver("evaluate", { kind: "schedule", task })).toBe(true);
    }
    expect((await state()).findings).toEqual(expected.state.findings);
  });

  it("sweep on a schedule, and sweep nothing away", async () => {
    expect(await driver.deliver("collect", { kind: "schedule", task: "sweep" })).toBe(true);
    expect((await state()).heads).toEqual(expected.state.heads);
  });

  it("plan what a breached budget wants, and in a dry run only write it down", async () => {
    expect(driver.services.sent.map(({ queue }) => queue)).toContain("enforce");
    expect(await driver.deliver("enforce", { kind: "schedule", task: "enforce" })).toBe(true);
    const lake = openFileLake(workspace.lake);
    const plans: { plan: { cluster: string; steps: unknown[] } }[] = [];
    for await (const { key } of lake.list("enforcement/dry-runs/")) {
      const stored = await lake.get(key);
      plans.push(JSON.parse(new TextDecoder().decode(stored?.body)));
    }
    expect(plans.map(({ plan }) => plan.cluster)).toEqual(["aws-cluster"]);
    expect(plans[0]?.plan.steps.length).toBeGreaterThan(0);
  });

  it("carry out nothing that nobody has planned, whoever approves it", async () => {
    const event = {
      specversion: "1.0",
      id: "decision-1",
      source: "genops/api",
      type: "genops.action.approved",
      time: "2026-11-22T06:00:00Z",
      datacontenttype: "application/json",
      data: { planHash: "0".repeat(64), decision: "approve", at: "2026-11-22T06:00:00Z", slackUser: "U024BE7LH" },
    };
    const body = JSON.stringify(event);
    expect(await driver.deliver("enforce", { kind: "message", id: "decision-1", body })).toBe(true);
    expect(driver.logs()).toContainEqual(expect.objectContaining({ message: "a decision does not count" }));
  });

  it("look at the clusters every minute", async () => {
    expect(await driver.deliver("health", { kind: "schedule", task: "health" })).toBe(true);
    // The only cluster here is a snapshot, which is neither up nor down.
    expect(driver.logs()).toContainEqual(
      expect.objectContaining({ function: "health", message: "looked", targets: 0 }),
    );
  });

  it("make one finding of the cloud's own budget alert, however often it comes", async () => {
    const alerts = async () => (await state()).findings.filter(({ kind }) => kind === "cloud-alert");
    expect(await driver.deliver("alerts", { kind: "alert", id: "a-1" })).toBe(true);
    expect(await driver.deliver("alerts", { kind: "alert", id: "a-1" })).toBe(true);
    expect(await driver.deliver("alerts", { kind: "alert", id: "a-2" })).toBe(true);
    expect(await alerts()).toMatchObject([{ state: "open", currency: "USD", amount: "412550000000000000000" }]);
  });

  it("answer GET /healthz to everybody", async () => {
    const answer = await driver.ask({ method: "GET", path: "/healthz", signedIn: false });
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { status: "ok" }]);
  });

  it("answer GET /api/v1/costs with what `genops report` says, to whom the platform has signed in", async () => {
    const shape = { method: "GET", path: "/api/v1/costs", query: "by=provider&period=2024-09" };
    const answer = await driver.ask({ ...shape, signedIn: true });
    expect(answer.status).toBe(200);
    expect((JSON.parse(answer.body) as { rows: unknown[] }).rows).toEqual(expected.costs.rows);
    expect((await driver.ask({ ...shape, signedIn: false })).status).toBe(401);
  });

  it("let a hook look after itself: an unsigned message is refused, whoever brings it", async () => {
    const headers = { "content-type": "text/plain; charset=UTF-8" };
    const body = JSON.stringify({ Type: "Notification", MessageId: "m", Message: "hello" });
    const answer = await driver.ask({ method: "POST", path: "/hooks/sns", headers, body, signedIn: false });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).not.toBe(401);
  });

  it.each([
    ["any JSON", { hello: 1 }],
    [
      "a CloudEvent of somebody else",
      { specversion: "1.0", id: "1", source: "x", type: "com.example", time: "2026-11-22T06:00:00Z" },
    ],
    [
      "one of ours without its data",
      { specversion: "1.0", id: "2", source: "x", type: "genops.collect.wanted", time: "2026-11-22T06:00:00Z" },
    ],
  ])("log and keep %s as a dead letter, and do not have it delivered again", async (_what, value) => {
    const before = await deadLettersOf(openFileLake(workspace.lake));
    expect(await driver.deliver("collect", { kind: "junk", value })).toBe(true);
    expect(await driver.deliver("collect", { kind: "junk", value })).toBe(true);
    const letters = (await deadLettersOf(openFileLake(workspace.lake))).filter(
      ({ key }) => !before.some((each) => each.key === key),
    );
    expect(letters.length).toBeGreaterThanOrEqual(1);
    expect(letters[0]).toMatchObject({ function: "collect", event: value });
    expect(driver.logs()).toContainEqual(
      expect.objectContaining({ message: "refused for good", deadLetter: letters[0]?.key }),
    );
  });
});

describe.each(NAMES)("an export's manifest in %s", (name) => {
  it("makes its source wanted for its period; data files mean nothing", async () => {
    const { EXPORT_OF } = await import("./drivers/driver.ts");
    const workspace = await freshWorkspace(EXPORTS);
    const driver = await RUNTIMES[name]({ workspace, packages: inject("packages") });
    try {
      const key = "genops/metadata/BILLING_PERIOD=2024-09/genops-Manifest.json";
      expect(
        await driver.deliver("collect", { kind: "object", key: "genops/data/BILLING_PERIOD=2024-09/1.parquet" }),
      ).toBe(true);
      expect(await driver.deliver("collect", { kind: "object", key })).toBe(true);
      const wanted = driver.services.sent.map(({ queue, body }) => ({ queue, ...(JSON.parse(body) as CloudEvent) }));
      const data = { source: EXPORT_OF[name].source, periods: ["2024-09"] };
      expect(wanted).toMatchObject([{ queue: "collect", type: "genops.collect.wanted", data }]);
    } finally {
      await driver.close();
    }
  });
});
