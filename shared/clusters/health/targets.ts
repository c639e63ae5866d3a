import * as z from "zod";

const Seen = z.enum(["up", "down"]);

/** What is known of one cluster or endpoint. */
const Target = z.object({
  kind: z.enum(["cluster", "endpoint"]),
  name: z.string(),
  /** `unknown` until enough looks agree. */
  state: z.enum(["up", "down", "unknown"]),
  /** When the state began, RFC 3339. */
  since: z.string(),
  checkedAt: z.string(),
  /** Of the last look, for people. */
  detail: z.string(),
  latencyMs: z.exactOptional(z.number()),
  /** How often the last looks in a row found the same. */
  streak: z.object({ seen: Seen, count: z.int() }),
  /** The state before a change that nobody has been told of yet. */
  untold: z.exactOptional(z.enum(["up", "down", "unknown"])),
});
export type Target = z.infer<typeof Target>;

/** `health/clusters.json`, by `cluster/NAME` and `endpoint/NAME`. */
export const HealthDocument = z.object({ checkedAt: z.string(), targets: z.record(z.string(), Target) });
export type HealthDocument = z.infer<typeof HealthDocument>;
export const HEALTH_KEY = "health/clusters.json";

export interface Look {
  kind: Target["kind"];
  name: string;
  seen: "up" | "down";
  detail: string;
  latencyMs?: number;
}

export interface Thresholds {
  /** Looks in a row that must fail before something is down; the guide's `failureThreshold`. */
  failures: number;
  /** Looks in a row that must succeed before it is up again; the guide's `successThreshold`. */
  successes: number;
}

export function targetKey({ kind, name }: Pick<Look, "kind" | "name">): string {
  return `${kind}/${name}`;
}

/**
 * A target after one more look. The state changes when enough looks in a row agree, so that one lost packet moves nothing. What was never
 * seen before is up at once when it answers: that is no news.
 */
export function afterLook(before: Target | undefined, look: Look, limits: Thresholds, at: string): Target {
  const { kind, name, seen, detail, latencyMs } = look;
  const state = before?.state ?? "unknown";
  const count = before?.streak.seen === seen ? before.streak.count + 1 : 1;
  const needed = seen === "down" ? limits.failures : state === "unknown" ? 1 : limits.successes;
  const next = count >= needed ? seen : state;
  const changed = next !== state;
  const untold = changed ? newsOf(before?.untold, state, next) : before?.untold;
  return {
    kind,
    name,
    state: next,
    since: changed || before === undefined ? at : before.since,
    checkedAt: at,
    detail,
    ...(latencyMs === undefined ? {} : { latencyMs }),
    // No higher than anybody looks, so that a long calm needs no writes.
    streak: { seen, count: Math.min(count, Math.max(limits.failures, limits.successes)) },
    ...(untold === undefined ? {} : { untold }),
  };
}

/** A first "up" is no news. */
function newsOf(owed: Target["untold"], from: Target["state"], to: Target["state"]): Target["untold"] {
  if (from === "unknown" && to === "up") return owed;
  return from;
}

const STALE_MS = 5 * 60_000;

/** The document after a round of looks; undefined when nothing changed that is worth a write. Who is not looked at any more is left out. */
export function afterRound(
  before: HealthDocument | undefined,
  looks: readonly Look[],
  limits: Thresholds,
  now: Date,
): HealthDocument | undefined {
  const at = now.toISOString();
  const targets = Object.fromEntries(
    looks.map((look) => [targetKey(look), afterLook(before?.targets[targetKey(look)], look, limits, at)]),
  );
  const isFresh = before !== undefined && now.getTime() - Date.parse(before.checkedAt) < STALE_MS;
  return isFresh && sameStates(before.targets, targets) ? undefined : { checkedAt: at, targets };
}

function sameStates(a: HealthDocument["targets"], b: HealthDocument["targets"]): boolean {
  const gist = (targets: HealthDocument["targets"]) =>
    JSON.stringify(
      Object.entries(targets)
        .map(([key, { state, streak, untold }]) => [key, state, streak, untold])
        .sort(),
    );
  return gist(a) === gist(b);
}
