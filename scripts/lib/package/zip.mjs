import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { deflateSync } from "fflate";

/** @typedef {import("./bundle.mjs").Files} Files */

/** Files larger than this are compressed once and kept: DuckDB's library is in most packages and takes seconds. */
const KEPT_FROM_BYTES = 1024 * 1024;

/** 1980-01-01 00:00:00, the first moment that a zip can name. */
const DOS_DATE = (1 << 5) | 1;
const DOS_TIME = 0;
/** A plain file that everybody may read and its owner may write, as Unix says it. */
const UNIX_FILE = 0o100_644;
const MADE_ON_UNIX = (3 << 8) | 20;
const NEEDS_VERSION = 20;
/** Names are UTF-8. */
const FLAGS = 0x0800;
const DEFLATED = 8;

/**
 * A zip whose bytes depend on the files alone: sorted, dated 1980, compressed by JavaScript (zlib's output differs between processors).
 * Written without data descriptors, which not every reader of deployment packages takes.
 * @param {Files} files
 * @param {{ cache: string }} options folder for what is compressed once
 * @returns {Uint8Array}
 */
export function zip(files, { cache }) {
  /** @type {Uint8Array[]} */
  const parts = [];
  /** @type {Uint8Array[]} */
  const directory = [];
  let offset = 0;
  for (const [name, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const path = Buffer.from(name, "utf8");
    const compressed = deflate(content, cache);
    const common = commonHeader(content, compressed, path);
    const local = Buffer.concat([uint32(0x04034b50), common, path]);
    directory.push(centralEntry(common, path, offset));
    parts.push(local, compressed);
    offset += local.length + compressed.length;
  }
  const size = directory.reduce((sum, entry) => sum + entry.length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.size, 8);
  end.writeUInt16LE(files.size, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

/**
 * From "version needed" to "extra field length": the same in both headers.
 * @param {Uint8Array} content
 * @param {Uint8Array} compressed
 * @param {Uint8Array} path
 */
function commonHeader(content, compressed, path) {
  const header = Buffer.alloc(26);
  header.writeUInt16LE(NEEDS_VERSION, 0);
  header.writeUInt16LE(FLAGS, 2);
  header.writeUInt16LE(DEFLATED, 4);
  header.writeUInt16LE(DOS_TIME, 6);
  header.writeUInt16LE(DOS_DATE, 8);
  header.writeUInt32LE(crc32(content), 10);
  header.writeUInt32LE(compressed.length, 14);
  header.writeUInt32LE(content.length, 18);
  header.writeUInt16LE(path.length, 22);
  return header;
}

/**
 * @param {Uint8Array} common
 * @param {Uint8Array} path
 * @param {number} offset of the local header
 */
function centralEntry(common, path, offset) {
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE(UNIX_FILE * 0x10000, 6);
  tail.writeUInt32LE(offset, 10);
  const made = Buffer.alloc(2);
  made.writeUInt16LE(MADE_ON_UNIX);
  return Buffer.concat([uint32(0x02014b50), made, common, tail, path]);
}

/** @param {number} value */
function uint32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/**
 * @param {Uint8Array} content
 * @param {string} cache
 */
function deflate(content, cache) {
  if (content.length < KEPT_FROM_BYTES) return deflateSync(content, { level: 9 });
  const file = join(cache, `${createHash("sha256").update(content).digest("hex")}.deflate`);
  if (existsSync(file)) return readFileSync(file);
  const compressed = deflateSync(content, { level: 9 });
  mkdirSync(cache, { recursive: true });
  // Two builds at once may both write it; each reader sees a whole file.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, compressed);
  renameSync(draft, file);
  return compressed;
}
