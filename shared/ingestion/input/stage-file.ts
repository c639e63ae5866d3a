import { isUtf8 } from "node:buffer";
import { createHash, type Hash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
import { type Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { GenOpsError, messageOf } from "../../core/errors.ts";
import type { Progress } from "../../ports/progress.ts";
import type { InputKind, LocatedFile, StagedFile } from "./staged-file.ts";

export interface StageOptions {
  /** Private folder for decompressed and transcoded copies. */
  workDir: string;
  /** Decompressed bytes one file may have. */
  maxBytes: number;
  progress: Progress;
}

/** Beyond this size a text that shrinks to less than 1/200 is an attack, not a bill (real exports compress 5 to 60 times). */
const BOMB_BYTES = 64 * 1024 * 1024;
const BOMB_RATIO = 200;

type Encoding = "utf-8" | "utf-16le" | "utf-16be";

interface Nature {
  gzip: boolean;
  kind: InputKind | "blank";
  encoding: Encoding;
}

/**
 * Reads a file once, whole: checks gzip integrity, text encoding and size, fingerprints the content and leaves a UTF-8, uncompressed
 * file for the engine. Refuses (code `refused`) what cannot be a bill; never changes the original.
 */
export async function stageFile(file: LocatedFile, index: number, options: StageOptions): Promise<StagedFile> {
  const nature = await inspect(file);
  if (nature.kind === "blank") return { ...file, kind: "csv", readPath: file.path, sha256: "", blank: true };
  const copy = nature.gzip || nature.encoding !== "utf-8";
  const readPath = copy ? path.join(options.workDir, `input-${index}.${nature.kind}`) : file.path;
  const hash = createHash("sha256");
  const counter = { bytes: 0, visible: false };
  const steps = [
    ...(nature.gzip ? [createGunzip()] : []),
    guard(file, nature, counter, options),
    ...(nature.encoding === "utf-8" ? [] : [transcode(nature.encoding)]),
    ...(nature.kind === "parquet" ? [] : [checkText(file, counter)]),
    fingerprint(hash),
  ];
  try {
    await pipeline([reading(file, options.progress), ...steps, copy ? createWriteStream(readPath) : sink()]);
  } catch (error) {
    throw refusal(file, nature, error);
  }
  const blank = nature.kind !== "parquet" && !counter.visible;
  return { ...file, kind: nature.kind, readPath, sha256: hash.digest("hex"), blank };
}

function reading(file: LocatedFile, progress: Progress): Readable {
  const stream = createReadStream(file.path, { highWaterMark: 1 << 20 });
  let done = 0;
  stream.on("data", (chunk) => {
    done += chunk.length;
    progress.report(`reading ${file.name}`, done, file.sizeBytes, "bytes");
  });
  return stream;
}

/** First bytes decide what a file is; names lie. */
async function inspect(file: LocatedFile): Promise<Nature> {
  const head = await readHead(file);
  const gzip = head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b;
  if (head.length === 0) return { gzip, kind: "blank", encoding: "utf-8" };
  // An archive without content may be empty or broken: the full pass tells.
  const start = gzip ? await inflateHead(file) : head;
  const encoding = encodingOf(start);
  return { gzip, kind: encoding === "utf-8" ? kindOf(file, start) : "csv", encoding };
}

async function readHead(file: LocatedFile): Promise<Buffer> {
  try {
    const handle = await open(file.path, "r");
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new GenOpsError("refused", `cannot be read: ${messageOf(error)}`, {
      place: { file: file.name },
      cause: error,
    });
  }
}

async function inflateHead(file: LocatedFile): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const stream = createReadStream(file.path).pipe(createGunzip());
  try {
    for await (const chunk of stream) {
      chunks.push(chunk as Buffer);
      if (chunks.reduce((sum, part) => sum + part.length, 0) >= 4096) break;
    }
  } catch {
    // The full pass reports what is wrong with the archive; here only its beginning matters.
  }
  return Buffer.concat(chunks);
}

function encodingOf(head: Buffer): Encoding {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be";
  return "utf-8";
}

const MAGICS: readonly (readonly [string, string])[] = [
  ["504b0304", "a ZIP archive; unpack it first"],
  ["28b52ffd", "zstd-compressed; use gzip or no compression"],
  ["25504446", "a PDF"],
  ["d0cf11e0", "an Excel workbook; export it as CSV"],
];

function kindOf(file: LocatedFile, head: Buffer): InputKind | "blank" {
  if (head.subarray(0, 4).toString("latin1") === "PAR1") return "parquet";
  const magic = MAGICS.find(([hex]) => head.subarray(0, 4).toString("hex") === hex);
  if (magic !== undefined) throw new GenOpsError("refused", `is ${magic[1]}`, { place: { file: file.name } });
  const text = head
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .trimStart();
  if (text.startsWith("{")) return "ndjson";
  if (text.startsWith("[")) return "json-array";
  return "csv";
}

function guard(file: LocatedFile, nature: Nature, counter: { bytes: number }, options: StageOptions): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      counter.bytes += chunk.length;
      const bomb = nature.gzip && counter.bytes > BOMB_BYTES && counter.bytes > file.sizeBytes * BOMB_RATIO;
      if (bomb || counter.bytes > options.maxBytes) {
        const limit = bomb
          ? `more than ${BOMB_RATIO} times its size`
          : `more than the ${options.maxBytes} bytes allowed`;
        done(new GenOpsError("refused", `decompresses to ${limit}`, { place: { file: file.name } }));
      } else done(null, chunk);
    },
  });
}

/** Text must be UTF-8 without NUL bytes; `isUtf8` is native, so a chunk costs little. A character may straddle two chunks. */
function checkText(file: LocatedFile, counter: { visible: boolean }): Transform {
  let rest: Buffer = Buffer.alloc(0);
  let before = 0;
  const fault = (what: string) => new GenOpsError("refused", `is not text: ${what}`, { place: { file: file.name } });
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const nul = chunk.indexOf(0);
      if (nul >= 0) return done(fault(`a NUL byte at offset ${before + nul}`));
      before += chunk.length;
      if (!counter.visible) counter.visible = /[^\s\uFEFF]/.test(chunk.toString("utf8"));
      const whole = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const cut = completeLength(whole);
      rest = Buffer.from(whole.subarray(cut));
      done(isUtf8(whole.subarray(0, cut)) ? null : fault(`not UTF-8 before offset ${before}`), chunk);
    },
    flush(done) {
      done(rest.length === 0 ? null : fault("it ends inside a character"));
    },
  });
}

/** Bytes up to the last character that is complete. */
function completeLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    const continues = byte >= 0x80 && byte < 0xc0;
    if (!continues) return characterLength(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function characterLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

function transcode(encoding: "utf-16le" | "utf-16be"): Transform {
  const decoder = new TextDecoder(encoding, { fatal: true });
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, Buffer.from(decoder.decode(chunk, { stream: true }), "utf8"));
    },
    flush(done) {
      done(null, Buffer.from(decoder.decode(), "utf8"));
    },
  });
}

function fingerprint(hash: Hash): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

function sink(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

function refusal(file: LocatedFile, nature: Nature, error: unknown): GenOpsError {
  if (error instanceof GenOpsError) return error;
  const place = { file: file.name };
  if (nature.gzip) {
    return new GenOpsError("refused", `is a broken or truncated gzip file: ${messageOf(error)}`, {
      place,
      cause: error,
    });
  }
  return new GenOpsError("refused", `cannot be read: ${messageOf(error)}`, { place, cause: error });
}
