import { randomBytes } from "node:crypto";
import { access, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readHead } from "../../shared/ledger/head.ts";
import { replacePeriod } from "../../shared/ledger/replace-period.ts";
import type { Lake } from "../../shared/ports/object-store.ts";
import { assertConditions } from "../support/servers/assert-conditions.ts";
import { type Fault, type FaultProxy, startFaultProxy } from "../support/servers/fault-proxy.ts";
import type { StoreKind, TestStore } from "../support/servers/store-kinds.ts";
import { candidate, createReplaceDeps, REPLACE_OPTIONS } from "./ledger.contract.ts";
import { localFile } from "./object-store.contract.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = async (lake: Lake, key: string) => new TextDecoder().decode((await lake.get(key))?.body);

interface Stage {
  store: TestStore;
  proxy: FaultProxy;
  /** Through the proxy. */
  lake: Lake;
  /** Past the proxy. */
  other: Lake;
}

/** What a lake in a cloud does when the way to it, or the store itself, fails: `url` is a server of that kind. */
export function storeFaultsContract(kind: StoreKind, url: () => string): void {
  async function setUp(options: { serial?: boolean } = {}): Promise<Stage> {
    const store = await kind.createStore(url());
    const proxy = await startFaultProxy(url(), options);
    onTestFinished(() => proxy.close());
    return { store, proxy, lake: await store.openLake({ via: proxy.url }), other: await store.openLake() };
  }

  const onWrite: Fault["on"] = (request) => kind.isWrite(request);
  const onRead: Fault["on"] = ({ method }) => method === "GET";

  /** A write that took effect although its writer did not hear of it; the client library repeats it. */
  const landed: [string, Fault["does"]][] = [
    ["the answer is lost", "lose the answer"],
    ["503 is the answer", { instead: 503 }],
  ];

  describe(`faults: ${kind.name}`, () => {
    describe.each(landed)("when a write takes effect and %s", (_what, does) => {
      it("tells the creator that it won", async () => {
        const { proxy, lake, other } = await setUp();
        proxy.inject({ on: onWrite, does });
        const put = await lake.put("k", bytes("1"), { create: true });
        expect([put.ok, proxy.pending()]).toEqual([true, 0]);
        expect(await textOf(other, "k")).toBe("1");
        expect(put.ok && (await lake.put("k", bytes("2"), { ifMatch: put.etag })).ok).toBe(true);
      });

      it("tells the one who replaces that it won", async () => {
        const { proxy, lake, other } = await setUp();
        await other.put("k", bytes("1"));
        const read = await lake.get("k");
        proxy.inject({ on: onWrite, does });
        const put = await lake.put("k", bytes("2"), { ifMatch: read?.etag ?? "" });
        expect([put.ok, proxy.pending()]).toEqual([true, 0]);
        expect(await textOf(other, "k")).toBe("2");
        expect(put.ok && (await lake.put("k", bytes("3"), { ifMatch: put.etag })).ok).toBe(true);
      });

      it("tells the writer that it won even if another has written over it meanwhile, and lets it write no more", async () => {
        const { proxy, lake, other } = await setUp();
        await other.put("k", bytes("1"));
        const read = await lake.get("k");
        const meanwhile = async () => {
          const theirs = await other.get("k");
          await other.put("k", bytes("theirs"), { ifMatch: theirs?.etag ?? "" });
        };
        proxy.inject({ on: onWrite, does, meanwhile });
        const put = await lake.put("k", bytes("mine"), { ifMatch: read?.etag ?? "" });
        expect(put.ok).toBe(true);
        expect(await textOf(other, "k")).toBe("theirs");
        expect(put.ok && (await lake.put("k", bytes("again"), { ifMatch: put.etag })).ok).toBe(false);
      });

      it("tells the loser that it lost", async () => {
        const { proxy, lake, other } = await setUp();
        await other.put("k", bytes("theirs"));
        proxy.inject({ on: onWrite, does });
        expect(await lake.put("k", bytes("mine"), { create: true })).toEqual({ ok: false });
        expect(await textOf(other, "k")).toBe("theirs");
      });

      it("commits a period once: one version in the ledger, one announcement", async () => {
        const { proxy, lake, other } = await setUp();
        const { deps, published } = createReplaceDeps(lake);
        proxy.inject({ on: onWrite, does }, { on: onWrite, does }, { on: onWrite, does });
        const outcome = await replacePeriod(deps, candidate("a", 10, 100), deps.clock.now(), REPLACE_OPTIONS);
        const again = await replacePeriod(deps, candidate("a", 10, 100), deps.clock.now(), REPLACE_OPTIONS);
        expect([outcome.status, again.status, proxy.pending()]).toEqual(["replaced", "unchanged", 0]);
        const head = await readHead(other, "aws", "2024-09");
        expect(head?.value.versions.map(({ id }) => id)).toEqual(["a"]);
        expect(published).toHaveLength(1);
      });
    });

    it("is refused by the store itself when a condition does not hold", async () => {
      const { store } = await setUp();
      await expect(assertConditions(kind.name, await store.openRemote())).resolves.toBeUndefined();
    });

    it("loses no increment of many writers whose answers are lost", async () => {
      const { proxy, lake, other } = await setUp({ serial: true });
      await other.put("counter", bytes("0"));
      for (let fault = 0; fault < 6; fault++) {
        // Every second write: some land, some do not.
        proxy.inject({ on: onWrite, does: "lose the answer" }, { on: onWrite, does: { answer: 503 } });
      }
      const increment = async () => {
        for (;;) {
          const read = await lake.get("counter");
          const next = String(Number(new TextDecoder().decode(read?.body)) + 1);
          if ((await lake.put("counter", bytes(next), { ifMatch: read?.etag ?? "" })).ok) return;
        }
      };
      await Promise.all(Array.from({ length: 8 }, increment));
      expect([await textOf(other, "counter"), proxy.pending()]).toEqual(["8", 0]);
    });

    it("lets exactly one writer win when the store handles one request at a time", async () => {
      const { store, proxy, lake } = await setUp({ serial: true });
      const second = await store.openLake({ via: proxy.url });
      await lake.put("k", bytes("0"));
      const tag = (await lake.get("k"))?.etag ?? "";
      const wins = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? lake : second).put("k", bytes(`w${index}`), { ifMatch: tag }),
        ),
      );
      expect(wins.filter(({ ok }) => ok)).toHaveLength(1);
      expect(await textOf(lake, "k")).toBe(`w${wins.findIndex(({ ok }) => ok)}`);
    });

    it("carries on after 503 twice, whatever it does", async () => {
      const { proxy, lake } = await setUp();
      const twice: Fault = { times: 2, does: { answer: 503 } };
      const after503 = async <T>(work: () => Promise<T>): Promise<T> => {
        proxy.inject(twice);
        const result = await work();
        expect(proxy.pending()).toBe(0);
        return result;
      };
      const put = await after503(() => lake.put("k", bytes("1"), { create: true }));
      expect(put.ok).toBe(true);
      expect(await after503(() => textOf(lake, "k"))).toBe("1");
      expect(put.ok && (await after503(() => lake.put("k", bytes("2"), { ifMatch: put.etag }))).ok).toBe(true);
      expect(await after503(() => keysOf(lake))).toEqual(["k"]);
      await after503(() => lake.publish("p", bytes("p")));
      const file = await localFile("rows");
      await after503(() => lake.putFile("f", file));
      expect(await after503(async () => (await lake.getRange("f", 1, 2))?.length)).toBe(2);
      await after503(() => lake.delete("k"));
      expect(await keysOf(lake)).toEqual(["f", "p"]);
    });

    it("says unavailable, and that it may be tried again, when the store does not come back", async () => {
      const { proxy, lake } = await setUp();
      proxy.inject({ times: 1_000, does: { answer: 503 } });
      const unavailable = { code: "unavailable", retryable: true };
      await expect(lake.get("k")).rejects.toMatchObject(unavailable);
      await expect(lake.put("k", bytes("1"), { create: true })).rejects.toMatchObject(unavailable);
      await expect(keysOf(lake)).rejects.toMatchObject(unavailable);
    });

    it("says unavailable when nobody answers at all", async () => {
      const { store, proxy } = await setUp();
      await proxy.close();
      const lake = await store.openLake({ via: proxy.url });
      await expect(lake.get("k")).rejects.toMatchObject({ code: "unavailable", retryable: true });
    });

    it("names the missing right when it is refused", async () => {
      const { proxy, lake } = await setUp();
      proxy.inject({ times: 1_000, does: kind.denial });
      const denied = (doing: RegExp) => ({ code: "config", retryable: false, message: expect.stringMatching(doing) });
      await expect(lake.get("a/k")).rejects.toMatchObject(denied(/read lake\/a\/k: access denied; .* needs .+/));
      await expect(lake.put("k", bytes("1"))).rejects.toMatchObject(
        denied(/write lake\/k: access denied; .* needs .+/),
      );
      await expect(lake.delete("k")).rejects.toMatchObject(denied(/remove lake\/k: access denied; .* needs .+/));
      await expect(keysOf(lake)).rejects.toMatchObject(denied(/list lake\/: access denied; .* needs .+/));
      await expect(lake.putFile("f", await localFile("x"))).rejects.toMatchObject(
        denied(/write lake\/f: access denied/),
      );
    });

    it("says that the bucket does not exist", async () => {
      const missing = await kind.openMissing(url());
      const noStore = { code: "config", message: expect.stringContaining("does not exist") };
      await expect(missing.write("k", bytes("1"), { writers: "me" })).rejects.toMatchObject(noStore);
      await expect(firstOf(missing.list(""))).rejects.toMatchObject(noStore);
    });

    it.each(["cut the answer", "stall the answer", "drip the answer"] as const)(
      "reads a document whole although the store does %j",
      async (does) => {
        const { proxy, lake, other } = await setUp();
        const document = JSON.stringify(Array.from({ length: 500 }, (_, index) => index));
        await other.put("k", bytes(document));
        proxy.inject({ on: onRead, does });
        expect([await textOf(lake, "k"), proxy.pending()]).toEqual([document, 0]);
      },
    );

    it("takes up a file where the connection broke or stalled, without reading anything twice", async () => {
      const { proxy, lake, other } = await setUp();
      const content = randomBytes(3 * 1024 ** 2);
      await other.putFile("rows/f.parquet", await localFile(content));
      proxy.inject(
        { on: onRead, does: "cut the answer" },
        { on: onRead, does: "stall the answer" },
        { on: onRead, does: "drip the answer" },
      );
      const file = await lake.getFile("rows/f.parquet");
      expect([content.equals(await readFile(file)), proxy.pending(), proxy.requests()]).toEqual([true, 0, 3]);
    });

    it("shows no half of a file that could not be read to its end", async () => {
      const { proxy, store, other } = await setUp();
      const bills = await store.openBills(proxy.url);
      await other.putFile("f.csv", await localFile(randomBytes(100_000)));
      proxy.inject({ on: onRead, times: 1_000, does: "cut the answer" });
      const target = path.join(path.dirname(await localFile("")), "target.csv");
      await expect(bills.download("lake/f.csv", target)).rejects.toMatchObject({
        code: "unavailable",
        retryable: true,
      });
      await expect(access(target)).rejects.toMatchObject({ code: "ENOENT" });
      expect(await readdir(path.dirname(target))).toEqual(["part"]);
    });

    it("gives no mixture of two versions of a file", async () => {
      const { proxy, store, other } = await setUp();
      const bills = await store.openBills(proxy.url);
      await other.putFile("f.csv", await localFile("a".repeat(100_000)));
      const meanwhile = async () => other.putFile("f.csv", await localFile("b".repeat(100_000)));
      proxy.inject({ on: onRead, does: "cut the answer", meanwhile });
      const target = path.join(path.dirname(await localFile("")), "target.csv");
      await expect(bills.download("lake/f.csv", target)).rejects.toMatchObject({
        code: "unavailable",
        retryable: true,
      });
      await bills.download("lake/f.csv", target);
      expect(await readFile(target, "utf8")).toBe("b".repeat(100_000));
    });

    it("stores a large file although one part of it, and the answer to the last request, are lost", async () => {
      const { proxy, lake, other } = await setUp();
      const content = randomBytes(11 * 1024 ** 2);
      let writes = 0;
      proxy.inject({ on: ({ method }) => /PUT|POST/.test(method) && ++writes === 3, does: { answer: 503 } });
      proxy.inject({ on: kind.isLastOfUpload, does: "lose the answer" });
      await lake.putFile("rows/large.parquet", await localFile(content));
      expect(proxy.pending()).toBe(0);
      expect(content.equals(await readFile(await other.getFile("rows/large.parquet")))).toBe(true);
    });

    it("asks once for a file that several want, and never again", async () => {
      const { proxy, lake, other } = await setUp();
      await other.putFile("rows/f.parquet", await localFile("rows"));
      const paths = await Promise.all(Array.from({ length: 5 }, () => lake.getFile("rows/f.parquet")));
      expect([new Set([...paths, await lake.getFile("rows/f.parquet")]).size, proxy.requests()]).toEqual([1, 1]);
    });

    it("keeps lakes in one bucket apart", async () => {
      const { store } = await setUp();
      const [one, two] = [await store.openLake({ prefix: "lake" }), await store.openLake({ prefix: "lake2" })];
      await one.put("k", bytes("1"));
      await two.put("k", bytes("2"));
      expect([await keysOf(one), await keysOf(two), await textOf(one, "k")]).toEqual([["k"], ["k"], "1"]);
      expect(await keysOf(await store.openLake({ prefix: "" }))).toEqual(["lake/k", "lake2/k"]);
    });
  });
}

async function keysOf(lake: Lake): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of lake.list("")) keys.push(key);
  return keys;
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}
