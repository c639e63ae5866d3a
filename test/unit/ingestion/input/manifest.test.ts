import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { locate } from "../../../../shared/ingestion/input/locate.ts";
import type { Delivery } from "../../../../shared/ingestion/input/staged-file.ts";
import { collectSources } from "../../../../shared/ledger/collect/collect-source.ts";
import { createCollectDeps, createFolders } from "../../../support/collect-deps.ts";
import { focusCsv } from "../../../support/focus-bill.ts";

const folders = createFolders();
const made: string[] = [];
afterAll(async () => {
  await folders.clean();
  await Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true })));
});

let base: string;
beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), "genops-manifest-"));
  made.push(base);
});

async function put(name: string, content: unknown): Promise<void> {
  const file = path.join(base, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
}

async function read(manifest: unknown, name = "bills/export/manifest.json"): Promise<Delivery> {
  await put(name, manifest);
  const [delivery] = await locate(name, base);
  if (delivery === undefined) throw new Error("no delivery");
  return delivery;
}

describe("a manifest", () => {
  it.each(["", "team/prefix/export/", "prefix/export/", "export/", "elsewhere/"])(
    "leads to its parts where the copy of the bucket begins with %j",
    async (root) => {
      await put(`${root}data/BILLING_PERIOD=2024-09/x-1.csv`, "x");
      const manifest = { dataFiles: ["s3://bucket/team/prefix/export/data/BILLING_PERIOD=2024-09/x-1.csv"] };
      const delivery = await read(manifest, `${root}metadata/BILLING_PERIOD=2024-09/x-Manifest.json`);
      expect(delivery.files.map(({ name }) => name)).toEqual([`${root}data/BILLING_PERIOD=2024-09/x-1.csv`]);
    },
  );

  it("leads to parts beside it, also by URL", async () => {
    await put("bills/export/part_0.csv", "x");
    expect((await read({ blobs: [{ blobName: "root/export/20240901-20240930/g/part_0.csv" }] })).files).toHaveLength(1);
    expect(
      (await read({ dataFiles: ["https://account.blob.core.windows.net/container/root/part_0.csv"] })).files,
    ).toHaveLength(1);
  });

  it("is not read whole when it is as large as no manifest is", async () => {
    await expect(read(" ".repeat(32 * 1024 ** 2 + 1))).rejects.toMatchObject({
      code: "refused",
      message: expect.stringMatching(/is no manifest: it has 33554433 bytes.*manifest\.json/) as string,
    });
  });

  it("that names a missing part is refused with both names", async () => {
    await put("bills/export/part_0.csv", "x");
    await expect(read({ dataFiles: ["s3://b/part_0.csv", "s3://b/part_1.csv"] })).rejects.toMatchObject({
      code: "refused",
      message: expect.stringMatching(/part_1\.csv.*bills\/export\/manifest\.json/),
    });
  });

  it.each([
    "../../secret.csv",
    "s3://b/../../secret.csv",
    "/../secret.csv",
    "secret.csv",
    "x/../../../secret.csv",
    "./././../secret.csv",
    "..\\..\\secret.csv",
    "secrets/secret.csv",
    "outer/secret.csv",
    "s3://etc/hostname",
    "s3://b/etc/hostname",
    "file:///etc/hostname",
    "etc/hostname\u0000.csv",
    "",
    "/",
  ])("does not lead %j to files that are not part of the export", async (key) => {
    await put("secret.csv", "secret");
    await put("secrets/secret.csv", "secret");
    await put("outer/secret.csv", "secret");
    await expect(read({ dataFiles: [key] }, "outer/bills/company/export/run/manifest.json")).rejects.toMatchObject({
      code: "refused",
    });
  });

  it.each([
    ["CUR 2.0, by its folder", { dataFiles: [] }, "cur/metadata/BILLING_PERIOD=2024-09/cur-Manifest.json", "2024-09"],
    [
      "FOCUS of AWS, in lower case",
      { dataFiles: [] },
      "focus/metadata/billing_period=2024-10/focus-Manifest.json",
      "2024-10",
    ],
    [
      "legacy CUR",
      { reportKeys: [], billingPeriod: { start: "20240901T000000.000Z" } },
      "a/report-Manifest.json",
      "2024-09",
    ],
    ["Azure", { blobs: [], runInfo: { startDate: "2024-12-01T00:00:00" } }, "a/manifest.json", "2024-12"],
    ["nothing that tells", { dataFiles: [] }, "a/x-Manifest.json", undefined],
    [
      "a month that does not exist",
      { reportKeys: [], billingPeriod: { start: "20241301T000000.000Z" } },
      "a/y-Manifest.json",
      undefined,
    ],
  ])("tells the period of %s", async (_name, manifest, file, period) => {
    expect((await read(manifest, file)).period).toBe(period);
  });

  it.each([
    ["blobCount 0", { blobCount: 0 }],
    ["blobCount null", { blobCount: null, blobs: null }],
    ["no list of blobs", { blobCount: null, runInfo: { startDate: "2024-09-01T00:00:00" } }],
    ["an empty list", { blobs: [] }],
  ])("of an empty Azure run with %s is a delivery without files", async (_name, manifest) => {
    expect((await read(manifest)).files).toEqual([]);
  });

  it("counts rows by the run, or else by its blobs where all of them tell", async () => {
    await put("bills/export/a.csv", "x");
    const blobs = [
      { blobName: "a.csv", dataRowCount: 3 },
      { blobName: "a.csv", dataRowCount: 4 },
    ];
    expect((await read({ blobs, dataRowCount: 9 })).expectedRows).toBe(9);
    expect((await read({ blobs })).expectedRows).toBe(7);
    expect((await read({ blobs: [...blobs, { blobName: "a.csv" }] })).expectedRows).toBeUndefined();
    expect((await read({ dataFiles: ["s3://b/a.csv"] })).expectedRows).toBeUndefined();
  });

  it.each([
    ["no JSON", "{"],
    ["a list", []],
    ["another kind of manifest", { entries: [] }],
    ["keys that are no texts", { dataFiles: [1] }],
    ["blobs without names", { blobs: [{}] }],
  ])("that is %s is refused by name", async (_name, content) => {
    await expect(read(content)).rejects.toMatchObject({
      code: "refused",
      place: { file: "bills/export/manifest.json" },
    });
  });

  it("may begin with a byte order mark", async () => {
    await put("bills/export/a.csv", "x");
    expect((await read(`\uFEFF${JSON.stringify({ dataFiles: ["a.csv"] })}`)).files).toHaveLength(1);
  });
});

describe("collect by a manifest", () => {
  const run = (rows: number) => ({
    dataRowCount: rows,
    exportConfig: { exportName: "focus", type: "FocusCost" },
    runInfo: { submittedTime: "2024-09-12T05:00:00Z", startDate: "2024-09-01T00:00:00" },
  });
  const collect = (deps: ReturnType<typeof createCollectDeps>) =>
    collectSources(deps, {
      sources: [{ id: "azure", type: "focus-export", location: "focus" }],
      periods: [],
      force: false,
      baseDir: base,
    });

  it("refuses files with another number of rows than the manifest says, then takes the right number, and an empty run erases nothing", async () => {
    const deps = createCollectDeps(await folders.make());
    await put("focus/part.csv", focusCsv([{ billed: "1" }, { billed: "2" }]));
    await put("focus/manifest.json", { ...run(3), blobs: [{ blobName: "x/part.csv" }] });
    const [refused] = await collect(deps);
    expect(refused).toMatchObject({ status: "failed" });
    expect(refused?.messages.join()).toMatch(/says 3 rows, the files have 2.*manifest\.json/);

    await put("focus/manifest.json", { ...run(2), blobs: [{ blobName: "x/part.csv" }] });
    expect(await collect(deps)).toMatchObject([{ status: "replaced", rows: 2, period: "2024-09" }]);

    await put("focus/manifest.json", { ...run(0), blobCount: 0, blobs: [] });
    expect(await collect(deps)).toMatchObject([{ status: "quarantined", period: "2024-09" }]);
    await put("focus/manifest.json", { ...run(2), blobs: [{ blobName: "x/part.csv" }] });
    expect(await collect(deps)).toMatchObject([
      { status: "unchanged", billedCost: [{ currency: "USD", amount: "3" }] },
    ]);
  });
});
