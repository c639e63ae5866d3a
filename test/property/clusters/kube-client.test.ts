import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isUnknownOutcome } from "../../../shared/clusters/connections/errors.ts";
import { clientOf, type Said, startStub, trainer, trainerObject } from "../../support/kube-stub.ts";

/** What a server may do to one request. `done`: it may have carried it out. */
const DEEDS = {
  ok: { said: { status: 200, body: trainerObject }, done: true },
  lost: { said: "hang up", done: true },
  half: { said: "half", done: true },
  leader: { said: { status: 500 }, done: true },
  late: { said: { status: 504 }, done: true },
  busy: { said: { status: 429, headers: { "retry-after": "1" } }, done: false },
  away: { said: { status: 503 }, done: false },
  conflict: { said: { status: 409 }, done: false },
  denied: { said: { status: 403 }, done: false },
} as const satisfies Record<string, { said: Said; done: boolean }>;
type Deed = keyof typeof DEEDS;

const scripts = fc.array(fc.constantFrom(...(Object.keys(DEEDS) as Deed[])), { minLength: 1, maxLength: 8 });

describe("whatever the server does", () => {
  it("a write is never sent again once it may have been carried out, and its error says so", async () => {
    let script: readonly Deed[] = [];
    let next = 0;
    const stub = await startStub(() => DEEDS[script[Math.min(next++, script.length - 1)] ?? "ok"].said);
    await fc.assert(
      fc.asyncProperty(scripts, async (deeds) => {
        [script, next] = [deeds, 0];
        const client = clientOf(stub);
        const outcome = await client.mergePatch(trainer, {}, { uid: "u-1", resourceVersion: "41" }).then(
          () => "ok" as const,
          (error: unknown) => (isUnknownOutcome(error) ? "unknown" : "failed"),
        );
        const met = Array.from({ length: next }, (_, index) => deeds[Math.min(index, deeds.length - 1)] ?? "ok");
        const last = met.at(-1) ?? "ok";
        expect(met.slice(0, -1).filter((deed) => DEEDS[deed].done)).toEqual([]);
        expect(outcome).toBe(last === "ok" ? "ok" : DEEDS[last].done ? "unknown" : "failed");
        expect(met.length).toBeLessThanOrEqual(5);
      }),
      { numRuns: 60 },
    );
  });

  it("a read ends well when one of its first five requests does, unless it is refused before", async () => {
    let script: readonly Deed[] = [];
    let next = 0;
    const stub = await startStub(() => DEEDS[script[Math.min(next++, script.length - 1)] ?? "ok"].said);
    await fc.assert(
      fc.asyncProperty(scripts, async (deeds) => {
        [script, next] = [deeds, 0];
        const fine = await clientOf(stub)
          .get(trainer)
          .then(
            () => true,
            () => false,
          );
        const met = Array.from({ length: 5 }, (_, index) => deeds[Math.min(index, deeds.length - 1)] ?? "ok");
        const end = met.find((deed) => deed === "ok" || deed === "conflict" || deed === "denied");
        expect(fine).toBe(end === "ok");
      }),
      { numRuns: 40 },
    );
  });
});
