import { describe, expect, it } from "vitest";
import { type ConditionalTarget, putWhen, type SeenObject } from "../../../../shared/ledger/storage/put-when.ts";

/** A store of one object; `lost` says of a write, by number, that its answer is "refused" although it landed. */
function createTarget(seen: SeenObject | undefined, lost: readonly number[] = []) {
  let now = seen;
  let writes = 0;
  const target: ConditionalTarget = {
    look: () => Promise.resolve(now),
    write(writers) {
      now = { tag: `t${++writes}`, writers };
      return Promise.resolve(lost.includes(writes) ? undefined : now.tag);
    },
  };
  const set = (next: SeenObject | undefined) => {
    now = next;
  };
  return { target, now: () => now, set };
}

describe("putWhen", () => {
  it("leaves its mark before those of the writers before it", async () => {
    const { target, now } = createTarget({ tag: "t0", writers: "b a" });
    expect(await putWhen({ ifMatch: "t0" }, "c", target)).toEqual({ ok: true, etag: "t1" });
    expect(now()?.writers).toBe("c b a");
  });

  it("does not even try over another version than the one that was read", async () => {
    const { target, now } = createTarget({ tag: "t0", writers: "a" });
    expect(await putWhen({ ifMatch: "other" }, "c", target)).toEqual({ ok: false });
    expect(now()?.tag).toBe("t0");
  });

  it("takes a refusal for a win when its own mark is there, and a foreign one for a loss", async () => {
    const own = createTarget(undefined, [1]);
    expect(await putWhen({ create: true }, "c", own.target)).toEqual({ ok: true, etag: "t1" });
    const foreign = createTarget({ tag: "t0", writers: "x" });
    foreign.target.write = () => Promise.resolve(undefined);
    expect(await putWhen({ create: true }, "c", foreign.target)).toEqual({ ok: false });
  });

  it("takes a refusal for a loss when the object is gone", async () => {
    const { target } = createTarget(undefined);
    target.write = () => Promise.resolve(undefined);
    expect(await putWhen({ create: true }, "c", target)).toEqual({ ok: false });
  });

  it("finds its mark below those of later writers, and gives a tag that no later write can use", async () => {
    const { target, set } = createTarget({ tag: "t0", writers: "a" });
    target.write = (writers) => {
      set({ tag: "t9", writers: `later ${writers}` });
      return Promise.resolve(undefined);
    };
    const put = await putWhen({ ifMatch: "t0" }, "c", target);
    expect(put).toEqual({ ok: true, etag: expect.not.stringMatching(/^t\d/) });
  });

  it("remembers as many writers as fit into a store's metadata", async () => {
    const marks = Array.from({ length: 100 }, (_, index) => `mark${index}`.padEnd(16, "x"));
    const { target, now } = createTarget({ tag: "t0", writers: marks.join(" ") });
    await putWhen({ ifMatch: "t0" }, "newest", target);
    expect(now()?.writers.startsWith("newest mark0")).toBe(true);
    // S3: 2 KB for all metadata of an object.
    expect(now()?.writers.length).toBeLessThan(1024);
  });
});
