import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { locate } from "../../../../shared/ingestion/input/locate.ts";
import type { Delivery } from "../../../../shared/ingestion/input/staged-file.ts";

const made: string[] = [];
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))));

let base: string;
beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), "genops-[locate]-"));
  made.push(base);
});

/** Writes files below the base folder, the objects as JSON; `day` is the day of September 2024 they were last written on. */
async function put(files: Record<string, unknown>, day = 1): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(base, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
    const at = new Date(Date.UTC(2024, 8, day));
    await utimes(file, at, at);
  }
}

const names = (deliveries: readonly Delivery[]) => deliveries.map(({ files }) => files.map(({ name }) => name));
const found = async (location: string) => names(await locate(location, base));

describe("locate", () => {
  it("finds a file, with its size, age and the name that the user knows", async () => {
    await put({ "bills/a.csv": "x,y" });
    expect(await locate("bills/a.csv", base)).toEqual([
      {
        files: [
          {
            path: path.join(base, "bills/a.csv"),
            name: "bills/a.csv",
            sizeBytes: 3,
            modifiedAt: new Date("2024-09-01T00:00:00Z"),
          },
        ],
      },
    ]);
    for (const location of [
      "./bills/../bills/a.csv",
      "file:bills/a.csv",
      "file:./bills/a.csv",
      path.join(base, "bills/a.csv"),
      `file://${path.join(base, "bills/a.csv")}`,
    ]) {
      expect(await found(location)).toEqual([["bills/a.csv"]]);
    }
  });

  it("names a file outside of the base folder by its whole path", async () => {
    await put({ "bills/a.csv": "x", "config/genops.yaml": "" });
    const [delivery] = await locate("../bills/a.csv", path.join(base, "config"));
    expect(delivery?.files[0]?.name).toBe(path.join(base, "bills/a.csv"));
  });

  it("takes everything that a glob matches as one delivery, in order, without folders", async () => {
    await put({ "bills/b-2.csv": "2", "bills/b-1.csv": "1", "bills/other.txt": "3", "bills/b-folder/inner.csv": "4" });
    expect(await found("bills/b-*")).toEqual([["bills/b-1.csv", "bills/b-2.csv"]]);
    expect(await found("bills/**/*.csv")).toEqual([["bills/b-1.csv", "bills/b-2.csv", "bills/b-folder/inner.csv"]]);
  });

  it("takes every data file of a folder without a manifest", async () => {
    await put({
      "bills/b.parquet": "b",
      "bills/a.csv.gz": "a",
      "bills/sub/c.ndjson": "c",
      "bills/README.md": "no",
      "bills/odd.csv/d.json": "d",
    });
    expect(await found("bills")).toEqual([
      ["bills/a.csv.gz", "bills/b.parquet", "bills/odd.csv/d.json", "bills/sub/c.ndjson"],
    ]);
  });

  it.each(["nothing.csv", "none/*.csv", "no/folder/"])(
    "refuses %j, where nothing is, in words that name it",
    async (location) => {
      await expect(locate(location, base)).rejects.toMatchObject({
        code: "refused",
        message: expect.stringContaining(location),
      });
    },
  );

  it("refuses a folder without bills", async () => {
    await put({ "bills/README.md": "x" });
    await expect(locate("bills", base)).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining('"bills"'),
    });
  });

  it.each(["s3://bucket/prefix", "azblob://a/b", "gs://b", "https://example.com/x.csv"])(
    "says that %s cannot be read from here",
    async (location) => {
      await expect(locate(location, base)).rejects.toMatchObject({ code: "config" });
    },
  );
});

describe("locate, in a folder with manifests", () => {
  const KEY = "s3://bill/exports/cur";

  it("reads a CUR 2.0 export by its manifest alone", async () => {
    await put({
      "cur/metadata/BILLING_PERIOD=2024-09/cur-Manifest.json": {
        dataFiles: [`${KEY}/data/BILLING_PERIOD=2024-09/cur-00001.csv.gz`],
      },
      "cur/data/BILLING_PERIOD=2024-09/cur-00001.csv.gz": "new",
      "cur/data/BILLING_PERIOD=2024-09/cur-00002.csv.gz": "left over from a larger run",
    });
    expect(await locate("cur", base)).toMatchObject([
      {
        period: "2024-09",
        manifest: "cur/metadata/BILLING_PERIOD=2024-09/cur-Manifest.json",
        files: [{ name: "cur/data/BILLING_PERIOD=2024-09/cur-00001.csv.gz" }],
      },
    ]);
  });

  const refresh = (run: string, part: string) => ({
    [`cur/metadata/BILLING_PERIOD=2024-09/${run}/cur-Manifest.json`]: {
      dataFiles: [`${KEY}/data/BILLING_PERIOD=2024-09/${run}/${part}`],
    },
    [`cur/data/BILLING_PERIOD=2024-09/${run}/${part}`]: run,
  });

  it("counts only the newest refresh of a period where each has a sub-folder", async () => {
    await put(refresh("run-c", "cur-00001.csv"), 3);
    await put(refresh("run-a", "cur-00001.csv"), 1);
    await put(refresh("run-b", "cur-00001.csv"), 2);
    expect(await found("cur")).toEqual([["cur/data/BILLING_PERIOD=2024-09/run-c/cur-00001.csv"]]);
    expect(await found("cur/**/*-Manifest.json")).toEqual([["cur/data/BILLING_PERIOD=2024-09/run-c/cur-00001.csv"]]);
  });

  it("takes the later name where a copy has made all refreshes equally old", async () => {
    await put({
      ...refresh("20240905T000000Z-x", "cur-00001.csv"),
      ...refresh("20240907T000000Z-a", "cur-00001.csv"),
      ...refresh("20240906T000000Z-z", "cur-00001.csv"),
    });
    expect(await found("cur")).toEqual([["cur/data/BILLING_PERIOD=2024-09/20240907T000000Z-a/cur-00001.csv"]]);
  });

  it("does not miss the parts of a refresh that does not count any more", async () => {
    await put(
      {
        "cur/metadata/BILLING_PERIOD=2024-09/run-a/cur-Manifest.json": {
          dataFiles: [`${KEY}/data/BILLING_PERIOD=2024-09/run-a/gone.csv`],
        },
      },
      1,
    );
    await put(refresh("run-b", "cur-00001.csv"), 2);
    expect(await found("cur")).toEqual([["cur/data/BILLING_PERIOD=2024-09/run-b/cur-00001.csv"]]);
  });

  it("gives one delivery per period", async () => {
    await put({
      "cur/metadata/BILLING_PERIOD=2024-08/cur-Manifest.json": {
        dataFiles: [`${KEY}/data/BILLING_PERIOD=2024-08/cur-00001.csv`],
      },
      "cur/metadata/BILLING_PERIOD=2024-09/cur-Manifest.json": {
        dataFiles: [`${KEY}/data/BILLING_PERIOD=2024-09/cur-00001.csv`],
      },
      "cur/data/BILLING_PERIOD=2024-08/cur-00001.csv": "8",
      "cur/data/BILLING_PERIOD=2024-09/cur-00001.csv": "9",
    });
    expect((await locate("cur", base)).map(({ period, files }) => [period, files[0]?.name])).toEqual([
      ["2024-08", "cur/data/BILLING_PERIOD=2024-08/cur-00001.csv"],
      ["2024-09", "cur/data/BILLING_PERIOD=2024-09/cur-00001.csv"],
    ]);
  });

  it("reads a legacy CUR with its two manifests once, and not those for Redshift and QuickSight", async () => {
    const manifest = {
      reportKeys: [
        "p/report/20240901-20241001/8f3c/report-1.csv.gz",
        "p/report/20240901-20241001/8f3c/report-2.csv.gz",
      ],
      billingPeriod: { start: "20240901T000000.000Z", end: "20241001T000000.000Z" },
    };
    await put({
      "report/20240901-20241001/report-Manifest.json": manifest,
      "report/20240901-20241001/8f3c/report-Manifest.json": manifest,
      "report/20240901-20241001/8f3c/report-RedshiftManifest.json": {
        entries: [{ url: "s3://b/p/report/report-1.csv.gz" }],
      },
      "report/20240901-20241001/8f3c/report-QuickSightManifest.json": { fileLocations: [] },
      "report/20240901-20241001/8f3c/report-1.csv.gz": "1",
      "report/20240901-20241001/8f3c/report-2.csv.gz": "2",
    });
    expect(await locate("report", base)).toMatchObject([
      { period: "2024-09", files: [{ sizeBytes: 1 }, { sizeBytes: 1 }] },
    ]);
  });

  const azureRun = (name: string, submittedTime: string, over: Record<string, unknown> = {}) => ({
    blobCount: 1,
    dataRowCount: 1,
    exportConfig: { exportName: name, type: "FocusCost", dataVersion: "1.0" },
    runInfo: { submittedTime, startDate: "2024-09-01T00:00:00", endDate: "2024-09-30T00:00:00" },
    blobs: [
      { blobName: `root/${name}/20240901-20240930/${submittedTime.slice(8, 10)}/part_0_0001.csv`, dataRowCount: 1 },
    ],
    ...over,
  });

  it("takes the newest Azure run by when it was submitted, whatever the age of the files", async () => {
    await put(
      {
        "focus/20240901-20240930/12/manifest.json": azureRun("focus", "2024-09-12T05:00:00.5Z"),
        "focus/20240901-20240930/12/part_0_0001.csv": "new",
      },
      1,
    );
    await put(
      {
        "focus/20240901-20240930/02/manifest.json": azureRun("focus", "2024-09-02T05:00:00Z"),
        "focus/20240901-20240930/02/part_0_0001.csv": "old",
      },
      20,
    );
    expect(await locate("focus", base)).toMatchObject([
      {
        period: "2024-09",
        expectedRows: 1,
        dataVersion: "1.0",
        files: [{ name: "focus/20240901-20240930/12/part_0_0001.csv" }],
      },
    ]);
  });

  it("compares instants, not texts", async () => {
    await put({
      "focus/a/manifest.json": azureRun("focus", "2024-09-12T05:00:00.5Z"),
      "focus/a/part_0_0001.csv": "half a second later",
    });
    await put({
      "focus/b/manifest.json": azureRun("focus", "2024-09-12T05:00:00Z"),
      "focus/b/part_0_0001.csv": "first",
    });
    await put({
      "focus/c/manifest.json": azureRun("focus", "2024-09-12T06:59:00+02:00"),
      "focus/c/part_0_0001.csv": "an earlier minute",
    });
    expect(await found("focus")).toEqual([["focus/a/part_0_0001.csv"]]);
  });

  it("leaves a newest run without files to the quarantine: no older run takes its place, and nothing is erased", async () => {
    await put({
      "focus/02/manifest.json": azureRun("focus", "2024-09-02T05:00:00Z"),
      "focus/02/part_0_0001.csv": "old",
    });
    await put({
      "focus/12/manifest.json": azureRun("focus", "2024-09-12T05:00:00Z", { blobCount: 0, dataRowCount: 0, blobs: [] }),
    });
    expect(await locate("focus", base)).toMatchObject([{ period: "2024-09", files: [], expectedRows: 0 }]);
  });

  it("refuses two exports of one period in one folder: read together they would count twice, one by one each would replace the other", async () => {
    await put({
      "all/one/manifest.json": azureRun("one", "2024-09-02T05:00:00Z"),
      "all/one/part_0_0001.csv": "1",
      "all/two/manifest.json": azureRun("two", "2024-09-02T05:00:00Z"),
      "all/two/part_0_0001.csv": "2",
    });
    await expect(locate("all", base)).rejects.toMatchObject({
      code: "refused",
      message: expect.stringMatching(/2024-09.*one, two/),
    });
    expect(await found("all/one")).toEqual([["all/one/part_0_0001.csv"]]);
  });

  it("reads one manifest by its name", async () => {
    await put(refresh("run-a", "cur-00001.csv"));
    expect(await found("cur/metadata/BILLING_PERIOD=2024-09/run-a/cur-Manifest.json")).toEqual([
      ["cur/data/BILLING_PERIOD=2024-09/run-a/cur-00001.csv"],
    ]);
  });
});
