import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drainOutbox, enqueue, listOutbox } from "../../../../shared/interfaces/notifications/outbox.ts";
import type { DeliveryReceipt, Notifier } from "../../../../shared/ports/notifier.ts";
import { fakeClock, fakeRandomness, finding, memoryStore } from "./support.ts";

interface Told {
  key: string;
  revision: number;
  previous: DeliveryReceipt | undefined;
}

function recorder(told: Told[], pause: () => Promise<void> = async () => {}): Notifier {
  return {
    id: "slack",
    deliver: async ({ finding: { key, revision }, previous }) => {
      told.push({ key, revision, previous });
      await pause();
      return { outcome: "delivered", receipt: { revision: String(revision) } };
    },
  };
}

const Revisions = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: 1, max: 3 })), {
  minLength: 1,
  maxLength: 6,
});

describe("two drainers and two evaluators at once", () => {
  it("tell each revision at most once, in order, the newest always", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), Revisions, Revisions, async (scheduler, first, second) => {
        const told: Told[] = [];
        const store = memoryStore({
          before: async (operation) => await scheduler.schedule(Promise.resolve(), operation),
        });
        const pause = async (): Promise<void> => await scheduler.schedule(Promise.resolve(), "deliver");
        const deps = { store, clock: fakeClock(), randomness: fakeRandomness(), notifiers: [recorder(told, pause)] };
        const evaluate = async (revisions: readonly (readonly [string, number])[]): Promise<void> => {
          for (const [key, revision] of revisions) await enqueue(deps, finding({ key, revision }), "slack");
          await drainOutbox(deps);
        };
        await scheduler.waitFor(Promise.all([evaluate(first), evaluate(second)]));
        await scheduler.waitFor(drainOutbox(deps));
        for (const key of new Set([...first, ...second].map(([one]) => one))) {
          const revisions = told.filter((one) => one.key === key).map(({ revision }) => revision);
          const newest = Math.max(
            ...[...first, ...second].filter(([one]) => one === key).map(([, revision]) => revision),
          );
          expect(revisions).toEqual([...new Set(revisions)].sort());
          expect(revisions.at(-1)).toBe(newest);
        }
        const previous = told.filter(({ key }) => key === "a").map((one) => one.previous?.["revision"]);
        expect(previous.slice(1).every((receipt) => receipt !== undefined)).toBe(true);
        expect((await scheduler.waitFor(listOutbox(store))).items.filter(({ state }) => state === "pending")).toEqual(
          [],
        );
      }),
      { numRuns: 300 },
    );
  });
});

/** The lease outlives any crash that this test makes: the next drainer comes later. */
const LATER_MS = 3_600_000;

async function crashAt(point: number): Promise<{ told: Told[]; crashed: boolean; left: string[] }> {
  const objects = new Map<string, { body: Uint8Array; etag: string }>();
  const told: Told[] = [];
  let changes = 0;
  let crashed = false;
  const dying = memoryStore(
    {
      before: async () => {
        if (crashed) throw new Error("the process is dead");
      },
      after: () => {
        changes += 1;
        crashed = changes === point;
      },
    },
    objects,
  );
  const clock = fakeClock();
  const deps = { clock, randomness: fakeRandomness(), notifiers: [recorder(told)] };
  const work = async (store: typeof dying): Promise<void> => {
    for (const revision of [1, 2]) await enqueue({ ...deps, store }, finding({ revision }), "slack");
    await drainOutbox({ ...deps, store });
  };
  await work(dying).catch(() => undefined);
  clock.advance(LATER_MS);
  const healthy = memoryStore({}, objects);
  await work(healthy);
  return { told, crashed, left: healthy.keys("outbox/pending/") };
}

describe("a sender that dies", () => {
  it("at any write loses no message and repeats at most one", async () => {
    let points = 0;
    for (let point = 1; ; point++) {
      const { told, crashed, left } = await crashAt(point);
      expect(told.at(-1)?.revision, `after write ${point}`).toBe(2);
      expect(told.filter(({ revision }) => revision === 2).length, `after write ${point}`).toBeLessThanOrEqual(
        crashed ? 2 : 1,
      );
      expect(left, `after write ${point}`).toEqual([]);
      if (!crashed) break;
      points += 1;
    }
    expect(points).toBe(6);
  });
});
