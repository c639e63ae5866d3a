import { prepareSavings } from "../../../shared/clusters/costs/prepare-savings.ts";
import { priceInventory } from "../../../shared/clusters/costs/price-inventory.ts";
import { readStoredHolds } from "../../../shared/clusters/enforcement/hold/document.ts";
import { createPlan } from "../../../shared/clusters/enforcement/plan/create-plan.ts";
import type { HumanAction } from "../../../shared/clusters/enforcement/plan/types.ts";
import type { TransactionDeps } from "../../../shared/clusters/enforcement/transaction/types.ts";
import type { Plan, Want } from "../../../shared/clusters/enforcement/types.ts";
import { readInventory } from "../../../shared/clusters/inventory/read-inventory.ts";
import type { EnforcementConfig } from "../../../shared/config/types.ts";
import { fromInteger, ZERO } from "../../../shared/core/decimal.ts";
import { enforcementSettings, wanted } from "../plan-world.ts";

/** Longer than the grace of new objects. */
export const AN_HOUR_MS = 3_600_000;
const NEVER = "2100-01-01T00:00:00.000Z";

/** A want that goes up to its rung in one plan, and lasts. */
export function lasting(rung: "freeze" | "throttle" | "block", more: Partial<Want> = {}): Want {
  return wanted({
    policy: `budget/global/2026-11-01/${rung}`,
    action: rung === "block" ? "block" : "throttle",
    rung,
    period: { start: "2026-11-01", end: "2099-12-31" },
    expiresAt: NEVER,
    atOnce: true,
    ...more,
  });
}

export function asked(action: HumanAction["action"], of: Record<string, string>): HumanAction {
  return { policy: "person/ana/1", expiresAt: NEVER, action, ...of } as HumanAction;
}

interface PlanningOptions {
  humanActions?: readonly HumanAction[];
  settings?: Partial<EnforcementConfig>;
}

/** What the real planner says about a cluster as it is now, read by the client that acts on it; every node costs one an hour. */
export async function planLive(
  { client, clock, store }: TransactionDeps,
  wants: readonly Want[],
  { humanActions = [], settings = {} }: PlanningOptions = {},
): Promise<Plan> {
  const inventory = await readInventory(client, { provider: "eks", protectedNamespaces: [], clock });
  const prices = new Map(
    inventory.nodes.map(({ ref: { name: node } }) => [
      node,
      { node, perHour: fromInteger(1), committedPerHour: ZERO, source: "list" as const },
    ]),
  );
  const priced = priceInventory(inventory, { prices, currency: "USD" });
  const holds = await readStoredHolds(store, client.cluster);
  return createPlan({
    inventory,
    priced,
    savings: prepareSavings(priced),
    wants,
    settings: enforcementSettings(settings),
    ...(holds === undefined ? {} : { holds }),
    now: clock.now(),
    requester: "genops",
    dataAgeHours: 1,
    humanActions,
  });
}
