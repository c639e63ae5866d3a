import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDecimal, fromInteger, parseDecimal } from "../../../shared/core/decimal.ts";
import type { CloudEvent } from "../../../shared/core/events.ts";
import { currentVersion, readHead, versionAsOf } from "../../../shared/ledger/head.ts";
import { listQuarantines } from "../../../shared/ledger/quarantine.ts";
import { type ReplaceOptions, replacePeriod } from "../../../shared/ledger/replace-period.ts";
import { shrinkReason } from "../../../shared/ledger/shrink-guard.ts";
import type { PeriodVersion } from "../../../shared/ledger/versions.ts";
import type { Lake } from "../../../shared/ports/object-store.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";
import { createFaultyLake } from "../../support/faulty-lake.ts";
import { createMemoryLake } from "../../support/memory-lake.ts";

const limits = { shrinkRows: parseDecimal("0.2"), shrinkCost: parseDecimal("0.1") };
const options: ReplaceOptions = { limits, allowShrink: false };

function candidate(content: string, rows: number, amount: number, id = content): PeriodVersion {
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
    parts: [{ key: `rows/${id}.parquet`, rows, bytes: 1 }],
    providers: ["aws"],
    conformance: [],
    messages: [],
  };
}

function setUp(lake: Lake = createMemoryLake(), clock: FakeClock = createFakeClock("2024-10-01T00:00:00.000Z", true)) {
  const published: CloudEvent[] = [];
  const events = { publish: (event: CloudEvent) => Promise.resolve(void published.push(event)) };
  return { deps: { lake, clock, events }, published, clock, lake };
}

const delivery = fc.record({
  content: fc.constantFrom("a", "b", "c", "d"),
  rows: fc.integer({ min: 1, max: 100 }),
  amount: fc.integer({ min: 1, max: 1000 }),
});

describe("replacePeriod", () => {
  it("L3: does and says nothing when the same content comes again", async () => {
    const { deps, published } = setUp();
    const first = await replacePeriod(deps, candidate("a", 10, 100), deps.clock.now(), options);
    const again = await replacePeriod(deps, candidate("a", 10, 100, "other-id"), deps.clock.now(), options);
    expect([first.status, again.status]).toEqual(["replaced", "unchanged"]);
    expect(published).toHaveLength(1);
    expect((await readHead(deps.lake, "aws", "2024-09"))?.value.versions).toHaveLength(1);
  });

  it("L4, L5: keeps exactly the history of believed deliveries, readable as of any instant", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(delivery, { minLength: 1, maxLength: 12 }), async (deliveries) => {
        const { deps, clock } = setUp();
        const known: { at: string; hash: string }[] = [];
        let current: PeriodVersion | undefined;
        for (const [index, { content, rows, amount }] of deliveries.entries()) {
          const next = candidate(`${content}${rows}-${amount}`, rows, amount, `v${index}`);
          const same = current?.contentHash === next.contentHash;
          const shrunk = current !== undefined && shrinkReason(current, next, limits) !== undefined;
          const outcome = await replacePeriod(deps, next, clock.now(), options);
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
      { numRuns: 60 },
    );
  });

  it("L6: with many writers at once loses and doubles nothing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 6 }), fc.boolean(), async (writers, identical) => {
        const { deps, published } = setUp();
        const outcomes = await Promise.all(
          Array.from({ length: writers }, (_, index) =>
            replacePeriod(
              deps,
              candidate(identical ? "same" : `c${index}`, 100, 100, `v${index}`),
              deps.clock.now(),
              options,
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
      { numRuns: 40 },
    );
  });

  it("L6: does not put an older export back over a newer one that was committed meanwhile", async () => {
    const { deps, clock } = setUp();
    const startedAt = clock.now();
    clock.advance(1000);
    const newer = { ...candidate("new", 10, 100), sourceInstant: "2024-09-30T12:00:00.000Z" };
    await replacePeriod(deps, newer, clock.now(), options);
    const outcome = await replacePeriod(deps, candidate("old", 10, 100), startedAt, options);
    expect(outcome.status).toBe("unchanged");
  });

  it("L2: a stop at any write leaves the old version or the new one, and the next run finishes and tells", async () => {
    const count = createFaultyLake(createMemoryLake());
    const rehearsal = setUp(count);
    await replacePeriod(rehearsal.deps, candidate("a", 10, 100), rehearsal.clock.now(), options);
    const before = count.writes();
    await replacePeriod(rehearsal.deps, candidate("b", 10, 101), rehearsal.clock.now(), options);
    const writes = count.writes() - before;
    expect(writes).toBeGreaterThanOrEqual(3);
    for (let at = 1; at <= writes; at++) {
      for (const when of ["before", "after"] as const) {
        const lake = createMemoryLake();
        const { deps, published, clock } = setUp(lake);
        await replacePeriod(deps, candidate("a", 10, 100), clock.now(), options);
        const stop = () => {
          throw new Error("stopped");
        };
        const crashing = { ...deps, lake: createFaultyLake(lake, { at, when, stop }) };
        await expect(replacePeriod(crashing, candidate("b", 10, 101), clock.now(), options)).rejects.toThrow("stopped");
        const head = (await readHead(lake, "aws", "2024-09"))?.value;
        expect(["a", "b"]).toContain(head === undefined ? "nothing" : currentVersion(head).id);
        await replacePeriod(deps, candidate("b", 10, 101, "b2"), clock.now(), options);
        const after = (await readHead(lake, "aws", "2024-09"))?.value;
        expect(after?.versions.map(({ contentHash }) => contentHash)).toEqual(["hash-a", "hash-b"]);
        expect(new Set(published.map(({ id }) => id)).size).toBe(2);
        const index = await lake.get("index/source=aws/billing_period=2024-09/current.json");
        const named = JSON.parse(new TextDecoder().decode(index?.body)) as { version: string };
        expect(named.version).toBe(after === undefined ? "" : currentVersion(after).id);
      }
    }
  });

  it("INV-7: quarantines a bill whose control total does not match, once", async () => {
    const { deps, published } = setUp();
    const wrong: PeriodVersion = {
      ...candidate("a", 10, 100),
      control: [{ metric: "BilledCost", currency: "USD", amount: "90", difference: "10" }],
    };
    const outcomes = [
      await replacePeriod(deps, wrong, deps.clock.now(), options),
      await replacePeriod(deps, wrong, deps.clock.now(), options),
    ];
    expect(outcomes.map(({ status }) => status)).toEqual(["quarantined", "quarantined"]);
    expect(await listQuarantines(deps.lake)).toMatchObject([{ reason: "control-mismatch", state: "waiting" }]);
    expect(published).toEqual([]);
    expect(await readHead(deps.lake, "aws", "2024-09")).toBeUndefined();
  });
});
