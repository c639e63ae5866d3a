import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { SourceConfig } from "../../../../shared/config/types.ts";
import { GenOpsError } from "../../../../shared/core/errors.ts";
import type { CloudEvent } from "../../../../shared/core/events.ts";
import { listSourceFailures } from "../../../../shared/ledger/collect/failures.ts";
import { createCollect } from "../../../../shared/usecases/collect.ts";
import { askedFor, type BillBucket, createBillBucket } from "../../../support/bill-bucket.ts";
import { createCollectDeps, createFolders, NO_APIS, type TestCollectDeps } from "../../../support/collect-deps.ts";
import {
  createInvocation,
  eventOf,
  runtimeWith,
  settle,
  type TestInvocation,
} from "../../../support/collect-function.ts";
import { awsExport } from "../../../support/exports.ts";
import { createFakeClock, type FakeClock } from "../../../support/fake-clock.ts";
import { createMemoryLake, type MemoryLake } from "../../../support/memory-lake.ts";

const folders = createFolders();
afterAll(() => folders.clean());

let bucket: BillBucket;
let clock: FakeClock;
let lake: MemoryLake;
let deps: TestCollectDeps;

const AWS: SourceConfig = { id: "aws", type: "focus-export", location: "s3://bill/exports/cur" };
const PAIR: SourceConfig = {
  id: "az",
  type: "azure-cost-export",
  actual: "azureblob://acc/bills/root/actual",
  amortized: "azblob://acc/bills/root/amortized",
};
const LOCAL: SourceConfig = { id: "local", type: "focus-export", location: "bills/*.csv" };

beforeEach(async () => {
  bucket = createBillBucket();
  clock = createFakeClock("2024-09-20T12:00:00Z", true);
  lake = createMemoryLake(() => clock.now());
  deps = createCollectDeps(await folders.make(), lake);
  deps.openBills = bucket.open;
  deps.clock = clock;
});

interface Handled {
  sent: CloudEvent[];
  invocation: TestInvocation;
}

/** Handles one event; gives back what was sent. */
async function handle(
  event: CloudEvent,
  {
    sources = [AWS],
    fanOutBytes = 2 ** 40,
    ...options
  }: { sources?: SourceConfig[]; only?: string[]; fanOutBytes?: number } = {},
  invocation = createInvocation(),
): Promise<Handled> {
  const from = deps.published.length;
  const only = options.only === undefined ? {} : { sources: options.only };
  await createCollect(runtimeWith(deps, sources, { fanOutBytes }), only)(event, invocation);
  return { sent: deps.published.slice(from), invocation };
}

const due = (task: string, id?: string) => eventOf("genops.schedule.due", { task }, id);
const wanted = (data: Record<string, unknown> = {}) => eventOf("genops.collect.wanted", { source: "aws", ...data });
const written = (location: string) => eventOf("genops.export.written", { location });
const dataOf = (events: readonly CloudEvent[]) => events.map(({ data }) => data);
const statuses = async () => [...lake.entries.keys()].filter((key) => key.startsWith("heads/"));

describe("a schedule", () => {
  it("wants every source, each by an event of its own that carries the cause's correlation id", async () => {
    const { sent } = await handle(due("collect"), { sources: [AWS, PAIR] });
    expect(sent).toMatchObject([
      { type: "genops.collect.wanted", data: { source: "aws" }, subject: "aws", correlationid: "correlation-1" },
      { type: "genops.collect.wanted", data: { source: "az" } },
    ]);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(2);
  });

  it("delivered twice sends the same events", async () => {
    const ids = async () => (await handle(due("collect", "tick"))).sent.map(({ id }) => id);
    expect(await ids()).toEqual(await ids());
  });

  it("wants only what has its home here and what the function is for", async () => {
    const sources = [AWS, PAIR, LOCAL];
    expect(dataOf((await handle(due("collect"), { sources, only: ["az", "x"] })).sent)).toEqual([{ source: "az" }]);
    const runtime = { ...runtimeWith(deps, sources), isHome: (id: string) => id === "local" };
    await createCollect(runtime)(due("collect"), createInvocation());
    expect(deps.published.at(-1)?.data).toEqual({ source: "local" });
  });

  it("sweeps", async () => {
    await lake.put("rows/source=aws/billing_period=2024-09/version=x/part-0.parquet", new Uint8Array([1]));
    clock.advance(48 * 3_600_000);
    const { invocation } = await handle(due("sweep"));
    expect(invocation.lines.at(-1)).toMatchObject({ message: "swept", fields: { deleted: 1, expired: 0 } });
  });

  it.each([
    ["of another function", due("tell")],
    ["that does not exist", due("dance")],
    ["of no known type", eventOf("genops.costs.changed", {})],
    ["without a source", eventOf("genops.collect.wanted", {})],
    ["with a wrong period", wanted({ periods: ["September"] })],
    ["of a part without a job", eventOf("genops.collect.part", { part: 1 })],
  ])("or an event %s is refused for good", async (_what, event) => {
    await expect(handle(event)).rejects.toMatchObject({ code: "refused", retryable: false });
  });
});

describe("an export that was written", () => {
  const manifest = "exports/cur/metadata/BILLING_PERIOD=2024-06/run/cur-Manifest.json";

  it.each([
    ["by its manifest", `s3://bill/${manifest}`, [AWS, PAIR], [{ source: "aws", periods: ["2024-06"] }]],
    [
      "as one of Azure's two",
      "azblob://acc/bills/root/amortized/20240901-20240930/t/guid/manifest.json",
      [AWS, PAIR],
      [{ source: "az", periods: ["2024-09"] }],
    ],
    [
      "for two sources",
      `s3://bill/${manifest}`,
      [AWS, { ...AWS, id: "again", location: "s3://bill/exports" }],
      [
        { source: "aws", periods: ["2024-06"] },
        { source: "again", periods: ["2024-06"] },
      ],
    ],
    ["about a period that its source leaves out", `s3://bill/${manifest}`, [{ ...AWS, periods: ["2024-09"] }], []],
  ] as [string, string, SourceConfig[], unknown[]][])("is wanted %s", async (_what, location, sources, expected) => {
    expect(dataOf((await handle(written(location), { sources })).sent)).toEqual(expected);
  });

  it("is passed over when it is no manifest, and missed by nobody", async () => {
    const part = await handle(written("s3://bill/exports/cur/data/BILLING_PERIOD=2024-06/cur-00001.csv.gz"));
    const redshift = await handle(written("s3://bill/exports/cur/20240601-20240701/cur-RedshiftManifest.json"));
    const stranger = await handle(written("s3://bill/other/x-Manifest.json"), {
      sources: [AWS, LOCAL, { id: "ai", type: "otlp" }],
    });
    expect([part, redshift, stranger].map(({ sent }) => sent)).toEqual([[], [], []]);
    expect([part, redshift, stranger].map(({ invocation }) => invocation.lines[0]?.level)).toEqual([
      "info",
      "info",
      "warn",
    ]);
  });

  it("tells its period itself when its folders do not", async () => {
    const key = "exports/cur/latest/cur-Manifest.json";
    bucket.put({ [key]: { dataFiles: [], billingPeriod: { start: "20240301T000000.000Z" } } });
    expect(dataOf((await handle(written(`s3://bill/${key}`))).sent)).toEqual([{ source: "aws", periods: ["2024-03"] }]);
    bucket.put({ [key]: "{" });
    expect(dataOf((await handle(written(`s3://bill/${key}`))).sent)).toEqual([{ source: "aws" }]);
    bucket.read = () => Promise.reject(new GenOpsError("unavailable", "later"));
    await expect(handle(written(`s3://bill/${key}`))).rejects.toMatchObject({ code: "unavailable" });
  });

  it("is read to the end by the events that follow", async () => {
    bucket.put(awsExport([[{ billed: "1", day: "2024-06-01" }]], { period: "2024-06" }).files);
    const collect = createCollect(runtimeWith(deps, [AWS]));
    const location = "s3://bill/exports/cur/metadata/BILLING_PERIOD=2024-06/cur-Manifest.json";
    expect(await settle(collect, deps.published, written(location))).toHaveLength(2);
    expect(await statuses()).toEqual(["heads/aws/2024-06.json"]);
  });
});

describe("a source that is wanted", () => {
  const months = ["2024-07", "2024-08", "2024-09"];
  beforeEach(() => {
    for (const period of months) bucket.put(awsExport([[{ billed: "1", day: `${period}-01` }]], { period }).files);
  });

  it("is read, and what became of it is logged", async () => {
    const { invocation, sent } = await handle(wanted());
    expect(invocation.lines).toMatchObject(
      months.map((period) => ({
        level: "info",
        message: "collected",
        fields: { source: "aws", period, status: "replaced" },
      })),
    );
    expect(sent.map(({ type }) => type)).toEqual(months.map(() => "genops.costs.changed"));
    expect((await handle(wanted())).sent).toEqual([]);
  });

  it("but is not known here is passed over with a warning", async () => {
    const { invocation, sent } = await handle(wanted({ source: "other" }));
    expect(invocation.lines).toMatchObject([{ level: "warn", fields: { source: "other" } }]);
    expect(sent).toEqual([]);
  });

  it("and is refused becomes a failure, which does not come back", async () => {
    bucket.put({ "exports/cur/data/BILLING_PERIOD=2024-08/cur-00001.csv": "no,bill\n1,2\n" });
    const { invocation } = await handle(wanted());
    expect(invocation.lines.map(({ message }) => message)).toEqual(["collected", "not collected", "collected"]);
    expect(await listSourceFailures(lake)).toMatchObject([
      { source: "aws", byPeriod: { "2024-08": [expect.any(String)] } },
    ]);
    await handle(wanted({ periods: ["2024-09"] }));
    expect(await listSourceFailures(lake)).toHaveLength(1);
    bucket.put(awsExport([[{ billed: "1", day: "2024-08-01" }]], { period: "2024-08" }).files);
    await handle(wanted({ periods: ["2024-08"] }));
    expect(await listSourceFailures(lake)).toEqual([]);
  });

  it("and cannot be found at all becomes a failure, until it can", async () => {
    await handle(wanted({ source: "none" }), { sources: [{ ...AWS, id: "none", location: "s3://bill/nowhere" }] });
    await handle(wanted({ source: "ai" }), { sources: [{ id: "ai", type: "otlp" }] });
    expect(await listSourceFailures(lake)).toMatchObject([
      { source: "ai", messages: [expect.stringContaining("otlp") as string] },
      { source: "none", messages: [expect.stringContaining("nowhere") as string] },
    ]);
    await handle(wanted({ source: "none" }), { sources: [{ ...AWS, id: "none" }] });
    expect((await listSourceFailures(lake)).map(({ source }) => source)).toEqual(["ai"]);
  });

  it.each([0, 1])(
    "and is not there for the moment comes back, with what could be read done (fan-out: %s)",
    async (fanOut) => {
      const options = fanOut === 0 ? {} : { fanOutBytes: 1 };
      bucket.put(
        awsExport([[{ billed: "1", day: "2024-08-01" }], [{ billed: "2", day: "2024-08-01" }]], { period: "2024-08" })
          .files,
      );
      const open = deps.openBills;
      deps.openBills = (location) =>
        location.includes("2024-08")
          ? Promise.reject(new GenOpsError("unavailable", "the network is gone"))
          : open(location);
      bucket.meanwhile = (key) => {
        if (key.includes("2024-08") && fanOut === 0) throw new GenOpsError("unavailable", "the network is gone");
      };
      const part =
        fanOut === 0
          ? wanted()
          : (await handle(wanted(), options)).sent.find(({ type }) => type === "genops.collect.part");
      await expect(handle(part ?? wanted(), options)).rejects.toMatchObject({ code: "unavailable", retryable: true });
      expect(await statuses()).toEqual(["heads/aws/2024-07.json", "heads/aws/2024-09.json"]);
      expect(await listSourceFailures(lake)).toMatchObject([
        { byPeriod: { "2024-08": [expect.stringContaining("network") as string] } },
      ]);
      deps.openBills = open;
      bucket.meanwhile = () => {};
      await handle(part ?? wanted(), options);
      expect(await listSourceFailures(lake)).toHaveLength(fanOut);
    },
  );

  it("is left for another call when the time is short, but not for ever", async () => {
    const short = () => createInvocation(() => 1_000);
    const stuck = await handle(wanted(), {}, short());
    expect(dataOf(stuck.sent)).toEqual([{ source: "aws", periods: months, deferred: 1 }]);
    expect(askedFor(bucket, "download")).toEqual([]);
    const again = await handle(wanted({ deferred: 2 }), {}, short());
    expect(dataOf(again.sent)).toMatchObject([{ deferred: 3 }]);
    await handle(wanted({ deferred: 3 }), {}, short());
    expect(await statuses()).toEqual(["heads/aws/2024-07.json"]);
    expect(deps.published.at(-1)?.data).toEqual({ source: "aws", periods: ["2024-08", "2024-09"], deferred: 0 });
  });

  it("takes no time to recognise", async () => {
    await handle(wanted());
    const { sent, invocation } = await handle(
      wanted(),
      {},
      createInvocation(() => 1_000),
    );
    expect(sent).toEqual([]);
    expect(invocation.lines.map(({ fields }) => fields["status"])).toEqual(["unchanged", "unchanged"]);
  });

  it("goes on with the periods that are left", async () => {
    const times = [100_000, 100_000];
    const { sent } = await handle(
      wanted(),
      {},
      createInvocation(() => times.shift() ?? 10_000),
    );
    expect(await statuses()).toEqual(["heads/aws/2024-07.json", "heads/aws/2024-08.json"]);
    const rest = sent.filter(({ type }) => type === "genops.collect.wanted");
    expect(dataOf(rest)).toEqual([{ source: "aws", periods: ["2024-09"], deferred: 0 }]);
    await handle(rest[0] as CloudEvent);
    expect(await statuses()).toHaveLength(3);
  });

  it("does not put a part of a large export off for ever", async () => {
    bucket.put(awsExport([[{ billed: "1" }], [{ billed: "2" }]]).files);
    const { sent } = await handle(wanted({ periods: ["2024-09"] }), { fanOutBytes: 1 });
    const short = () => createInvocation(() => 1_000);
    const [part] = sent;
    const again = await handle(part as CloudEvent, { fanOutBytes: 1 }, short());
    expect(dataOf(again.sent)).toMatchObject([{ part: 0, deferred: 1 }]);
    expect(askedFor(bucket, "download")).toEqual([]);
    await handle(
      eventOf("genops.collect.part", { ...(part?.data as object), deferred: 3 }),
      { fanOutBytes: 1 },
      short(),
    );
    expect(askedFor(bucket, "download")).toHaveLength(1);
  });
});

describe("a source that asks for a pause", () => {
  const written = "2024-09-20T11:55:00Z";

  it("is asked again when it is over, by an event that waits for it", async () => {
    bucket.put(awsExport([[{ billed: "1" }]]).files);
    bucket.put(awsExport([[{ billed: "1" }]]).parts, written);
    const { sent } = await handle(wanted());
    expect(dataOf(sent)).toEqual([
      {
        source: "aws",
        periods: ["2024-09"],
        notBefore: expect.stringMatching(/^2024-09-20T12:10/) as string,
        pauses: 1,
      },
    ]);
    bucket.put(awsExport([[{ billed: "1" }]]).files, "2024-09-20T12:05:00Z");
    await handle(sent[0] as CloudEvent);
    expect(clock.evaluationNow().toISOString()).toMatch(/^2024-09-20T12:10/);
    expect(await statuses()).toHaveLength(1);
  });

  it("is waited for in the next call where this one is too short", async () => {
    const event = wanted({ notBefore: "2024-09-20T12:10:00Z" });
    const { sent } = await handle(
      event,
      {},
      createInvocation(() => 60_000),
    );
    expect(dataOf(sent)).toEqual([event.data]);
    expect(clock.evaluationNow().toISOString()).toMatch(/^2024-09-20T12:00:15/);
  });

  const QUERY: SourceConfig = { id: "q", type: "azure-cost-query", scope: "subscriptions/1" };
  const throttled = (afterMs: number) => {
    const query = () => Promise.resolve({ outcome: "later" as const, afterMs, reason: "too many requests" });
    deps.apis = { ...NO_APIS, costQuery: () => Promise.resolve({ query }) };
  };

  it("is asked again for each period that an API put off", async () => {
    throttled(30_000);
    const { sent, invocation } = await handle(eventOf("genops.collect.wanted", { source: "q" }), { sources: [QUERY] });
    expect(dataOf(sent)).toMatchObject([
      { source: "q", periods: ["2024-08"], notBefore: expect.stringMatching(/^2024-09-20T12:/) as string },
      { source: "q", periods: ["2024-09"] },
    ]);
    expect(invocation.lines).toMatchObject([
      { level: "info", message: "collected", fields: { source: "q", period: "2024-08", status: "unchanged" } },
      { fields: { period: "2024-09" } },
    ]);
    expect(await listSourceFailures(lake)).toEqual([]);
  });

  it("is asked again in the queue's time, and still by force", async () => {
    const delays: unknown[] = [];
    const { events } = deps;
    deps.events = {
      publish: (event, delivery) => events.publish(event).finally(() => delays.push(delivery?.delayMs)),
    };
    throttled(30_000);
    const event = eventOf("genops.collect.wanted", { source: "q", periods: ["2024-09"], force: true });
    const { sent } = await handle(event, { sources: [QUERY] });
    expect(dataOf(sent)).toMatchObject([{ source: "q", periods: ["2024-09"], force: true, pauses: 1 }]);
    expect(delays).toHaveLength(1);
    expect(delays[0]).toBeGreaterThanOrEqual(30_000);
  });

  it("is given up, and told, when its pauses do not end", async () => {
    throttled(0);
    let waiting = [eventOf("genops.collect.wanted", { source: "q", periods: ["2024-09"] })];
    let calls = 0;
    while (waiting.length > 0 && calls < 100) {
      calls++;
      waiting = [...(await handle(waiting[0] as CloudEvent, { sources: [QUERY] })).sent];
    }
    expect(calls).toBe(41);
    expect(await listSourceFailures(lake)).toMatchObject([
      { source: "q", messages: [expect.stringMatching(/still not read after 40 pauses: .*too many requests/)] },
    ]);
    // The next schedule's first pause has read nothing, so it makes nothing good.
    await handle(eventOf("genops.collect.wanted", { source: "q" }), { sources: [QUERY] });
    expect(await listSourceFailures(lake)).toHaveLength(1);
  });

  it("is left to the next schedule where the pause is long", async () => {
    throttled(3_600_000);
    const { sent, invocation } = await handle(eventOf("genops.collect.wanted", { source: "q" }), { sources: [QUERY] });
    expect(sent).toEqual([]);
    expect(invocation.lines.map(({ message }) => message)).toContain("the rest is left to the next schedule");
  });
});
