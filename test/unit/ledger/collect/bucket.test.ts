import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { SourceConfig } from "../../../../shared/config/types.ts";
import { GenOpsError } from "../../../../shared/core/errors.ts";
import { type CollectInput, collectSources } from "../../../../shared/ledger/collect/collect-source.ts";
import { currentVersion, readHead } from "../../../../shared/ledger/head.ts";
import { askedFor, type BillBucket, createBillBucket } from "../../../support/bill-bucket.ts";
import { createCollectDeps, createFolders, type TestCollectDeps } from "../../../support/collect-deps.ts";
import { awsExport } from "../../../support/exports.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { focusCsv } from "../../../support/focus-bill.ts";

const folders = createFolders();
afterAll(() => folders.clean());

let deps: TestCollectDeps;
let bucket: BillBucket;

beforeEach(async () => {
  bucket = createBillBucket();
  deps = createCollectDeps(await folders.make());
  deps.openBills = bucket.open;
  deps.clock = createFakeClock("2024-09-20T12:00:00Z", true);
});

const SOURCE: SourceConfig = { id: "aws", type: "focus-export", location: "s3://bill/exports/cur" };

function collect(changes: Partial<SourceConfig> = {}, input: Partial<CollectInput> = {}) {
  const source = { ...SOURCE, ...changes } as SourceConfig;
  return collectSources(deps, { sources: [source], periods: [], force: false, baseDir: "/", ...input });
}

async function billed(period = "2024-09"): Promise<string | undefined> {
  const head = await readHead(deps.lake, "aws", period);
  return head === undefined ? undefined : currentVersion(head.value).totals[0]?.billed;
}

describe("collect from a bucket", () => {
  it("reads an export by its manifest, and only the parts that it names", async () => {
    bucket.put(awsExport([[{ billed: "1.5" }], [{ billed: "2" }, { billed: "3" }]]).files);
    bucket.put({ "exports/cur/data/BILLING_PERIOD=2024-09/cur-00003.csv": "left over from a larger run" });
    expect(await collect()).toMatchObject([
      { status: "replaced", period: "2024-09", rows: 3, billedCost: [{ amount: "6.5", currency: "USD" }] },
    ]);
    expect(askedFor(bucket, "download")).toEqual([
      "exports/cur/data/BILLING_PERIOD=2024-09/cur-00001.csv",
      "exports/cur/data/BILLING_PERIOD=2024-09/cur-00002.csv",
    ]);
  });

  it("recognises what it has read by the listing alone", async () => {
    bucket.put(awsExport([[{ billed: "1.5" }]]).files);
    await collect();
    bucket.asked.length = 0;
    deps.published.length = 0;
    expect(await collect()).toMatchObject([{ status: "unchanged", rows: 1, bytesRead: 0 }]);
    expect(bucket.asked).toEqual(["list exports/cur", "list exports/cur/", expect.stringMatching(/^read .*Manifest/)]);
    expect(deps.published).toEqual([]);
  });

  it("reads again what the bucket lists otherwise, and finds the same content unchanged", async () => {
    bucket.put(awsExport([[{ billed: "1.5" }]]).files);
    await collect();
    const { files } = awsExport([[{ billed: "1.5" }]], { run: "20240921T000000Z-b" });
    bucket.put(files, "2024-09-21T06:00:00Z");
    bucket.asked.length = 0;
    expect(await collect()).toMatchObject([{ status: "unchanged", rows: 1 }]);
    expect(askedFor(bucket, "download")).toHaveLength(1);
    bucket.asked.length = 0;
    await collect();
    expect(askedFor(bucket, "download")).toEqual([]);
  });

  it("goes by sizes and times where the bucket tells no tags", async () => {
    bucket = createBillBucket("s3://bill/", { etags: false });
    deps.openBills = bucket.open;
    bucket.put(awsExport([[{ billed: "1.5" }]]).files);
    await collect();
    bucket.put(awsExport([[{ billed: "2.5" }]]).files, "2024-09-20T07:00:00Z");
    expect(await collect()).toMatchObject([{ status: "replaced", billedCost: [{ amount: "2.5" }] }]);
    bucket.asked.length = 0;
    expect(await collect()).toMatchObject([{ status: "unchanged" }]);
    expect(askedFor(bucket, "download")).toEqual([]);
  });

  it("reads everything when it is forced", async () => {
    bucket.put(awsExport([[{ billed: "1.5" }]]).files);
    await collect();
    bucket.asked.length = 0;
    await collect({}, { force: true });
    expect(askedFor(bucket, "download")).toHaveLength(1);
  });

  it("unpacks what is packed", async () => {
    const { parts, files } = awsExport([[{ billed: "1.5" }, { billed: "1", day: "2024-09-02" }]]);
    bucket.put({ ...files, ...Object.fromEntries(Object.entries(parts).map(([key, text]) => [key, gzipSync(text)])) });
    expect(await collect()).toMatchObject([{ status: "replaced", rows: 2 }]);
  });

  it("maps a report of AWS to the same totals as from a folder", async () => {
    const file = fileURLToPath(new URL("../../../fixtures/billing/aws_cur2_synth.csv", import.meta.url));
    const { parts, files } = awsExport([await readFile(file, "utf8")]);
    bucket.put({ ...files, ...Object.fromEntries(Object.entries(parts).map(([key, text]) => [key, gzipSync(text)])) });
    const [remote] = await collect({ type: "aws-data-export" });
    const [local] = await collect({ id: "local", type: "aws-data-export", location: file });
    expect(remote?.status).toBe("replaced");
    expect(remote?.control).toEqual(local?.control);
    expect([remote?.billedCost, remote?.effectiveCost]).toEqual([local?.billedCost, local?.effectiveCost]);
  });
});

describe("the periods of a bucket that are read", () => {
  const months = ["2024-06", "2024-07", "2024-08", "2024-09"];
  const periods = (runs: readonly { period: string }[]) => runs.map(({ period }) => period);
  const write = (amount: string, at?: string) => {
    for (const period of months)
      bucket.put(awsExport([[{ billed: amount, day: `${period}-01` }]], { period }).files, at);
  };

  it("are all of them at first, then the current and the previous one", async () => {
    write("1");
    expect(periods(await collect())).toEqual(months);
    write("2", "2024-09-20T07:00:00Z");
    expect(periods(await collect())).toEqual(["2024-08", "2024-09"]);
    expect([await billed("2024-07"), await billed("2024-09")]).toEqual(["1", "2"]);
  });

  it("are those that somebody names", async () => {
    write("1");
    await collect();
    write("2", "2024-09-20T07:00:00Z");
    expect(periods(await collect({}, { periods: ["2024-06"] }))).toEqual(["2024-06"]);
    expect(await billed("2024-06")).toBe("2");
    bucket.asked.length = 0;
    expect(await collect({}, { periods: ["2024-06"] })).toMatchObject([{ status: "unchanged", bytesRead: 0 }]);
    expect(askedFor(bucket, "download")).toEqual([]);
    expect(periods(await collect({ periods: ["2024-08"] }))).toEqual(["2024-08"]);
  });

  it("are those, too, that failed the last time, until they work again", async () => {
    write("1");
    await collect();
    const june = (body: string) =>
      bucket.put({ "exports/cur/data/BILLING_PERIOD=2024-06/cur-00001.csv": body }, "2024-09-20T05:00:00Z");
    june("no,bill\n1,2\n");
    expect(await collect({}, { periods: ["2024-06"] })).toMatchObject([{ status: "failed" }]);
    expect((await collect()).map(({ period, status }) => [period, status])[0]).toEqual(["2024-06", "failed"]);
    june(focusCsv([{ billed: "3", day: "2024-06-01" }]));
    expect(periods(await collect())).toEqual(["2024-06", "2024-08", "2024-09"]);
    expect(periods(await collect())).toEqual(["2024-08", "2024-09"]);
  });

  it("are those, too, that the first run could not finish", async () => {
    write("1");
    bucket.meanwhile = (key) => {
      if (key.includes("2024-07")) throw new GenOpsError("unavailable", "the network is gone");
    };
    expect((await collect()).map(({ status }) => status)).toEqual(["replaced", "failed", "replaced", "replaced"]);
    bucket.meanwhile = () => {};
    expect(periods(await collect())).toEqual(["2024-07", "2024-08", "2024-09"]);
    expect(await billed("2024-07")).toBe("1");
  });
});

describe("an export that changes while it is read", () => {
  const first = () => awsExport([[{ billed: "1" }], [{ billed: "2" }]]);

  it.each([
    ["vanishes", (key: string) => bucket.remove(key)],
    ["is replaced by another size", (key: string) => bucket.put({ [key]: "something else" }, "2024-09-20T11:00:00Z")],
  ])("fails for now when a part %s, and the next run reads it", async (_what, change) => {
    bucket.put(first().files);
    bucket.meanwhile = (key) => {
      if (key.endsWith("00002.csv")) change(key);
    };
    const [run] = await collect();
    expect(run).toMatchObject({ status: "failed", error: { code: "unavailable", retryable: true } });
    expect(await billed()).toBeUndefined();
    bucket.meanwhile = () => {};
    bucket.put(first().files, "2024-09-20T11:30:00Z");
    expect(await collect()).toMatchObject([{ status: "replaced", rows: 2 }]);
  });

  it("fails for now when a part that was read already is replaced by another of the same size", async () => {
    bucket.put(first().files);
    bucket.meanwhile = (key) => {
      if (key.endsWith("00002.csv")) bucket.put(awsExport([[{ billed: "7" }]]).parts, "2024-09-20T11:00:00Z");
    };
    const [run] = await collect();
    expect(run?.messages.join()).toMatch(/changed while it was being read.*cur-00001\.csv/);
    expect(run).toMatchObject({ status: "failed", error: { code: "unavailable" } });
  });

  it("waits for the manifest when parts are being written over, for an hour", async () => {
    bucket.put(first().files, "2024-09-20T06:00:00Z");
    await collect();
    bucket.put(awsExport([[{ billed: "5" }], [{ billed: "6" }]]).parts, "2024-09-20T11:45:00Z");
    expect(await collect()).toMatchObject([
      {
        status: "unchanged",
        period: "2024-09",
        laterMs: 600_000,
        messages: [expect.stringContaining("is being written") as string],
      },
    ]);
    expect(await billed()).toBe("3");
    const { manifest, files } = awsExport([[{ billed: "5" }], [{ billed: "6" }]]);
    bucket.put({ [manifest]: files[manifest] }, "2024-09-20T11:50:00Z");
    expect(await collect()).toMatchObject([{ status: "replaced" }]);
    expect(await billed()).toBe("11");
  });

  it("takes a copy whose parts came after its manifest, once they are at rest", async () => {
    bucket.put(first().files, "2024-09-20T06:00:00Z");
    bucket.put(first().parts, "2024-09-20T07:00:00Z");
    expect(await collect()).toMatchObject([{ status: "replaced", rows: 2 }]);
  });

  it("never puts an older export back over a newer one that somebody else has committed meanwhile", async () => {
    bucket.put(first().files, "2024-09-20T06:00:00Z");
    const other = { ...deps };
    let entered = false;
    const slow = createBillBucket();
    slow.put(first().files, "2024-09-20T06:00:00Z");
    const create = deps.createEngine;
    deps.createEngine = async () => {
      if (!entered) {
        entered = true;
        bucket.put(awsExport([[{ billed: "10" }], [{ billed: "20" }]]).files, "2024-09-20T11:00:00Z");
        await collectSources(
          { ...other, openBills: bucket.open },
          { sources: [SOURCE], periods: [], force: false, baseDir: "/" },
        );
      }
      return create();
    };
    expect(
      await collectSources(
        { ...deps, openBills: slow.open },
        { sources: [SOURCE], periods: [], force: false, baseDir: "/" },
      ),
    ).toMatchObject([{ status: "unchanged" }]);
    expect(await billed()).toBe("30");
  });
});

describe("exports of Azure in a container", () => {
  const run = (type: string, time: string, over: Record<string, unknown> = {}) => {
    const folder = `root/${type}/20240901-20240930/${time}/guid`;
    return {
      folder,
      manifest: {
        blobCount: 1,
        exportConfig: { exportName: type, type },
        runInfo: { submittedTime: `2024-09-${time}T05:00:00Z`, startDate: "2024-09-01T00:00:00" },
        blobs: [{ blobName: `${folder}/part_0_0001.csv` }],
        ...over,
      },
    };
  };
  const put = (type: string, time: string, body: string, over: Record<string, unknown> = {}) => {
    const { folder, manifest } = run(type, time, over);
    bucket.put({ [`${folder}/manifest.json`]: manifest, [`${folder}/part_0_0001.csv`]: body });
  };

  beforeEach(() => {
    bucket = createBillBucket("azblob://acc/bills/");
    deps.openBills = bucket.open;
  });

  it("are read by the newest run of each, the actual and the amortized one together", async () => {
    const fixture = (name: string) =>
      readFile(fileURLToPath(new URL(`../../../fixtures/billing/${name}`, import.meta.url)), "utf8");
    put("actual", "12", await fixture("azure_mca_actual_synth.csv"));
    put("actual", "02", "an older run");
    put("amortized", "12", await fixture("azure_mca_amortized_synth.csv"));
    const changes = {
      id: "az",
      type: "azure-cost-export" as const,
      actual: "azblob://acc/bills/root/actual",
      amortized: "azureblob://acc/bills/root/amortized",
    };
    const runs = await collect(changes);
    expect(runs.map(({ status, period }) => [status, period])).toEqual([["replaced", "2024-09"]]);
    expect(runs[0]?.control).toEqual(
      expect.arrayContaining([expect.objectContaining({ metric: "EffectiveCost", difference: "0" })]),
    );
    bucket.asked.length = 0;
    expect(await collect(changes)).toMatchObject([{ status: "unchanged" }]);
    expect(askedFor(bucket, "download")).toEqual([]);
  });

  it("of which the newest run is empty erase nothing", async () => {
    const source = { location: "azblob://acc/bills/root/focus" };
    put("focus", "02", focusCsv([{ billed: "5" }]));
    expect(await collect(source)).toMatchObject([{ status: "replaced" }]);
    const { folder, manifest } = run("focus", "12", { blobCount: 0, dataRowCount: 0, blobs: [] });
    bucket.put({ [`${folder}/manifest.json`]: manifest });
    expect(await collect(source)).toMatchObject([{ status: "quarantined", period: "2024-09" }]);
    expect(await billed()).toBe("5");
  });
});

describe("a bucket without manifests", () => {
  it.each(["gs://bill/export", "gs://bill/export/*.csv", "gs://bill/export/rows-0.csv"])(
    "is read at %s",
    async (location) => {
      bucket = createBillBucket("gs://bill/");
      deps.openBills = bucket.open;
      bucket.put({ "export/rows-0.csv": focusCsv([{ billed: "5" }, { billed: "6", day: "2024-08-03" }]) });
      expect((await collect({ location })).map(({ status, period }) => [status, period])).toEqual([
        ["replaced", "2024-08"],
        ["replaced", "2024-09"],
      ]);
      bucket.asked.length = 0;
      expect((await collect({ location })).map(({ status }) => status)).toEqual(["unchanged", "unchanged"]);
      expect(askedFor(bucket, "download")).toEqual([]);
    },
  );
});
