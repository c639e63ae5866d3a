import { sameValue } from "../fields.ts";
import type { ClusterAction, ClusterHolds, FieldChange, Hold, HoldLayer, OwnWork, Rung, Want } from "../types.ts";
import { RUNGS } from "../types.ts";

const NOT_HELD = { layers: 0 } as const;

/** What is held of an object that a want would change: how many layers of that want and action, or why it is left alone. */
export function heldOf(
  holds: ClusterHolds | undefined,
  uid: string,
  fields: readonly FieldChange[],
  want: Pick<Want, "policy">,
  action: ClusterAction,
): { layers: number } | { leftOut: string } {
  const hold = holds?.holds[uid];
  if (hold === undefined) return NOT_HELD;
  const refused = REASONS[hold.state]?.(hold);
  if (refused !== undefined) return { leftOut: refused };
  const changed = fields.find(({ pointer, from }) => {
    const written = hold.written[pointer];
    return written !== undefined && !sameValue(from, written, pointer);
  });
  if (changed !== undefined) return { leftOut: `somebody changed ${changed.pointer} after us; the next check decides` };
  return {
    layers: hold.layers.filter((layer) => !isLeaving(layer) && layer.policy === want.policy && layer.action === action)
      .length,
  };
}

const REASONS: Readonly<Partial<Record<Hold["state"], (hold: Hold) => string>>> = {
  contested: ({ detail, reverts }) =>
    `it is contested: ${detail ?? `${reverts.at(-1)?.manager ?? "somebody"} puts it back`}`,
  overridden: ({ detail }) => `a person changed it after us${detail === undefined ? "" : `: ${detail}`}`,
  failed: ({ detail }) => `the last write was refused${detail === undefined ? "" : `: ${detail}`}`,
  pending: () => "a write of ours to it is under way",
};

/**
 * How many steps of a want and action hold objects of ours already (`id` gives the id of the n-th), or why the last of them stands in the
 * way of another.
 */
export function heldOwn(
  holds: ClusterHolds | undefined,
  id: (held: number) => string,
): { held: number; leftOut?: string } {
  let held = 0;
  while (holds?.own[id(held)] !== undefined) held++;
  const last = held === 0 ? undefined : holds?.own[id(held - 1)];
  if (last === undefined || last.state === "active") return { held };
  const why = last.detail === undefined ? "" : `: ${last.detail}`;
  const words = last.state === "failed" ? "the last write was refused" : "a write of ours to it is under way";
  return { held, leftOut: `${words}${why}` };
}

/** The strongest rung that the want's budget (or the want itself) holds in the cluster; undefined: none. */
export function reachedRung(holds: ClusterHolds | undefined, policies: ReadonlySet<string>): Rung | undefined {
  if (holds === undefined) return undefined;
  const layers: readonly Pick<HoldLayer | OwnWork, "policy" | "rung">[] = [
    ...Object.values(holds.holds)
      .flatMap((hold) => hold.layers)
      .filter((layer) => !isLeaving(layer)),
    ...Object.values(holds.own).filter(({ state }) => state !== "restoring" && state !== "failed"),
  ];
  const reached = layers.filter(({ policy }) => policies.has(policy)).map(({ rung }) => RUNGS.indexOf(rung));
  return reached.length === 0 ? undefined : RUNGS[Math.max(...reached)];
}

/** Its restore has begun: it decides nothing more. */
export function isLeaving({ leaving }: HoldLayer): boolean {
  return leaving !== undefined;
}
