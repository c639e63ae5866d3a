import * as z from "zod";
import { readDocument, updateDocument } from "../../ledger/json-document.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ObjectStore } from "../../ports/object-store.ts";

const KillSwitchSchema = z.object({
  stopped: z.boolean(),
  at: z.string(),
  by: z.string(),
  reason: z.string(),
});
export type KillSwitch = z.output<typeof KillSwitchSchema>;

const KEY = "enforcement/stop.json";

/** Is everything stopped, since when, by whom and why? Undefined: nobody ever stopped it. */
export async function readKillSwitch(store: ObjectStore): Promise<KillSwitch | undefined> {
  return (await readDocument(store, KEY, KillSwitchSchema))?.value;
}

export async function setKillSwitch(
  { store, clock }: { store: ObjectStore; clock: Pick<Clock, "now"> },
  change: Pick<KillSwitch, "stopped" | "by" | "reason">,
): Promise<KillSwitch> {
  const next = { ...change, at: clock.now().toISOString() };
  return (await updateDocument(store, KEY, KillSwitchSchema, () => next)) ?? next;
}

/** What a transaction asks before every write. A switch that cannot be read stops as well: nobody could stop us otherwise. */
export function createIsStopped(store: ObjectStore): () => Promise<boolean> {
  return async () => {
    try {
      return (await readKillSwitch(store))?.stopped ?? false;
    } catch {
      return true;
    }
  };
}
