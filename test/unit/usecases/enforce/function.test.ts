import { afterAll, describe, expect, it } from "vitest";
import { listPlans } from "../../../../shared/clusters/enforcement/approvals/plan-records.ts";
import type { CloudEvent } from "../../../../shared/core/events.ts";
import type { Invocation } from "../../../../shared/ports/invocation.ts";
import { setKillSwitch } from "../../../../shared/usecases/enforce/kill-switch.ts";
import { createEnforce } from "../../../../shared/usecases/enforce.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { type EnforceWorld, openEnforceWorld } from "../../../support/enforce-world.ts";

const folders = createFolders();
afterAll(() => folders.clean());
const open = (more: Partial<Parameters<typeof openEnforceWorld>[0]> = {}) => openEnforceWorld({ folders, ...more });

interface Line {
  message: string;
  fields: Readonly<Record<string, unknown>>;
}

/** The function as a platform calls it. */
async function call(world: EnforceWorld, event: Omit<Partial<CloudEvent>, "type"> & { type: string }): Promise<Line[]> {
  const lines: Line[] = [];
  const write = (message: string, fields = {}) => void lines.push({ message, fields });
  const invocation: Invocation = {
    correlationId: "c",
    deadline: world.runtime.deadline ?? { remainingMs: () => Number.POSITIVE_INFINITY },
    log: { info: write, warn: write, error: write },
    tracer: { span: (_name, _attributes, work) => work() },
  };
  const whole = { specversion: "1.0", id: "e-1", source: "test", time: world.clock.now().toISOString() };
  await createEnforce(world.runtime)({ ...whole, ...event } as CloudEvent, invocation);
  return lines;
}

const DUE = { type: "genops.schedule.due", data: { task: "enforce" } };
const wanted = (again?: number) => ({ type: "genops.action.wanted", data: again === undefined ? {} : { again } });
const looks = ({ events }: EnforceWorld) =>
  events.flatMap(({ event, delivery }) =>
    event.type === "genops.action.wanted" ? [{ data: event.data, delayMs: delivery?.delayMs }] : [],
  );

describe("the enforce function", () => {
  it("makes a run when it is due or something is wanted, and looks again 30 seconds after it has written", async () => {
    const world = await open();
    await world.stands(96);
    const lines = await call(world, DUE);
    expect(lines.map(({ message }) => message)).toEqual(["plan", "enforced"]);
    expect(looks(world)).toEqual([{ data: { again: 1 }, delayMs: 30_000 }]);
    await call(world, wanted());
    expect(world.replicas("batch")).toBe(1);
  });

  it("does not look again for ever", async () => {
    const world = await open();
    await world.stands(96);
    await call(world, wanted(5));
    expect(looks(world)).toEqual([]);
  });

  it("does not look again where nothing was written", async () => {
    const world = await open();
    await call(world, wanted(-1));
    expect(looks(world)).toEqual([]);
  });

  it("goes on at once with what there was no time for", async () => {
    const world = await open({ clusters: ["one", "two"], deadline: { remainingMs: () => 50_000 } });
    const lines = await call(world, DUE);
    expect(lines.at(-1)?.fields).toMatchObject({ clusters: 1, left: ["two"] });
    expect(looks(world)).toEqual([{ data: { again: 1 }, delayMs: 0 }]);
  });

  it("logs which cluster it could not work on, and that it is stopped", async () => {
    const world = await open();
    await world.server.disappear();
    const lines = await call(world, DUE);
    expect(lines.map(({ message }) => message)).toEqual([
      "a cluster could not be worked on",
      "not enforced",
      "enforced",
    ]);
    const { runtime } = world;
    await setKillSwitch({ store: runtime.lake, clock: runtime.clock }, { stopped: true, by: "ada", reason: "test" });
    const [line] = await call(world, DUE);
    expect(line?.fields["stopped"]).toContain("by ada: test");
  });

  it("refuses events that it does not know", async () => {
    const world = await open();
    await expect(call(world, { type: "genops.other" })).rejects.toThrow("enforce does not know what to do");
    await expect(call(world, { type: "genops.schedule.due", data: { task: "sweep" } })).rejects.toThrow("sweep");
  });

  it("carries out what a person has approved in Slack, and says when a click does not count", async () => {
    const world = await open({
      enforcement: "mode: approve, approvers: [{ identity: ada@example.com, slack: UADA }]",
    });
    await world.stands(96);
    await call(world, DUE);
    const [record] = await listPlans(world.runtime.lake);
    const click = (slackUser: string, id: string, decision = "approve") => ({
      id,
      type: "genops.action.approved" as const,
      data: { planHash: record?.plan.hash, decision, at: world.clock.now().toISOString(), slackUser },
    });
    const stranger = await call(world, click("UEVE", "c-1"));
    expect(stranger).toEqual([
      { message: "a decision does not count", fields: { why: expect.stringContaining("enforcement.approvers") } },
    ]);
    const lines = await call(world, click("UADA", "c-2"));
    expect(lines.map(({ message, fields }) => [message, fields["state"] ?? fields["outcome"]])).toEqual([
      ["decided", "approved"],
      ["plan", "applied"],
    ]);
    expect((await listPlans(world.runtime.lake)).map(({ state }) => state)).toEqual(["applied"]);
  });

  it("does nothing but record a rejection", async () => {
    const world = await open({
      enforcement: "mode: approve, approvers: [{ identity: ada@example.com, slack: UADA }]",
    });
    await world.stands(96);
    await call(world, DUE);
    const [record] = await listPlans(world.runtime.lake);
    const at = world.clock.now().toISOString();
    const data = { planHash: record?.plan.hash, decision: "reject", at, slackUser: "UADA" };
    const lines = await call(world, { type: "genops.action.approved", data });
    expect(lines.map(({ fields }) => fields["state"])).toEqual(["rejected"]);
    expect(world.replicas("batch")).toBe(3);
  });
});
