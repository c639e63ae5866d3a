import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDecimal, fromInteger, parseDecimal } from "../../shared/core/decimal.ts";
import type { CloudEvent } from "../../shared/core/events.ts";
import { collectGarbage } from "../../shared/ledger/collect-garbage.ts";
import { currentVersion, readHead, versionAsOf } from "../../shared/ledger/head.ts";
import { readVersions } from "../../shared/ledger/open-costs.ts";
import { listQuarantines } from "../../shared/ledger/quarantine.ts";
import { type ReplaceOptions, replacePeriod } from "../../shared/ledger/replace-period.ts";
import { shrinkReason } from "../../shared/ledger/shrink-guard.ts";
import type { PeriodVersion } from "../../shared/ledger/versions.ts";
import type { Lake } from "../../shared/ports/object-store.ts";
import { createFakeClock, type FakeClock } from "../support/fake-clock.ts";
import { createFaultyLake } from "../support/faulty-lake.ts";
import { localFile, type OpenLake, readPublished } from "./object-store.contract.ts";

const limits = { shrinkRows: parseDecimal("0.2"), shrinkCost: parseDecimal("0.1") };
export const REPLACE_OPTIONS: ReplaceOptions = { limits, allowShrink: false };

/** A delivery of one period; equal contents have equal fingerprints. */
export function candidate(content: string, rows: number, amount: number, id = content): PeriodVersion {
  const text = formatDecimal(fromInteger(amount));
  return {
    id,
    source: "aws",
    billingPeriod: "2024-09",
    contentHash: `hash-${content}`,
    sourceInstant: "2024-09-30T00:00:00.000Z",
    rows,
    totals: [{ currency: "USD", billed: text, effective: text, absoluteBilled: text }],
    control: "none",
    parts: [0, 1, 2].map((part) => ({ key: `rows/version=${id}/part-${part}.parquet`, rows, bytes: 1 })),
    providers: ["aws"],
    conformance: [],
    messages: [],
  };
}

export function createReplaceDeps(
  lake: Lake,
  clock: FakeClock = createFakeClock("2024-10-01T00:00:00.000Z", true),
): {
  deps: { lake: Lake; clock: FakeClock; events: { publish(event: CloudEvent): Promise<void> } };
  published: CloudEvent[];
} {
  const published: CloudEvent[] = [];
  const events = { publish: (event: CloudEvent) => Promise.resolve(void published.push(event)) };
  return { deps: { lake, clock, events }, published };
}

const delivery = fc.record({
  content: fc.constantFrom("a", "b", "c", "d"),
  rows: fc.integer({ min: 1, max: 100 }),
  amount: fc.integer({ min: 1, max: 1000 }),
});

/** L2–L6 of `docs/ledger.md` over any lake; `make` gives an empty one each time. `runs` scales how much is tried. */
export function ledgerContract(name: string, make: () => Promise<OpenLake>, { runs }: { runs: number }): void {
  const setUp = async () => createReplaceDeps(await (await make())());

  describe(`replacePeriod over ${name}`, () => {
    it("L3: does and says nothing when the same content comes again", async () => {
      const { deps, published } = await setUp();
      const first = await replacePeriod(deps, candidate("a", 10, 100), deps.clock.now(), REPLACE_OPTIONS);
      const again = await replacePeriod(deps, candidate("a", 10, 100, "other"), deps.clock.now(), REPLACE_OPTIONS);
      expect([first.status, again.status]).toEqual(["replaced", "unchanged"]);
      expect(published).toHaveLength(1);
      expect((await readHead(deps.lake, "aws", "2024-09"))?.value.versions).toHaveLength(1);
    });

    it("L4, L5: keeps exactly the history of believed deliveries, readable as of any instant", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(delivery, { minLength: 1, maxLength: 12 }), async (deliveries) => {
          const { deps } = await setUp();
          const { clock } = deps;
          const known: { at: string; hash: string }[] = [];
          let current: PeriodVersion | undefined;
          for (const [index, { content, rows, amount }] of deliveries.entries()) {
            const next = candidate(`${content}${rows}-${amount}`, rows, amount, `v${index}`);
            const same = current?.contentHash === next.contentHash;
            const shrunk = current !== undefined && shrinkReason(current, next, limits) !== undefined;
            const outcome = await replacePeriod(deps, next, clock.now(), REPLACE_OPTIONS);
            expect(outcome.status).toBe(same ? "unchanged" : shrunk ? "quarantined" : "replaced");
            if (outcome.status === "replaced") {
              current = next;
              known.push({ at: outcome.version.committedAt, hash: next.contentHash });
            }
            clock.advance(1000);
          }
          const head = (await readHead(deps.lake, "aws", "2024-09"))?.value;
          expect(head?.versions.map(({ contentHash }) => contentHash)).toEqual(known.map(({ hash }) => hash));
          for (const { at, hash } of known) {
            if (head !== undefined) expect(versionAsOf(head, new Date(at))?.contentHash).toBe(hash);
          }
          const firstAt = known[0]?.at;
          if (head !== undefined && firstAt !== undefined)
            expect(versionAsOf(head, new Date(Date.parse(firstAt) - 1))).toBeUndefined();
        }),
        { numRuns: runs },
      );
    });

    it("L6: with many writers in two processes at once loses and doubles nothing", async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 2, max: 6 }), fc.boolean(), async (writers, identical) => {
          const open = await make();
          const { deps, published } = createReplaceDeps(await open());
          const other = { ...deps, lake: await open() };
          const outcomes = await Promise.all(
            Array.from({ length: writers }, (_, index) =>
              replacePeriod(
                index % 2 === 0 ? deps : other,
                candidate(identical ? "same" : `c${index}`, 100, 100, `v${index}`),
                deps.clock.now(),
                REPLACE_OPTIONS,
              ),
            ),
          );
          const won = outcomes.filter(({ status }) => status === "replaced").length;
          const head = (await readHead(deps.lake, "aws", "2024-09"))?.value;
          expect(won).toBe(identical ? 1 : writers);
          expect(head?.versions).toHaveLength(won);
          expect(new Set(head?.versions.map(({ committedAt }) => committedAt)).size).toBe(won);
          const lastId = head === undefined ? "" : currentVersion(head).id;
          expect(published.map(({ data }) => (data as { version: string }).version)).toContain(lastId);
        }),
        { numRuns: Math.ceil(runs / 2) },
      );
    });

    it("L6: does not put an older export back over a newer one that was committed meanwhile", async () => {
      const { deps } = await setUp();
      const { clock } = deps;
      const startedAt = clock.now();
      clock.advance(1000);
      const newer = { ...candidate("new", 10, 100), sourceInstant: "2024-09-30T12:00:00.000Z" };
      await replacePeriod(deps, newer, clock.now(), REPLACE_OPTIONS);
      const outcome = await replacePeriod(deps, candidate("old", 10, 100), startedAt, REPLACE_OPTIONS);
      expect(outcome.status).toBe("unchanged");
    });

    it("L2: shows a reader whole versions of several parts while a writer replaces them", async () => {
      const open = await make();
      const { deps } = createReplaceDeps(await open());
      const reader = await open();
      let writing = true;
      const seen: string[] = [];
      const reading = (async () => {
        while (writing) {
          for (const { id, parts } of await readVersions(reader, {})) {
            seen.push(id);
            expect(parts.map(({ key }) => key)).toEqual([0, 1, 2].map((n) => `rows/version=${id}/part-${n}.parquet`));
          }
        }
      })();
      for (let version = 0; version < 5; version++) {
        const next = candidate(`v${version}`, 10, 100 + version);
        await replacePeriod(deps, next, deps.clock.now(), REPLACE_OPTIONS);
      }
      writing = false;
      await reading;
      expect(seen).toEqual([...seen].sort());
      expect((await readVersions(reader, {})).map(({ id }) => id)).toEqual(["v4"]);
    });

    it("L2: a stop at any write leaves the old version or the new one, and the next run finishes and tells", {
      timeout: 120_000,
    }, async () => {
      const count = createFaultyLake(await (await make())());
      const rehearsal = createReplaceDeps(count);
      await replacePeriod(rehearsal.deps, candidate("a", 10, 100), rehearsal.deps.clock.now(), REPLACE_OPTIONS);
      const before = count.writes();
      await replacePeriod(rehearsal.deps, candidate("b", 10, 101), rehearsal.deps.clock.now(), REPLACE_OPTIONS);
      const writes = count.writes() - before;
      expect(writes).toBeGreaterThanOrEqual(3);
      for (let at = 1; at <= writes; at++) {
        for (const when of ["before", "after"] as const) {
          const { deps, published } = await setUp();
          const { lake, clock } = deps;
          await replacePeriod(deps, candidate("a", 10, 100), clock.now(), REPLACE_OPTIONS);
          const stop = () => {
            throw new Error("stopped");
          };
          const crashing = { ...deps, lake: createFaultyLake(lake, { at, when, stop }) };
          const replacing = replacePeriod(crashing, candidate("b", 10, 101), clock.now(), REPLACE_OPTIONS);
          await expect(replacing).rejects.toThrow("stopped");
          const head = (await readHead(lake, "aws", "2024-09"))?.value;
          expect(["a", "b"]).toContain(head === undefined ? "nothing" : currentVersion(head).id);
          await replacePeriod(deps, candidate("b", 10, 101, "b2"), clock.now(), REPLACE_OPTIONS);
          const after = (await readHead(lake, "aws", "2024-09"))?.value;
          expect(after?.versions.map(({ contentHash }) => contentHash)).toEqual(["hash-a", "hash-b"]);
          expect(new Set(published.map(({ id }) => id)).size).toBe(2);
          const index = await readPublished(lake, "index/source=aws/billing_period=2024-09/current.json");
          expect(JSON.parse(index)).toMatchObject({ version: after === undefined ? "" : currentVersion(after).id });
        }
      }
    });

    it("INV-7: quarantines a bill whose control total does not match, once", async () => {
      const { deps, published } = await setUp();
      const wrong: PeriodVersion = {
        ...candidate("a", 10, 100),
        control: [{ metric: "BilledCost", currency: "USD", amount: "90", difference: "10" }],
      };
      const outcomes = [
        await replacePeriod(deps, wrong, deps.clock.now(), REPLACE_OPTIONS),
        await replacePeriod(deps, wrong, deps.clock.now(), REPLACE_OPTIONS),
      ];
      expect(outcomes.map(({ status }) => status)).toEqual(["quarantined", "quarantined"]);
      expect(await listQuarantines(deps.lake)).toMatchObject([{ reason: "control-mismatch", state: "waiting" }]);
      expect(published).toEqual([]);
      expect(await readHead(deps.lake, "aws", "2024-09")).toBeUndefined();
    });

    it("L4: frees superseded versions when their time has come, and no others", async () => {
      const { deps } = await setUp();
      for (const [content, amount] of [
        ["a", 100],
        ["b", 101],
      ] as const) {
        const next = candidate(content, 10, amount);
        for (const { key } of next.parts) await deps.lake.putFile(key, await localFile(content));
        await replacePeriod(deps, next, deps.clock.now(), REPLACE_OPTIONS);
      }
      // The stores' own clocks are not ours to move: everything in them is far older than a day.
      deps.clock.advance(Date.now() + 40 * 86_400_000 - deps.clock.now().getTime());
      const expired = await collectGarbage(deps, { retainVersionsDays: 30 });
      deps.clock.advance(7 * 3_600_000);
      const freed = await collectGarbage(deps, { retainVersionsDays: 30 });
      expect([expired, freed]).toEqual([
        { expired: 1, deleted: 0 },
        { expired: 0, deleted: 3 },
      ]);
      const left: string[] = [];
      for await (const { key } of deps.lake.list("rows/")) left.push(key);
      expect(left).toEqual(candidate("b", 10, 101).parts.map(({ key }) => key));
    });
  });
}
