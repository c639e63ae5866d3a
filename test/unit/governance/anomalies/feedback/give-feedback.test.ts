import { describe, expect, it } from "vitest";
import { listFeedback } from "../../../../../shared/governance/anomalies/feedback/feedback-store.ts";
import { type FeedbackInput, giveFeedback } from "../../../../../shared/governance/anomalies/feedback/give-feedback.ts";
import { undoFeedback } from "../../../../../shared/governance/anomalies/feedback/undo-feedback.ts";
import { resolveFinding } from "../../../../../shared/governance/findings/handle-finding.ts";
import { memoryStore, observation, recordingBus, testClock } from "../../support.ts";
import { anomaly, openFindings } from "./support.ts";

async function house() {
  const { deps, see, keys } = await openFindings([anomaly()]);
  const key = keys[0] ?? "";
  const give = (input: Partial<FeedbackInput>) => giveFeedback(deps, { key, kind: "wrong", actor: "ada", ...input });
  const finding = async () => {
    const report = await see();
    return [...report.opened, ...report.updated, ...report.unchanged][0];
  };
  return { deps, key, give, finding };
}

describe("giveFeedback", () => {
  it("keeps who said what when about which series, and closes the finding in these words", async () => {
    const { deps, key, give } = await house();
    const { feedback, finding } = await give({ kind: "expected", note: " new cluster " });
    expect(feedback).toEqual({
      id: `${key.slice(-12)}-1`,
      finding: key,
      kind: "expected",
      scope: { provider: ["aws"], service: ["Compute"] },
      currency: "USD",
      since: "2024-09-18",
      note: "new cluster",
      by: "ada",
      at: "2024-09-20T09:00:00.000Z",
    });
    expect(finding).toMatchObject({ state: "resolved", actor: "ada", resolution: "expected by ada: new cluster" });
    expect(deps.events.types()).toEqual(["finding.opened", "finding.resolved"]);
    expect(await listFeedback(deps.store)).toEqual([feedback]);
  });

  it("stays closed when the anomaly is seen again", async () => {
    const { give, finding } = await house();
    await give({ kind: "wrong" });
    expect(await finding()).toMatchObject({ state: "resolved", resolution: "called wrong by ada" });
  });

  it("keeps planned days, the last one included", async () => {
    const { give } = await house();
    const { feedback, finding } = await give({ kind: "planned", to: "2024-09-25" });
    expect(feedback.planned).toEqual({ start: "2024-09-18", end: "2024-09-26" });
    expect(finding.resolution).toBe("planned by ada, 2024-09-18 to 2024-09-25");
    const other = await give({ kind: "planned", from: "2024-09-19", to: "2024-09-19" });
    expect(other.feedback.planned).toEqual({ start: "2024-09-19", end: "2024-09-20" });
  });

  it("replaces what was said before about the same finding", async () => {
    const { deps, give } = await house();
    await give({ kind: "wrong" });
    const { finding } = await give({ kind: "expected", actor: "bob" });
    const all = await listFeedback(deps.store);
    expect(all.filter(({ undone }) => undone === undefined).map(({ kind, by }) => [kind, by])).toEqual([
      ["expected", "bob"],
    ]);
    expect(finding.resolution).toBe("expected by bob");
  });

  it("changes nothing when the same is said twice, also by two people", async () => {
    const { deps, give } = await house();
    await give({ kind: "wrong" });
    const events = deps.events.published.length;
    const { feedback } = await give({ kind: "wrong", actor: "bob" });
    expect(feedback.by).toBe("ada");
    expect(await listFeedback(deps.store)).toHaveLength(1);
    expect(deps.events.published).toHaveLength(events);
  });

  it("lets one of two people who speak at the same time be in force", async () => {
    const { deps, give } = await house();
    await Promise.all([give({ kind: "expected" }), give({ kind: "wrong", actor: "bob" })]);
    const all = await listFeedback(deps.store);
    expect(all).toHaveLength(2);
    expect(all.filter(({ undone }) => undone === undefined)).toHaveLength(1);
  });

  it("finishes what a crash left: the finding is closed by saying it again", async () => {
    const { deps, give, key } = await house();
    const copy = new Map(deps.store.objects);
    await give({ kind: "wrong" });
    const before = copy.get(`findings/${key}.json`);
    if (before !== undefined) deps.store.objects.set(`findings/${key}.json`, before);
    const { finding } = await give({ kind: "wrong" });
    expect(finding.state).toBe("resolved");
    expect(await listFeedback(deps.store)).toHaveLength(1);
  });

  it.each([
    [{ kind: "planned" }, "planned needs its last day"],
    [{ kind: "planned", to: "tomorrow" }, 'not a day: "tomorrow"'],
    [{ kind: "planned", from: "2024-09-25", to: "2024-09-20" }, "before it begins on 2024-09-25"],
    [{ kind: "planned", to: "2026-09-20" }, "more than 366 days"],
    [{ kind: "wrong", to: "2024-09-20" }, "wrong takes no days"],
    [{ key: "anomaly-no-such" }, "there is no finding anomaly-no-such"],
  ] as const)("refuses %j", async (input, message) => {
    const { deps, give } = await house();
    await expect(give(input)).rejects.toMatchObject({ code: "usage", message: expect.stringContaining(message) });
    expect(await listFeedback(deps.store)).toEqual([]);
  });

  it("refuses a revision that is no longer the finding's", async () => {
    const { give } = await house();
    await expect(give({ revision: 7 })).rejects.toMatchObject({ code: "conflict" });
    expect((await give({ revision: 1 })).finding.revision).toBe(2);
  });

  it("refuses a finding of another kind", async () => {
    const { deps, keys } = await openFindings([observation()]);
    await expect(giveFeedback(deps, { key: keys[0] ?? "", kind: "wrong", actor: "ada" })).rejects.toThrow(
      /is no anomaly but of the kind budget/,
    );
  });

  it("takes the day of the period where the evidence names none", async () => {
    const seen = anomaly();
    const { deps, keys } = await openFindings([{ ...seen, evidence: { ...seen.evidence, facts: { since: "?" } } }]);
    const { feedback } = await giveFeedback(deps, { key: keys[0] ?? "", kind: "expected", actor: "ada" });
    expect(feedback.since).toBe("2024-09-19");
  });
});

describe("undoFeedback", () => {
  it("lets the finding open again at the next evaluation if it is true", async () => {
    const { deps, give, key, finding } = await house();
    await give({ kind: "wrong" });
    const undone = await undoFeedback(deps, { which: key, actor: "bob" });
    expect(undone.feedback.undone).toEqual({ by: "bob", at: "2024-09-20T09:00:00.000Z" });
    expect(undone.finding).toMatchObject({
      state: "resolved",
      resolution: "called wrong by ada; taken back by bob",
    });
    expect(undone.finding?.actor).toBeUndefined();
    expect(await finding()).toMatchObject({ state: "open" });
  });

  it("finds it by its id and by the digits of the finding, once", async () => {
    const { deps, give, key } = await house();
    const { feedback } = await give({ kind: "wrong" });
    await undoFeedback(deps, { which: feedback.id, actor: "bob" });
    await expect(undoFeedback(deps, { which: feedback.id, actor: "bob" })).rejects.toThrow(/no longer in force/);
    await give({ kind: "expected" });
    await undoFeedback(deps, { which: key.slice(-12), actor: "bob" });
    await expect(undoFeedback(deps, { which: key, actor: "bob" })).rejects.toThrow(/no longer in force/);
    await expect(undoFeedback(deps, { which: "nothing", actor: "bob" })).rejects.toThrow(/no feedback "nothing"/);
  });

  it("leaves a finding that was handled otherwise since", async () => {
    const { deps, give, key, finding } = await house();
    await give({ kind: "wrong" });
    await undoFeedback(deps, { which: key, actor: "bob" });
    await finding();
    await give({ kind: "expected" });
    await undoFeedback(deps, { which: key, actor: "bob" });
    await finding();
    await resolveFinding(deps, { key, actor: "eve" });
    expect(await finding()).toMatchObject({ state: "resolved", resolution: "closed by eve" });
  });

  it("says so when the finding is gone", async () => {
    const { deps, give, key } = await house();
    await give({ kind: "wrong" });
    await deps.store.delete(`findings/${key}.json`);
    expect(await undoFeedback(deps, { which: key, actor: "bob" })).not.toHaveProperty("finding");
  });
});

describe("listFeedback", () => {
  it("is empty in a fresh lake and gives the newest first", async () => {
    const store = memoryStore();
    expect(await listFeedback(store)).toEqual([]);
    const { deps, keys } = await openFindings([anomaly(), anomaly({ rule: "absolute-jump" })]);
    const clock = testClock("2024-09-20T09:00:00.000Z");
    await giveFeedback({ ...deps, clock }, { key: keys[0] ?? "", kind: "wrong", actor: "ada" });
    clock.setNow("2024-09-21T09:00:00.000Z");
    await giveFeedback({ ...deps, clock, events: recordingBus() }, { key: keys[1] ?? "", kind: "wrong", actor: "ada" });
    expect((await listFeedback(deps.store)).map(({ at }) => at.slice(0, 10))).toEqual(["2024-09-21", "2024-09-20"]);
  });
});

describe("people who speak at the same time", () => {
  /** Something happens just before the finding is closed by what was said. */
  async function whileClosing(event: (all: Awaited<ReturnType<typeof house>>) => Promise<unknown>) {
    const all = await house();
    const { deps, give } = all;
    const put = deps.store.put;
    let isFirst = true;
    deps.store.put = async (key, ...rest) => {
      if (isFirst && key.startsWith("findings/")) {
        isFirst = false;
        await event(all);
      }
      return put(key, ...rest);
    };
    const given = await give({ kind: "expected" });
    return { ...all, given };
  }

  it("leaves no finding closed by what was taken back meanwhile", async () => {
    const { key, finding, given } = await whileClosing((all) =>
      undoFeedback(all.deps, { which: all.key, actor: "bob" }),
    );
    expect(given.finding).toMatchObject({ key, resolution: "expected by ada; taken back by bob" });
    expect(given.finding.actor).toBeUndefined();
    expect(await finding()).toMatchObject({ state: "open" });
  });

  it("closes the finding by the last word, which can be taken back", async () => {
    const { deps, key, given, finding } = await whileClosing((all) => all.give({ kind: "wrong", actor: "bob" }));
    expect(given.finding).toMatchObject({ state: "resolved", resolution: "called wrong by bob", actor: "bob" });
    await undoFeedback(deps, { which: key, actor: "ada" });
    expect(await finding()).toMatchObject({ state: "open" });
  });

  it("can be taken back again after a crash between the words and the finding", async () => {
    const { deps, give, key, finding } = await house();
    await give({ kind: "wrong" });
    const closed = deps.store.objects.get(`findings/${key}.json`);
    await undoFeedback(deps, { which: key, actor: "bob" });
    if (closed !== undefined) deps.store.objects.set(`findings/${key}.json`, closed);
    const { finding: released } = await undoFeedback(deps, { which: key, actor: "bob" });
    expect(released?.actor).toBeUndefined();
    expect(await finding()).toMatchObject({ state: "open" });
    await expect(undoFeedback(deps, { which: key, actor: "bob" })).rejects.toThrow(/no longer in force/);
  });
});

describe("two people who take it back at the same time", () => {
  it("are told apart: one has, for the other it is no longer in force", async () => {
    const { deps, give, key } = await house();
    await give({ kind: "expected" });
    const undo = (actor: string) => undoFeedback(deps, { which: key, actor });
    const done = await Promise.allSettled([undo("bob"), undo("eve")]);
    expect(done.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect((await listFeedback(deps.store)).map(({ undone }) => undone?.by)).toEqual([
      expect.stringMatching(/bob|eve/),
    ]);
  });
});

describe("the order of what was said", () => {
  it("is the newest first, and by id where two spoke in the same moment", async () => {
    const scopes = ["Storage", "Compute"].map((service) => ({ provider: ["aws"], service: [service] }));
    const { deps, keys } = await openFindings(scopes.map((scope) => anomaly({ scope })));
    for (const key of [...keys, ...keys.toReversed()]) {
      await giveFeedback(deps, { key, kind: "wrong", actor: "ada" });
    }
    await undoFeedback(deps, { which: keys[0] ?? "", actor: "ada" });
    await giveFeedback(deps, { key: keys[0] ?? "", kind: "expected", actor: "ada" });
    const ids = (await listFeedback(deps.store)).map(({ id }) => id);
    expect(ids).toEqual([...ids].sort());
    expect(ids).toHaveLength(3);
  });
});
