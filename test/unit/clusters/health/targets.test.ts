import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { endpointsOf, thresholdsOf } from "../../../../shared/clusters/health/endpoints.ts";
import { afterLook, afterRound, type Look, type Target } from "../../../../shared/clusters/health/targets.ts";

const limits = { failures: 3, successes: 2 };
const look = (seen: "up" | "down"): Look => ({ kind: "cluster", name: "a", seen, detail: seen });

function follow(seen: readonly ("up" | "down")[]): Target[] {
  const states: Target[] = [];
  for (const [index, each] of seen.entries())
    states.push(
      afterLook(states.at(-1), look(each), limits, `2026-01-01T00:${String(index % 60).padStart(2, "0")}:00Z`),
    );
  return states;
}

describe("a target's state", () => {
  it("is up at once and down after three failures in a row; up again after two successes", () => {
    const seen = follow(["up", "down", "down", "up", "down", "down", "down", "up", "down", "up", "up"]);
    expect(seen.map(({ state }) => state)).toEqual([
      "up",
      "up",
      "up",
      "up",
      "up",
      "up",
      "down",
      "down",
      "down",
      "down",
      "up",
    ]);
    expect(seen.at(-1)).toMatchObject({ since: "2026-01-01T00:10:00Z", untold: "down" });
  });

  it("is unknown until it is known to be down, and the first up is no news", () => {
    expect(follow(["down", "down"]).map(({ state, untold }) => [state, untold])).toEqual([
      ["unknown", undefined],
      ["unknown", undefined],
    ]);
    expect(follow(["down", "down", "down"]).at(-1)).toMatchObject({ state: "down", untold: "unknown" });
    expect(follow(["up"]).at(-1)?.untold).toBeUndefined();
  });

  it("changes only when the last looks agree", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("up" as const, "down" as const), { minLength: 1, maxLength: 40 }),
        (seen) => {
          const states = follow(seen);
          for (const [index, { state }] of states.entries()) {
            const before = states[index - 1]?.state ?? "unknown";
            if (state === before || state === "unknown") continue;
            const needed = state === "down" ? limits.failures : before === "unknown" ? 1 : limits.successes;
            expect(seen.slice(index + 1 - needed, index + 1)).toEqual(Array.from({ length: needed }, () => state));
          }
        },
      ),
    );
    expect(limits.failures).toBe(3);
  });
});

describe("a round", () => {
  const at = (text: string) => new Date(`2026-01-01T${text}Z`);

  it("is not written when nothing is new, and every five minutes all the same", () => {
    const once = afterRound(undefined, [look("up")], limits, at("00:00:00"));
    let calm = once;
    for (const minute of ["00:01:00", "00:02:00", "00:03:00"])
      calm = afterRound(calm, [look("up")], limits, at(minute)) ?? calm;
    expect(calm?.checkedAt).toBe("2026-01-01T00:02:00.000Z");
    expect(afterRound(calm, [look("up")], limits, at("00:04:00"))).toBeUndefined();
    expect(afterRound(calm, [look("up")], limits, at("00:07:00"))?.checkedAt).toBe("2026-01-01T00:07:00.000Z");
  });

  it("forgets what is not looked at any more", () => {
    const before = afterRound(undefined, [look("up"), { ...look("up"), name: "b" }], limits, at("00:00:00"));
    expect(Object.keys(afterRound(before, [look("up")], limits, at("00:01:00"))?.targets ?? {})).toEqual(["cluster/a"]);
  });
});

describe("the guide's multicloud configuration", () => {
  it("names endpoints and thresholds", () => {
    const multicloud = {
      enabled: true,
      providers: {
        aws: { enabled: true, region: "us-west-2", endpoint: "https://genops-aws.example.com" },
        azure: { enabled: false, endpoint: "https://genops-azure.example.com" },
      },
      backup: { provider: "gcp", endpoint: "https://genops-gcp.example.com" },
      failover: { healthCheck: { interval: "30s", failureThreshold: 4, successThreshold: 1 } },
    };
    expect(endpointsOf(multicloud)).toEqual([
      { name: "aws", url: "https://genops-aws.example.com" },
      { name: "backup", url: "https://genops-gcp.example.com" },
    ]);
    expect(thresholdsOf(multicloud)).toEqual({ failures: 4, successes: 1 });
    expect(thresholdsOf({ failover: { healthThreshold: 5 } })).toEqual({ failures: 5, successes: 2 });
    expect([endpointsOf(undefined), thresholdsOf(undefined)]).toEqual([[], { failures: 3, successes: 2 }]);
  });
});
