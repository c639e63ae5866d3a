import { describe, expect, it } from "vitest";
import { coversObject, parseBucketUrl } from "../../../../shared/ingestion/input/bucket-url.ts";
import { type LocateOptions, locate } from "../../../../shared/ingestion/input/locate.ts";
import { periodOfPath } from "../../../../shared/ingestion/input/manifest.ts";
import type { Delivery } from "../../../../shared/ingestion/input/staged-file.ts";
import { askedFor, createBillBucket } from "../../../support/bill-bucket.ts";
import { awsExport } from "../../../support/exports.ts";

const names = (deliveries: readonly Delivery[]) => deliveries.map(({ files }) => files.map(({ name }) => name));

describe("parseBucketUrl", () => {
  it.each([
    ["s3://bill/exports/cur", { root: "s3://bill/", key: "exports/cur" }],
    ["s3://bill", { root: "s3://bill/", key: "" }],
    ["S3://bill/", { root: "s3://bill/", key: "" }],
    ["gs://bill/a//b", { root: "gs://bill/", key: "a//b" }],
    ["azblob://Account/container/x/y.csv", { root: "azblob://account/container/", key: "x/y.csv" }],
    ["azureblob://account/container", { root: "azblob://account/container/", key: "" }],
  ])("takes %s apart", (location, expected) => {
    expect(parseBucketUrl(location)).toEqual(expected);
  });

  it.each(["bills/a.csv", "C:\\bills", "file:///x", "https://x/y"])("leaves %s to others", (location) => {
    expect(parseBucketUrl(location)).toBeUndefined();
  });

  it.each(["s3://", "azblob://account", "azblob://account/", "gs:///x"])("refuses %s", (location) => {
    expect(() => parseBucketUrl(location)).toThrow(/not of the form/);
  });
});

describe("coversObject", () => {
  it.each([
    ["s3://bill/exports/cur", "s3://bill/exports/cur/metadata/x-Manifest.json", true],
    ["s3://bill/exports/cur/", "s3://bill/exports/cur/metadata/x-Manifest.json", true],
    ["s3://bill", "s3://bill/x-Manifest.json", true],
    ["s3://bill/exports/cur", "s3://bill/exports/cur-old/x-Manifest.json", false],
    ["s3://bill/exports/cur", "s3://other/exports/cur/x-Manifest.json", false],
    ["s3://bill/exports/*/metadata/**/*.json", "s3://bill/exports/cur/metadata/P/x-Manifest.json", true],
    ["s3://bill/exports/*/data/*", "s3://bill/exports/cur/metadata/P/x-Manifest.json", false],
    ["s3://bill/x-Manifest.json", "s3://bill/x-Manifest.json", true],
    ["azureblob://ACC/bills/focus", "azblob://acc/bills/focus/20240901-20240930/manifest.json", true],
    ["bills/cur", "s3://bill/bills/cur/x-Manifest.json", false],
  ])("of %s and %s is %s", (location, object, covered) => {
    expect(coversObject(location, object)).toBe(covered);
  });
});

describe("names of manifests", () => {
  it.each([
    ["x/metadata/BILLING_PERIOD=2024-09/x-Manifest.json", "2024-09"],
    ["x/metadata/billing_period=2024-10/run/x-Manifest.json", "2024-10"],
    ["focus/20240901-20240930/202409120500/guid/manifest.json", "2024-09"],
    ["report/20240901-20241001/report-Manifest.json", "2024-09"],
    ["report/20241301-20250101/report-Manifest.json", undefined],
    ["report/manifest.json", undefined],
  ])("%s is about %s", (path, period) => {
    expect(periodOfPath(path)).toBe(period);
  });
});

describe("locate in a bucket", () => {
  const set = (root = "s3://bill/") => {
    const bucket = createBillBucket(root);
    const find = (location: string, options: LocateOptions = {}) =>
      locate(location, "/", { openBills: bucket.open, ...options });
    return { bucket, find };
  };

  it("finds an object with what the listing tells, and reads nothing", async () => {
    const { bucket, find } = set();
    bucket.put({ "a/b.csv": "abc", "a/b.csv.old": "x" }, "2024-09-02T00:00:00Z");
    const [delivery] = await find("s3://bill/a/b.csv");
    expect(delivery?.files).toMatchObject([
      { name: "s3://bill/a/b.csv", key: "a/b.csv", sizeBytes: 3, modifiedAt: new Date("2024-09-02T00:00:00Z") },
    ]);
    expect(bucket.asked).toEqual(["list a/b.csv"]);
  });

  it("takes a prefix for a folder, with or without its slash", async () => {
    const { bucket, find } = set("gs://bill/");
    bucket.put({ "a/1.csv": "1", "a/sub/2.ndjson": "2", "a/sub/": "", "a/README.md": "no", "ab/3.csv": "3" });
    const expected = [["gs://bill/a/1.csv", "gs://bill/a/sub/2.ndjson"]];
    expect(names(await find("gs://bill/a"))).toEqual(expected);
    expect(names(await find("gs://bill/a/"))).toEqual(expected);
    expect(names(await find("gs://bill"))[0]).toHaveLength(3);
  });

  it("matches a glob, listing only below its fixed beginning", async () => {
    const { bucket, find } = set("azblob://acc/bills/");
    bucket.put({ "x/2024/a.csv": "1", "x/2024/b.parquet": "2", "x/2025/a.csv": "3", "y/a.csv": "4" });
    expect(names(await find("azureblob://acc/bills/x/20*/*.csv"))).toEqual([
      ["azblob://acc/bills/x/2024/a.csv", "azblob://acc/bills/x/2025/a.csv"],
    ]);
    expect(bucket.asked).toEqual(["list x/"]);
  });

  it.each(["s3://bill/none.csv", "s3://bill/none/*.csv", "s3://bill/none/"])(
    "refuses %s, where nothing is",
    async (location) => {
      const { find } = set();
      await expect(find(location)).rejects.toMatchObject({
        code: "refused",
        message: expect.stringContaining(location) as string,
      });
    },
  );

  it("needs somebody to open buckets", async () => {
    await expect(locate("s3://bill/a", "/")).rejects.toMatchObject({ code: "config" });
  });

  it("finds the parts of a manifest by their keys, also where the location is the manifest itself", async () => {
    const { bucket, find } = set();
    const { files, manifest, parts } = awsExport([[{ billed: "1" }], [{ billed: "2" }]], { run: "20240920T060000Z-a" });
    bucket.put(files);
    const expected = [Object.keys(parts).map((key) => `s3://bill/${key}`)];
    expect(names(await find("s3://bill/exports/cur"))).toEqual(expected);
    bucket.asked.length = 0;
    expect(names(await find(`s3://bill/${manifest}`))).toEqual(expected);
    expect(askedFor(bucket, "list")).toEqual([manifest, ...Object.keys(parts)]);
  });

  it("finds the parts of an export that was copied to another prefix", async () => {
    const { bucket, find } = set();
    const { files } = awsExport([[{ billed: "1" }]]);
    bucket.put(
      Object.fromEntries(Object.entries(files).map(([key, body]) => [key.replace("exports/cur", "copy"), body])),
    );
    expect(names(await find("s3://bill/copy"))).toEqual([["s3://bill/copy/data/BILLING_PERIOD=2024-09/cur-00001.csv"]]);
  });

  it("refuses a manifest that names a missing part, and parts above the export", async () => {
    const { bucket, find } = set();
    const at = "team/exports/cur/metadata/BILLING_PERIOD=2024-09";
    bucket.put({
      "secret.csv": "x",
      [`${at}/cur-Manifest.json`]: { dataFiles: ["s3://bill/team/exports/cur/data/x.csv"] },
    });
    await expect(find("s3://bill/team")).rejects.toMatchObject({
      code: "refused",
      place: { file: `s3://bill/${at}/cur-Manifest.json` },
    });
    bucket.put({ [`${at}/cur-Manifest.json`]: { dataFiles: ["s3://bill/secret.csv"] } });
    await expect(find("s3://bill/team")).rejects.toMatchObject({ code: "refused" });
  });

  it("does not read the manifests of periods that nobody wants", async () => {
    const { bucket, find } = set();
    for (const period of ["2024-08", "2024-09"]) bucket.put(awsExport([[{ billed: "1" }]], { period }).files);
    bucket.put({
      "exports/cur/metadata/other/x-Manifest.json": { dataFiles: [], billingPeriod: { start: "20240701" } },
    });
    const found = await find("s3://bill/exports/cur", { wants: (period) => period === "2024-09" });
    expect(found.map(({ period }) => period)).toEqual(["2024-09"]);
    expect(askedFor(bucket, "read").filter((key) => key.includes("2024-08"))).toEqual([]);
    expect(await find("s3://bill/exports/cur", { wants: () => false })).toEqual([]);
  });

  it("says so when a manifest vanishes between listing and reading", async () => {
    const { bucket, find } = set();
    bucket.put(awsExport([[{ billed: "1" }]]).files);
    bucket.read = () => Promise.resolve(undefined);
    await expect(find("s3://bill/exports/cur")).rejects.toMatchObject({ code: "unavailable", retryable: true });
  });
});
