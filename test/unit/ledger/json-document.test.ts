import { describe, expect, it } from "vitest";
import * as z from "zod";
import { readDocument, updateDocument, writeDocument } from "../../../shared/ledger/json-document.ts";
import { createMemoryLake } from "../../support/memory-lake.ts";

const Counter = z.object({ count: z.number() });
const bytes = (text: string) => new TextEncoder().encode(text);

describe("JSON documents", () => {
  it("are written once where none is, and over exactly what was read", async () => {
    const lake = createMemoryLake();
    expect(await writeDocument(lake, "d.json", Counter, { count: 1 }, undefined)).toBe(true);
    expect(await writeDocument(lake, "d.json", Counter, { count: 2 }, undefined)).toBe(false);
    const read = await readDocument(lake, "d.json", Counter);
    expect(await writeDocument(lake, "d.json", Counter, { count: 2 }, read)).toBe(true);
    expect(await writeDocument(lake, "d.json", Counter, { count: 3 }, read)).toBe(false);
    expect((await readDocument(lake, "d.json", Counter))?.value).toEqual({ count: 2 });
    expect(await readDocument(lake, "other.json", Counter)).toBeUndefined();
  });

  it.each(["", "{", "[]", '{"count":"one"}', "\u0000\u0001"])(
    "that hold %j are an error that names the key, never an absent document",
    async (text) => {
      const lake = createMemoryLake();
      await lake.publish("d.json", bytes(text));
      await expect(readDocument(lake, "d.json", Counter)).rejects.toMatchObject({
        code: "internal",
        message: expect.stringContaining("d.json"),
      });
      await expect(updateDocument(lake, "d.json", Counter, () => ({ count: 1 }))).rejects.toMatchObject({
        code: "internal",
      });
    },
  );

  it("lose no change when many change them at once", async () => {
    const lake = createMemoryLake();
    const increment = () => updateDocument(lake, "d.json", Counter, (value) => ({ count: (value?.count ?? 0) + 1 }));
    await Promise.all(Array.from({ length: 30 }, increment));
    expect((await readDocument(lake, "d.json", Counter))?.value).toEqual({ count: 30 });
  });

  it("are not written when nothing changes", async () => {
    const lake = createMemoryLake();
    expect(await updateDocument(lake, "d.json", Counter, () => undefined)).toBeUndefined();
    await updateDocument(lake, "d.json", Counter, () => ({ count: 1 }));
    const before = lake.entries.get("d.json")?.etag;
    expect(await updateDocument(lake, "d.json", Counter, (value) => value)).toEqual({ count: 1 });
    expect(lake.entries.get("d.json")?.etag).toBe(before);
  });

  it("give up as a conflict that can be tried again when somebody else always wins", async () => {
    const lake = createMemoryLake();
    const stubborn = { ...lake, put: () => Promise.resolve({ ok: false as const }) };
    await expect(updateDocument(stubborn, "d.json", Counter, () => ({ count: 1 }))).rejects.toMatchObject({
      code: "conflict",
      retryable: true,
    });
  });
});
