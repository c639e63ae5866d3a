import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromInteger } from "../../../shared/core/decimal.ts";
import type { Observation } from "../../../shared/core/finding.ts";
import { listFindings } from "../../../shared/governance/findings/finding-store.ts";
import { reconcileFindings } from "../../../shared/governance/findings/reconcile-findings.ts";
import { memoryStore, observation, recordingBus, testClock } from "../../unit/governance/support.ts";

const observations: fc.Arbitrary<Observation[]> = fc.array(
  fc
    .record({ subject: fc.constantFrom("a", "b", "c"), amount: fc.integer({ min: 1, max: 9 }), hard: fc.boolean() })
    .map(({ subject, amount, hard }) =>
      observation({
        subject,
        amount: fromInteger(amount),
        wantedActions: hard ? [{ action: "throttle", targets: [{ team: ["ml"] }] }] : [],
      }),
    ),
  { maxLength: 4 },
);
const covers = () => "restated";

describe("reconcileFindings", () => {
  it("changes and says nothing the second time", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(observations, { maxLength: 5 }), async (runs) => {
        const deps = { store: memoryStore(), clock: testClock("2024-09-20T06:00:00Z"), events: recordingBus() };
        for (const seen of runs) {
          await reconcileFindings(deps, { observations: seen, covers });
          const [before, said] = [await listFindings(deps), deps.events.published.length];
          await reconcileFindings(deps, { observations: seen, covers });
          expect([await listFindings(deps), deps.events.published.length]).toEqual([before, said]);
        }
      }),
    );
  });

  it("owes nothing once it is done", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(observations, { maxLength: 5 }), async (runs) => {
        const deps = { store: memoryStore(), clock: testClock("2024-09-20T06:00:00Z"), events: recordingBus() };
        for (const seen of runs) await reconcileFindings(deps, { observations: seen, covers });
        expect((await listFindings(deps)).flatMap(({ owed }) => owed)).toEqual([]);
      }),
    );
  });

  it("makes one finding and one opened event of two runs at once, in whatever order their steps happen", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), observations, observations, async (scheduler, one, other) => {
        const pause = () => scheduler.schedule(Promise.resolve(), "store");
        const store = memoryStore(pause);
        const events = recordingBus();
        const deps = { store, clock: testClock("2024-09-20T06:00:00Z"), events };
        const runs = [one, other].map((seen) =>
          reconcileFindings(deps, { observations: seen, covers: () => undefined }),
        );
        await scheduler.waitFor(Promise.all(runs));
        const subjects = new Set([...one, ...other].map(({ subject }) => subject));
        expect(store.objects.size).toBe(subjects.size);
        expect(events.types().filter((type) => type === "finding.opened")).toHaveLength(subjects.size);
        expect(new Set(events.published.map(({ id }) => id)).size).toBe(events.published.length);
      }),
    );
  });
});
