import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { constants, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { withBench } from "./support.ts";

const CSV = "Service,Cost\nQueue,1.25\nDatabase,2.5\n";
const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");

function utf16(text: string, endian: "le" | "be"): Buffer {
  const bytes = Buffer.from(`\uFEFF${text}`, "utf16le");
  return endian === "le" ? bytes : bytes.swap16();
}

/** A gzip file of 1 GB of spaces, made by repeating one compressed member. */
async function writeBomb(file: string): Promise<void> {
  const member = gzipSync(Buffer.alloc(16 * 1024 * 1024, " "), { level: 1 });
  await writeFile(file, Buffer.concat(Array.from({ length: 64 }, () => member)));
}

describe("stageFile on sound files", () => {
  it("leaves a plain UTF-8 file where it is and fingerprints its content", async () => {
    await withBench(async (bench) => {
      const file = await bench.stage("a.csv", CSV);
      expect(file).toMatchObject({ kind: "csv", readPath: file.path, sha256: sha256(CSV), blank: false });
    });
  });

  it("gives a gzip file, also one of several members, the fingerprint of its content", async () => {
    await withBench(async (bench) => {
      const one = await bench.stage("a.csv.gz", gzipSync(CSV));
      const two = await bench.stage("b.gz", Buffer.concat([gzipSync(CSV.slice(0, 20)), gzipSync(CSV.slice(20))]));

      expect([one.sha256, two.sha256]).toEqual([sha256(CSV), sha256(CSV)]);
      expect(await bench.read(two)).toEqual([
        { Service: "Queue", Cost: "1.25" },
        { Service: "Database", Cost: "2.5" },
      ]);
    });
  });

  it("accepts zero padding after a gzip member", async () => {
    await withBench(async (bench) => {
      const file = await bench.stage("a.csv.gz", Buffer.concat([gzipSync(CSV), Buffer.alloc(512)]));
      expect(file.sha256).toBe(sha256(CSV));
    });
  });

  it.each(["le", "be"] as const)(
    "reads UTF-16 %s with BOM, compressed or not, as the same content as UTF-8",
    async (endian) => {
      await withBench(async (bench) => {
        const text = 'Service,Cost\n"Tür, 価格 🧾",1.25\n';
        const plain = await bench.stage("a.csv", utf16(text, endian));
        const packed = await bench.stage("b.csv.gz", gzipSync(utf16(text, endian)));

        expect([plain.sha256, packed.sha256]).toEqual([sha256(text), sha256(text)]);
        expect(await bench.read(plain)).toEqual([{ Service: "Tür, 価格 🧾", Cost: "1.25" }]);
      });
    },
  );

  it("reads UTF-8 characters that straddle the chunks a file is read in", async () => {
    await withBench(async (bench) => {
      const text = `a,b\n${"x".repeat((1 << 20) - 6)}🧾é価,1\n`;
      expect((await bench.stage("a.csv", text)).sha256).toBe(sha256(text));
    });
  });

  it("knows kinds by content, whatever the name says", async () => {
    await withBench(async (bench) => {
      await bench.engine.run(`COPY (SELECT 1 AS a) TO '${path.join(bench.folder, "p.csv")}' (FORMAT parquet)`);
      const kinds = [
        await bench.stagePath("p.csv"),
        await bench.stage("rows.csv", '\n {"a":1}\n'),
        await bench.stage("rows.txt", '\uFEFF[{"a":1}]'),
        await bench.stage("rows.json", CSV),
      ].map(({ kind }) => kind);
      expect(kinds).toEqual(["parquet", "ndjson", "json-array", "csv"]);
    });
  });

  it.each([
    ["no bytes", ""],
    ["white space", " \r\n\t \n"],
    ["a BOM alone", "\uFEFF"],
    ["a gzip of nothing", gzipSync("")],
    ["a gzip of white space", gzipSync("\n\n")],
    ["a UTF-16 BOM alone", utf16("", "le")],
  ])("calls %s blank", async (_what, content) => {
    await withBench(async (bench) => {
      expect((await bench.stage("a.csv", content)).blank).toBe(true);
    });
  });

  it("does not call a header without rows blank, nor a text behind much white space", async () => {
    await withBench(async (bench) => {
      expect((await bench.stage("a.csv", "Service,Cost\n")).blank).toBe(false);
      expect((await bench.stage("b.csv", `${" ".repeat(200_000)}a,b\n1,2\n`)).blank).toBe(false);
    });
  });
});

describe("stageFile on hostile files", () => {
  const packed = gzipSync(Buffer.from(CSV.repeat(2000)));
  const brokenCrc = Buffer.from(packed);
  brokenCrc.writeUInt32LE(0xdeadbeef, packed.length - 8);
  const brokenMember = gzipSync(CSV);
  brokenMember[1] = 0;

  it.each([
    ["a gzip file cut in the middle", packed.subarray(0, packed.length >> 1), /broken or truncated gzip/],
    ["a gzip file cut behind its header", packed.subarray(0, 12), /broken or truncated gzip/],
    ["a gzip file cut in its header", packed.subarray(0, 5), /broken or truncated gzip/],
    ["a gzip file without its last byte", packed.subarray(0, -1), /broken or truncated gzip/],
    ["a gzip file with a wrong checksum", brokenCrc, /broken or truncated gzip/],
    ["a gzip file with garbage behind it", Buffer.concat([packed, Buffer.from("garbage")]), /broken or truncated gzip/],
    [
      "a gzip file whose second member lost its mark",
      Buffer.concat([packed, brokenMember]),
      /broken or truncated gzip/,
    ],
    [
      "a gzip file whose second member is cut",
      Buffer.concat([packed, packed.subarray(0, 40)]),
      /broken or truncated gzip/,
    ],
    [
      "binary noise",
      Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 197 + (index >> 3) * 31) % 256)),
      /is not text/,
    ],
    [
      "noise behind a UTF-16 mark",
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.alloc(4000, 0xd8)]),
      /cannot be read|is not text/,
    ],
    ["UTF-16 without a BOM", Buffer.from(CSV, "utf16le"), /NUL byte at offset 1/],
    ["UTF-16 cut inside a character", utf16(CSV, "le").subarray(0, -1), /cannot be read/],
    ["a NUL byte far inside", `${CSV.repeat(50_000)}a\0b`, /NUL byte at offset/],
    ["Latin-1", Buffer.from("Service,Cost\nT\u00fcr,1\n", "latin1"), /not UTF-8/],
    ["UTF-8 cut inside a character", Buffer.from("a,b\n1,é").subarray(0, -1), /not UTF-8|inside a character/],
    ["a ZIP archive", Buffer.from("PK\u0003\u0004rest"), /ZIP archive/],
    ["a PDF", "%PDF-1.7", /PDF/],
    ["an old Excel workbook", Buffer.from("d0cf11e0a1b11ae1", "hex"), /Excel/],
    ["zstd", Buffer.from("28b52ffd0000", "hex"), /zstd/],
  ])("refuses %s, naming the file", async (_what, content, message) => {
    await withBench(async (bench) => {
      await expect(bench.stage("a.csv", content)).rejects.toMatchObject({
        code: "refused",
        message: expect.stringMatching(message),
        place: { file: "a.csv" },
      });
    });
  });

  it("refuses a gzip bomb of 1 GB before it is unpacked", async () => {
    await withBench(async (bench) => {
      await writeBomb(path.join(bench.folder, "bomb.csv.gz"));
      await expect(bench.stagePath("bomb.csv.gz")).rejects.toMatchObject({
        code: "refused",
        message: expect.stringContaining("200 times its size"),
        place: { file: "bomb.csv.gz" },
      });
    });
  });

  it("refuses more bytes than the configuration allows, packed or not, and accepts exactly as many", async () => {
    await withBench(async (bench) => {
      const maxBytes = CSV.length - 1;
      await expect(bench.stage("a.csv", CSV, { maxBytes })).rejects.toThrow(/more than the \d+ bytes allowed/);
      await expect(bench.stage("a.csv.gz", gzipSync(CSV), { maxBytes })).rejects.toThrow(
        /more than the \d+ bytes allowed/,
      );
      expect((await bench.stage("b.csv", CSV, { maxBytes: CSV.length })).blank).toBe(false);
    });
  });

  it("accepts a bill that compresses well but not absurdly", async () => {
    await withBench(async (bench) => {
      const text = `a,b\n${"ServiceName,0.0000001\n".repeat(20_000)}`;
      const file = await bench.stage("a.csv.gz", gzipSync(text, { level: constants.Z_BEST_COMPRESSION }));
      expect(file.sha256).toBe(sha256(text));
    });
  });

  it("refuses a folder that is called a file", async () => {
    await withBench(async (bench) => {
      await mkdir(path.join(bench.folder, "folder.csv"));
      await expect(bench.stagePath("folder.csv")).rejects.toMatchObject({
        code: "refused",
        place: { file: "folder.csv" },
      });
    });
  });
});
