import { describe, expect, it } from "vitest";
import { parseDecimal } from "../../../../shared/core/decimal.ts";
import type { Finding, Observation } from "../../../../shared/core/finding.ts";
import { findingKey } from "../../../../shared/governance/findings/finding-key.ts";
import { listFindings } from "../../../../shared/governance/findings/finding-store.ts";
import {
  acknowledgeFinding,
  resolveFinding,
  snoozeFinding,
} from "../../../../shared/governance/findings/handle-finding.ts";
import { reconcileFindings } from "../../../../shared/governance/findings/reconcile-findings.ts";
import { memoryStore, observation, recordingBus, testClock } from "../support.ts";

const RESTATED = () => "restated: no longer above the threshold";
const throttle: Partial<Observation> = {
  rule: "threshold-95-actual-throttle",
  level: "critical",
  wantedActions: [{ action: "throttle", targets: [{ team: ["ml"] }] }],
};
const waiting: Partial<Observation> = {
  ...throttle,
  wantedActions: [],
  evidence: { ...observation().evidence, waitsFor: "the cost of aws on 2024-09-19 to settle" },
};

function house() {
  const clock = testClock("2024-09-20T06:00:00.000Z");
  const deps = { store: memoryStore(), clock, events: recordingBus() };
  return {
    ...deps,
    deps,
    run: (observations: readonly Observation[], covers: (finding: Finding) => string | undefined = RESTATED) =>
      reconcileFindings(deps, { observations, covers }),
    only: async () => {
      const [finding, ...others] = await listFindings(deps);
      if (finding === undefined || others.length > 0) throw new Error("not exactly one finding");
      return finding;
    },
  };
}

describe("reconcileFindings", () => {
  it("opens a finding under a stable key and says so once", async () => {
    const { run, events, store } = house();
    const first = await run([observation()]);
    const second = await run([observation()]);
    expect([first.opened.length, second.opened.length, second.unchanged.length]).toEqual([1, 0, 1]);
    expect(events.types()).toEqual(["finding.opened"]);
    expect([...store.objects.keys()]).toEqual([`findings/${findingKey(observation())}.json`]);
  });

  it("publishes events that handlers can tell apart and read on", async () => {
    const { run, events } = house();
    await run([observation(throttle)]);
    const key = findingKey(observation(throttle));
    expect(events.published.map(({ id, subject, time, data }) => ({ id, subject, time, data }))).toEqual([
      {
        id: `${key}/1/genops.finding.opened`,
        subject: key,
        time: "2024-09-20T06:00:00.000Z",
        data: { key, revision: 1, state: "open" },
      },
      {
        id: `${key}/1/genops.action.wanted`,
        subject: key,
        time: "2024-09-20T06:00:00.000Z",
        data: { key, wantedActions: [{ action: "throttle", targets: [{ team: ["ml"] }] }] },
      },
    ]);
  });

  it("leaves a finding alone whose amount moved by less than one percent", async () => {
    const { run, only } = house();
    await run([observation()]);
    const report = await run([observation({ amount: parseDecimal("858"), title: "other words" })]);
    expect([report.unchanged.length, (await only()).revision]).toEqual([1, 1]);
  });

  it.each<[string, Partial<Observation>]>([
    ["the amount moved by one percent", { amount: parseDecimal("858.5") }],
    [
      "there is a new fact",
      { evidence: { ...observation().evidence, facts: { threshold: "80%", missingRates: "EUR" } } },
    ],
    ["it has something to wait for", { evidence: { ...observation().evidence, waitsFor: "aws" } }],
    ["other people are to be told", { recipients: ["team@example.com"] }],
  ])("updates a finding when %s", async (_when, change) => {
    const { run, only, events } = house();
    await run([observation()]);
    const report = await run([observation(change)]);
    expect([report.updated.length, (await only()).revision]).toEqual([1, 2]);
    expect(events.types()).toEqual(["finding.opened", "finding.updated"]);
  });

  it("wants the action when a waiting threshold becomes certain, and keeps its targets afterwards", async () => {
    const { run, only, events } = house();
    await run([observation(waiting)]);
    await run([observation(throttle)]);
    await run([
      observation({
        ...throttle,
        amount: parseDecimal("2000"),
        wantedActions: [{ action: "throttle", targets: [{ team: ["web"] }] }],
      }),
    ]);
    expect(events.types()).toEqual(["finding.opened", "finding.updated", "action.wanted", "finding.updated"]);
    expect((await only()).wantedActions).toEqual([{ action: "throttle", targets: [{ team: ["ml"] }] }]);
  });

  it("resolves what is covered and no longer seen, in the words of the run", async () => {
    const { run, only, events } = house();
    await run([observation()]);
    const report = await run([]);
    expect(report.resolved).toHaveLength(1);
    expect(await only()).toMatchObject({
      state: "resolved",
      resolution: "restated: no longer above the threshold",
      resolvedAt: "2024-09-20T06:00:00.000Z",
      revision: 2,
    });
    expect(events.types()).toEqual(["finding.opened", "finding.resolved"]);
  });

  it("leaves what this run did not look at", async () => {
    const { run, only } = house();
    await run([observation()]);
    await run([], () => undefined);
    expect(await only()).toMatchObject({ state: "open", revision: 1 });
  });

  it("opens a restated finding again as an update, and wants its action again", async () => {
    const { run, only, events } = house();
    await run([observation(throttle)]);
    await run([]);
    await run([observation(throttle)]);
    const finding = await only();
    expect([finding.state, finding.revision, finding.resolution, finding.resolvedAt]).toEqual([
      "open",
      3,
      undefined,
      undefined,
    ]);
    expect(events.types()).toEqual([
      "finding.opened",
      "action.wanted",
      "finding.resolved",
      "finding.updated",
      "action.wanted",
    ]);
  });

  it("fires again in the next period", async () => {
    const { run } = house();
    await run([observation()], () => undefined);
    const report = await run([observation({ period: { start: "2024-10-01", end: "2024-11-01" } })], () => undefined);
    expect(report.opened).toHaveLength(1);
  });

  it("does not open again what a person resolved", async () => {
    const { run, deps, only } = house();
    await run([observation()]);
    await resolveFinding(deps, { key: findingKey(observation()), actor: "sre", resolution: "planned" });
    await run([observation({ amount: parseDecimal("5000") })]);
    expect(await only()).toMatchObject({ state: "resolved", resolution: "planned", actor: "sre", revision: 2 });
  });

  it("keeps an acknowledged finding with its person while its amount is updated", async () => {
    const { run, deps, only } = house();
    await run([observation()]);
    await acknowledgeFinding(deps, { key: findingKey(observation()), actor: "sre" });
    await run([observation({ amount: parseDecimal("5000") })]);
    expect(await only()).toMatchObject({ state: "acknowledged", actor: "sre", revision: 3 });
  });

  it("opens again what was acknowledged, restated and crossed once more", async () => {
    const { run, deps, only } = house();
    await run([observation()]);
    await acknowledgeFinding(deps, { key: findingKey(observation()), actor: "sre" });
    await run([]);
    await run([observation()]);
    const finding = await only();
    expect([finding.state, finding.actor]).toEqual(["open", undefined]);
  });

  it("is quiet about a snoozed finding until its time has come", async () => {
    const { run, deps, clock, only, events } = house();
    await run([observation()]);
    await snoozeFinding(deps, { key: findingKey(observation()), actor: "sre", until: "2024-09-21T06:00:00Z" });
    await run([observation({ amount: parseDecimal("5000") })]);
    expect(await only()).toMatchObject({ state: "snoozed", revision: 2 });
    clock.setNow("2024-09-21T06:00:00Z");
    await run([observation({ amount: parseDecimal("5000") })]);
    const finding = await only();
    expect([finding.state, finding.revision, finding.snoozedUntil]).toEqual(["open", 3, undefined]);
    expect(events.types()).toEqual(["finding.opened", "finding.updated", "finding.updated"]);
  });

  it("publishes later what a run that died could not", async () => {
    const { run, deps, clock, events } = house();
    const dying = { ...deps, events: { publish: () => Promise.reject(new Error("the function was stopped")) } };
    await expect(reconcileFindings(dying, { observations: [observation()], covers: RESTATED })).rejects.toThrow(
      "stopped",
    );
    await run([observation()]);
    expect(events.types()).toEqual([]);
    clock.setNow("2024-09-20T06:03:00.000Z");
    await run([observation()]);
    await run([observation()]);
    expect(events.types()).toEqual(["finding.opened"]);
  });

  it("publishes what is owed also of findings that nobody looks at any more", async () => {
    const { run, deps, clock, events } = house();
    const dying = { ...deps, events: { publish: () => Promise.reject(new Error("the function was stopped")) } };
    await expect(reconcileFindings(dying, { observations: [observation()], covers: RESTATED })).rejects.toThrow(
      "stopped",
    );
    clock.setNow("2024-09-20T06:03:00.000Z");
    await run([], () => undefined);
    expect(events.types()).toEqual(["finding.opened"]);
  });

  it("keeps every digit of money", async () => {
    const { run, only } = house();
    const amount = parseDecimal("12345678901234567890.123456789012345678");
    const evidence = { ...observation().evidence, contributors: [{ keys: { service: "S" }, amount }] };
    await run([observation({ amount, evidence })]);
    const finding = await only();
    expect([finding.amount, finding.evidence.contributors[0]?.amount]).toEqual([amount, amount]);
  });

  it("names the object and the field of a stored finding that it cannot read", async () => {
    const { run, store } = house();
    await run([observation()]);
    const [key = ""] = [...store.objects.keys()];
    await store.put(key, new TextEncoder().encode(JSON.stringify({ key: "x", amount: 1 })));
    await expect(run([])).rejects.toThrow(
      /a stored document cannot be read: .* \(file findings\/budget-team-ml.*, field/,
    );
    await store.put(key, new TextEncoder().encode("{"));
    await expect(run([])).rejects.toThrow(/a stored document cannot be read: .* \(file findings\/budget/);
  });

  it("gives up with a conflict when it loses every race", async () => {
    const { deps, run } = house();
    await run([observation()]);
    const losing = { ...deps, store: { ...deps.store, put: () => Promise.resolve({ ok: false as const }) } };
    await expect(reconcileFindings(losing, { observations: [], covers: RESTATED })).rejects.toMatchObject({
      code: "conflict",
      retryable: true,
    });
  });
});

describe("handling a finding", () => {
  const key = findingKey(observation());

  it("refuses a finding that does not exist", async () => {
    const { deps } = house();
    await expect(acknowledgeFinding(deps, { key: "nope", actor: "sre" })).rejects.toThrow("there is no finding nope");
  });

  it("refuses a change of a revision that the person has not seen", async () => {
    const { run, deps } = house();
    await run([observation()]);
    await expect(acknowledgeFinding(deps, { key, actor: "sre", revision: 7 })).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await acknowledgeFinding(deps, { key, actor: "sre", revision: 1 })).toMatchObject({
      state: "acknowledged",
      revision: 2,
    });
  });

  it("refuses a time that is none", async () => {
    const { run, deps } = house();
    await run([observation()]);
    await expect(snoozeFinding(deps, { key, actor: "sre", until: "tomorrow" })).rejects.toThrow(
      'not an instant: "tomorrow"',
    );
  });

  it("refuses to handle what is resolved", async () => {
    const { run, deps } = house();
    await run([observation()]);
    await resolveFinding(deps, { key, actor: "sre" });
    await expect(acknowledgeFinding(deps, { key, actor: "sre" })).rejects.toThrow("is already resolved");
  });

  it("says who closed it where no reason is given", async () => {
    const { run, deps, events } = house();
    await run([observation()]);
    expect(await resolveFinding(deps, { key, actor: "sre" })).toMatchObject({ resolution: "closed by sre" });
    expect(events.types()).toEqual(["finding.opened", "finding.resolved"]);
  });
});
