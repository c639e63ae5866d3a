import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { SourceConfig } from "../../../../shared/config/types.ts";
import type { CloudEvent } from "../../../../shared/core/events.ts";
import { collectSources } from "../../../../shared/ledger/collect/collect-source.ts";
import { listSourceFailures } from "../../../../shared/ledger/collect/failures.ts";
import { collectGarbage } from "../../../../shared/ledger/collect-garbage.ts";
import { currentVersion, readHead } from "../../../../shared/ledger/head.ts";
import { listQuarantines } from "../../../../shared/ledger/quarantine.ts";
import type { CommittedVersion } from "../../../../shared/ledger/versions.ts";
import { createCollect } from "../../../../shared/usecases/collect.ts";
import { askedFor, type BillBucket, createBillBucket } from "../../../support/bill-bucket.ts";
import { createCollectDeps, createFolders, type TestCollectDeps } from "../../../support/collect-deps.ts";
import { createInvocation, eventOf, runtimeWith, settle } from "../../../support/collect-function.ts";
import { awsExport } from "../../../support/exports.ts";
import { createFakeClock, type FakeClock } from "../../../support/fake-clock.ts";
import { type BillLine, focusCsv } from "../../../support/focus-bill.ts";
import { createMemoryLake, type MemoryLake } from "../../../support/memory-lake.ts";
import { csvOf, USAGE } from "../../ingestion/sources/aws-data-export/bill-text.ts";

const folders = createFolders();
afterAll(() => folders.clean());

let bucket: BillBucket;
let clock: FakeClock;
let lake: MemoryLake;
let deps: TestCollectDeps;

const SOURCE: SourceConfig = { id: "aws", type: "focus-export", location: "s3://bill/exports/cur" };
const CUR: SourceConfig = { id: "aws", type: "aws-data-export", location: "s3://bill/exports/cur" };
const HOUR = 3_600_000;
const wanted = (data: Record<string, unknown> = {}) => eventOf("genops.collect.wanted", { source: "aws", ...data });

beforeEach(async () => {
  bucket = createBillBucket();
  clock = createFakeClock("2024-09-20T12:00:00Z", true);
  lake = createMemoryLake(() => clock.now());
  deps = createCollectDeps(await folders.make(), lake);
  deps.openBills = bucket.open;
  deps.clock = clock;
});

function collector(source: SourceConfig = SOURCE) {
  return createCollect(runtimeWith(deps, [source], { fanOutBytes: 1 }));
}

const run = (event = wanted(), source: SourceConfig = SOURCE) => settle(collector(source), deps.published, event);

/** The events that a first event leads to, none of them handled. */
async function begin(source: SourceConfig = SOURCE): Promise<CloudEvent[]> {
  const from = deps.published.length;
  await collector(source)(wanted(), createInvocation());
  return deps.published.slice(from);
}

async function head(period = "2024-09", from = deps): Promise<CommittedVersion | undefined> {
  const found = await readHead(from.lake, "aws", period);
  return found === undefined ? undefined : currentVersion(found.value);
}

const versions = async (period = "2024-09") => (await readHead(deps.lake, "aws", period))?.value.versions.length;
const rowKeys = () => [...lake.entries.keys()].filter((key) => key.startsWith("rows/"));

/** What the ledger knows when the same source is read whole. */
async function readWhole(source: SourceConfig = SOURCE): Promise<TestCollectDeps> {
  const other = createCollectDeps(await folders.make(), createMemoryLake());
  await collectSources(
    { ...other, openBills: bucket.open },
    { sources: [source], periods: [], force: false, baseDir: "/" },
  );
  return other;
}

function content(version: CommittedVersion | undefined): Partial<CommittedVersion> | undefined {
  if (version === undefined) return undefined;
  const { id: _id, parts: _parts, committedAt: _at, ...rest } = version;
  return rest;
}

const PARTS: BillLine[][] = [
  [{ billed: "1.000000000000000001" }, { billed: "-0.5", currency: "EUR" }],
  [{ billed: "2", effective: "3", provider: "Oracle" }],
  [{ billed: "4.1", day: "2024-08-03" }],
];

describe("a large export", () => {
  it("is converted one part per call and committed once, as if it had been read whole", async () => {
    bucket.put(awsExport(PARTS).files);
    const handled = await run();
    expect(handled.map(({ type }) => type.replace("genops.collect.", ""))).toEqual(["wanted", "part", "part", "part"]);
    expect((await head())?.parts).toMatchObject([{ rows: 2 }, { rows: 1 }]);
    const whole = await readWhole();
    for (const period of ["2024-08", "2024-09"])
      expect(content(await head(period))).toEqual(content(await head(period, whole)));
    expect(deps.published.filter(({ type }) => type === "genops.costs.changed")).toHaveLength(2);
    expect(handled.every(({ correlationid }, index) => index === 0 || correlationid === "correlation-1")).toBe(true);
  });

  it("is read whole when it is small, has one part, or its rows need each other", async () => {
    bucket.put(awsExport([[{ billed: "1" }]]).files);
    expect(await run()).toHaveLength(1);
    bucket.put(awsExport(PARTS).files);
    await createCollect(runtimeWith(deps, [SOURCE]))(wanted(), createInvocation());
    expect(rowKeys().every((key) => /part-\d\.parquet$/.test(key))).toBe(true);
    const sql = "SELECT * FROM bill";
    expect(await run(wanted(), { id: "aws", type: "custom", location: "s3://bill/exports/cur", sql })).toHaveLength(1);
  });

  it("is not read again while it is the same, not even when it is in quarantine", async () => {
    bucket.put(awsExport(PARTS).files);
    await run();
    bucket.asked.length = 0;
    expect(await run()).toHaveLength(1);
    expect(askedFor(bucket, "download")).toEqual([]);
    bucket.put(awsExport([[{ billed: "1" }], [{ billed: "0.1" }]]).files, "2024-09-20T13:00:00Z");
    clock.advance(2 * HOUR);
    await run();
    expect(await listQuarantines(lake)).toMatchObject([{ reason: "shrunk", state: "waiting" }]);
    bucket.asked.length = 0;
    expect(await run()).toHaveLength(1);
    expect(askedFor(bucket, "download")).toEqual([]);
  });

  it("is converted again when that is forced, once per event", async () => {
    bucket.put(awsExport(PARTS).files);
    await run();
    const force = wanted({ force: true });
    expect(await run(force)).toHaveLength(4);
    expect(await run(force)).toHaveLength(1);
    expect(await run(wanted({ force: true }))).toHaveLength(4);
    expect(await versions()).toBe(1);
  });

  it("L1: is quarantined when all parts together do not have the source's total", async () => {
    bucket.put(awsExport(PARTS).files);
    const [first, ...rest] = await begin();
    await collector()(first as CloudEvent, createInvocation());
    const [key = ""] = [...lake.entries.keys()].filter((name) => name.endsWith("/part-00000.json"));
    const result = JSON.parse(new TextDecoder().decode((await lake.get(key))?.body)) as {
      control: { amount: string }[];
    };
    for (const line of result.control) line.amount = "9";
    await lake.put(key, new TextEncoder().encode(JSON.stringify(result)));
    for (const event of rest) await collector()(event, createInvocation());
    expect(await head()).toBeUndefined();
    expect(await head("2024-08")).toMatchObject({ rows: 1 });
    expect(await listQuarantines(lake)).toMatchObject([{ reason: "control-mismatch", billingPeriod: "2024-09" }]);
  });
});

describe("the events of a large export", () => {
  beforeEach(() => bucket.put(awsExport(PARTS).files));

  it("may come in any order, each twice, and some at once", async () => {
    const [a, b, c] = await begin();
    const handle = collector();
    const deliver = (event: CloudEvent | undefined) =>
      event === undefined ? Promise.resolve() : handle(event, createInvocation());
    await Promise.all([deliver(c), deliver(c), deliver(a)]);
    await Promise.all([deliver(b), deliver(b), collector()(wanted(), createInvocation())]);
    for (const event of [b, a, c]) await deliver(event);
    expect(await versions()).toBe(1);
    expect(content(await head())).toEqual(content(await head("2024-09", await readWhole())));
    const { parts = [] } = (await head()) ?? {};
    expect(rowKeys().filter((key) => key.includes("2024-09"))).toEqual(parts.map(({ key }) => key).sort());
  });

  it("that were lost are sent again by a later run", async () => {
    const [first] = await begin();
    await settle(collector(), deps.published, first as CloudEvent);
    expect(await begin()).toEqual([]);
    clock.advance(2 * HOUR);
    expect((await begin()).map(({ data }) => data)).toMatchObject([{ part: 1 }, { part: 2 }]);
    clock.advance(2 * HOUR);
    await run();
    expect(await versions()).toBe(1);
  });

  it("may be of a job that nobody knows any more, or of a source that is not collected here", async () => {
    const parts = await begin();
    const invocation = createInvocation();
    await createCollect(runtimeWith(deps, []))(parts[0] as CloudEvent, invocation);
    await collector()(eventOf("genops.collect.part", { job: "aws-2024-09-0000", part: 0 }), invocation);
    expect(invocation.lines.map(({ level }) => level)).toEqual(["warn", "warn"]);
    const [part] = parts.map(({ data }) => data as { job: string });
    const beyond = eventOf("genops.collect.part", { job: part?.job, part: 7 });
    await expect(collector()(beyond, invocation)).rejects.toMatchObject({ code: "refused" });
  });

  it("that come too late begin again from the start", async () => {
    const [first, ...rest] = await begin();
    await collector()(first as CloudEvent, createInvocation());
    clock.advance(12 * HOUR);
    for (const event of rest) await settle(collector(), deps.published, event);
    expect(await versions()).toBe(1);
    clock.advance(25 * HOUR);
    const current = (await head())?.parts.map(({ key }) => key) ?? [];
    await collectGarbage(deps, deps.limits);
    expect(rowKeys().filter((key) => key.includes("2024-09"))).toEqual(current.sort());
    expect([...lake.entries.keys()].filter((key) => key.startsWith("jobs/"))).toEqual([]);
  });

  it("begin again when the source is read in another way by now", async () => {
    const [first, second] = await begin();
    await collector()(first as CloudEvent, createInvocation());
    const other: SourceConfig = { ...SOURCE, currency: "USD" };
    await settle(collector(other), deps.published, second as CloudEvent);
    expect(await versions()).toBe(1);
    expect(content(await head())).toEqual(content(await head("2024-09", await readWhole(other))));
  });
});

describe("an export that is superseded while its parts are converted", () => {
  const NEWER: BillLine[][] = [
    [{ billed: "10" }, { billed: "-0.5", currency: "EUR" }],
    [{ billed: "20" }],
    [{ billed: "30", day: "2024-08-03" }],
  ];

  it("in place is given up, and the new one is read", async () => {
    bucket.put(awsExport(PARTS).files);
    const [first, second, third] = await begin();
    await collector()(first as CloudEvent, createInvocation());
    bucket.put(awsExport(NEWER).files, "2024-09-20T11:59:00Z");
    for (const event of [second, third]) await settle(collector(), deps.published, event as CloudEvent);
    expect((await head())?.totals).toMatchObject([{ billed: "-0.5" }, { billed: "30" }]);
    expect(await versions()).toBe(1);
  });

  it.each([
    ["older, then newer", (old: CloudEvent[], fresh: CloudEvent[]) => [...old, ...fresh]],
    ["newer, then older", (old: CloudEvent[], fresh: CloudEvent[]) => [...fresh, ...old]],
    [
      "mixed",
      (old: CloudEvent[], fresh: CloudEvent[]) => old.flatMap((event, index) => [event, fresh[index] ?? event]),
    ],
  ])("in a folder of its own ends with the newer one: %s", async (_order, merge) => {
    bucket.put(awsExport(PARTS, { run: "20240920T060000Z" }).files);
    const old = await begin();
    bucket.put(awsExport(NEWER, { run: "20240920T110000Z" }).files, "2024-09-20T11:00:00Z");
    const fresh = await begin();
    for (const event of merge(old, fresh)) await settle(collector(), deps.published, event);
    expect((await head())?.totals).toMatchObject([{ billed: "-0.5" }, { billed: "30" }]);
  });
});

describe("parts that are not as they should be", () => {
  const put = (parts: (BillLine[] | string)[]) => bucket.put(awsExport(parts).files);

  it("refuse the whole export, with their place, and change nothing", async () => {
    put([[{ billed: "1" }], [{ billed: "2" }, { billed: "twelve" }], [{ billed: "3" }]]);
    await run();
    expect(await head()).toBeUndefined();
    expect((await listSourceFailures(lake))[0]?.messages.join()).toMatch(
      /twelve.*source aws.*cur-00002\.csv, row 2, column BilledCost/,
    );
    put([[{ billed: "1" }], [{ billed: "2" }], [{ billed: "3" }]]);
    await run();
    expect((await head())?.rows).toBe(3);
    expect(await listSourceFailures(lake)).toEqual([]);
  });

  it("count once when two have the same content, and leave no rows that others would count", async () => {
    put([[{ billed: "1" }], [{ billed: "2" }], [{ billed: "1" }]]);
    await run();
    expect(await head()).toMatchObject({ rows: 2, totals: [{ billed: "3" }] });
    expect(content(await head())).toEqual(content(await head("2024-09", await readWhole())));
    expect(rowKeys()).toHaveLength(2);
  });

  it("are a doubt when one is blank", async () => {
    put([[{ billed: "1" }], "\n \n"]);
    await run();
    expect(await head()).toBeUndefined();
    expect(await listQuarantines(lake)).toMatchObject([
      { reason: "empty", detail: expect.stringContaining("cur-00002.csv, which belongs to the same bill") as string },
    ]);
  });

  it("erase nothing when none has a row", async () => {
    put([[{ billed: "1" }], [{ billed: "2" }]]);
    await run();
    put([focusCsv([]), `${focusCsv([])}\n`]);
    await run();
    expect((await head())?.rows).toBe(2);
    expect(await listQuarantines(lake)).toMatchObject([{ reason: "empty", billingPeriod: "2024-09" }]);
  });

  it("have to have the rows that the manifest promises", async () => {
    const { manifest, files } = awsExport([[{ billed: "1" }], [{ billed: "2" }]]);
    bucket.put({ ...files, [manifest]: { ...(files[manifest] as object), dataRowCount: 3 } });
    await run();
    expect((await listSourceFailures(lake))[0]?.messages.join()).toMatch(/the manifest says 3 rows, the files have 2/);
    expect(await head()).toBeUndefined();
  });
});

describe("AWS-2 over the parts of a report", () => {
  it("is decided for the whole bill, whatever a part alone would have decided", async () => {
    const discount = { ...USAGE, line_item_line_item_type: "EdpDiscount", line_item_unblended_cost: "-1" };
    const net = { ...USAGE, line_item_net_unblended_cost: "3" };
    const gross = { ...USAGE, line_item_net_unblended_cost: "" };
    const { parts, files } = awsExport([
      csvOf([net]),
      csvOf([gross, { ...discount, line_item_net_unblended_cost: "" }]),
    ]);
    bucket.put(files);
    const handled = await run(wanted(), CUR);
    expect(handled.filter(({ type }) => type === "genops.collect.part")).toHaveLength(4);
    expect(await head()).toMatchObject({
      totals: [{ billed: "7" }],
      control: [{ difference: "0" }, { difference: "0" }],
    });
    expect(content(await head())).toEqual(content(await head("2024-09", await readWhole(CUR))));
    expect(Object.keys(parts)).toHaveLength(2);
  });
});
