import { environmentRank } from "../actions/common/environments.ts";
import { activeLayers } from "../hold/hold.ts";
import { type ClusterHolds, type HoldLayer, type OwnWork, RUNGS } from "../types.ts";

/** What is to be given back. What has expired is given back first by every restore. */
export type Selection =
  | { kind: "steps"; steps: readonly string[] }
  | { kind: "policies"; policies: readonly string[] }
  | { kind: "all" }
  | { kind: "expired" };

type Wish = Pick<HoldLayer | OwnWork, "step" | "policy" | "expiresAt" | "rung" | "environment" | "appliedAt">;

/** One object, or one piece of own work, that is to be given back. */
export interface Chosen {
  /** Of a hold. */
  uid?: string;
  /** Its steps that leave. */
  steps: readonly string[];
  isExpired: boolean;
  /** Of the strongest step: these leave together. */
  rung: number;
  environment: number;
  newest: string;
}

/**
 * What a selection means, in the order in which it is given back: the expired, then block before throttle before freeze, prod before staging
 * before dev, the newest first.
 */
export function choose(document: ClusterHolds, selection: Selection, now: string): readonly Chosen[] {
  const wants = wantsOf(selection);
  const isMeant = (wish: Wish) => wish.expiresAt <= now || wants(wish);
  const holds = Object.values(document.holds).flatMap((hold) =>
    chosen(activeLayers(hold).filter(isMeant), now, { uid: hold.ref.uid }),
  );
  const own = Object.values(document.own)
    .filter(({ state }) => state !== "restoring")
    .flatMap((work) => (isMeant(work) ? chosen([work], now, {}) : []));
  return [...holds, ...own].toSorted(byOrder);
}

function wantsOf(selection: Selection): (wish: Wish) => boolean {
  switch (selection.kind) {
    case "all":
      return () => true;
    case "expired":
      return () => false;
    case "steps":
      return ({ step }) => selection.steps.includes(step);
    case "policies":
      return ({ policy }) => selection.policies.includes(policy);
  }
}

function chosen(wishes: readonly Wish[], now: string, more: Pick<Chosen, "uid">): Chosen[] {
  if (wishes.length === 0) return [];
  return [
    {
      ...more,
      steps: wishes.map(({ step }) => step),
      isExpired: wishes.some(({ expiresAt }) => expiresAt <= now),
      rung: Math.max(...wishes.map(({ rung }) => RUNGS.indexOf(rung))),
      environment: Math.max(...wishes.map(({ environment }) => environmentRank(environment))),
      newest:
        wishes
          .map(({ appliedAt }) => appliedAt)
          .toSorted()
          .at(-1) ?? "",
    },
  ];
}

function byOrder(a: Chosen, b: Chosen): number {
  const expired = Number(b.isExpired) - Number(a.isExpired);
  if (expired !== 0) return expired;
  return b.rung - a.rung || b.environment - a.environment || (a.newest < b.newest ? 1 : -1);
}
