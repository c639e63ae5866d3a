import { GenOpsError } from "../../core/errors.ts";
import type { Lake } from "../../ports/object-store.ts";
import type { Randomness } from "../../ports/randomness.ts";
import type { LocalCopies } from "./local-copies.ts";
import { assertObjectKey } from "./object-key.ts";
import { putWhen } from "./put-when.ts";
import { type Reading, readBytes, readToFile } from "./read-object.ts";

export interface RemoteLakeOptions extends Reading {
  /** Folder of the bucket that the lake lies in; empty: all of it. */
  prefix: string;
  randomness: Randomness;
  copies: LocalCopies;
}

/** A lake in a cloud's object storage. */
export function createRemoteLake(options: RemoteLakeOptions): Lake {
  const { remote, prefix, randomness, copies } = options;
  const folder = prefix === "" ? "" : `${prefix}/`;
  const createMark = () => randomness.id().slice(0, 16);
  const place = (key: string) => {
    assertObjectKey(key);
    return folder + key;
  };
  return {
    async get(key) {
      const found = await readBytes(options, place(key));
      return found === undefined ? undefined : { body: found.body, etag: found.tag };
    },
    async put(key, body, when) {
      const at = place(key);
      if (body.length === 0) throw new GenOpsError("internal", `an object may not be empty: ${key}`);
      const mark = createMark();
      await copies.forget(key);
      if (when !== undefined) {
        return putWhen(when, mark, {
          look: () => remote.look(at),
          write: (writers) => remote.write(at, body, { when, writers }),
        });
      }
      const tag = await remote.write(at, body, { writers: mark });
      return tag === undefined ? { ok: false } : { ok: true, etag: tag };
    },
    async delete(key) {
      await remote.remove(place(key));
      await copies.forget(key);
    },
    async *list(below) {
      for await (const { key, ...entry } of remote.list(folder + below)) {
        yield { key: key.slice(folder.length), ...entry };
      }
    },
    async putFile(key, file) {
      await remote.upload(place(key), file, createMark());
      await copies.adopt(key, file);
    },
    async publish(key, body) {
      await remote.write(place(key), body, { writers: createMark() });
      await copies.forget(key);
    },
    getFile: (key) => {
      const at = place(key);
      return copies.pathOf(key, (file) => readToFile(options, at, file));
    },
    async getRange(key, offset, length) {
      const toByte = offset + Math.max(length, 1) - 1;
      const found = await readBytes(options, place(key), { fromByte: offset, toByte });
      return found?.body.subarray(0, length);
    },
  };
}
