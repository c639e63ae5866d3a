import type { Decimal } from "../../../core/decimal.ts";
import { sum } from "../../../core/decimal.ts";
import type { LeftOut, Rung, Want } from "../types.ts";
import { RUNGS } from "../types.ts";
import type { Candidate, Eligible } from "./candidate.ts";
import type { Caps } from "./caps.ts";
import { freedBy, type Offer, smallestSet, withinCaps } from "./choose.ts";
import { isLeaving, reachedRung } from "./held.ts";
import { findLever } from "./levers.ts";
import { type Meant, meantBy } from "./meant.ts";
import type { ScopeMatch } from "./scope.ts";
import type { PlanInput } from "./types.ts";
import { needPerHour } from "./want-refusal.ts";
import { ownPlaces, wideSteps } from "./wide-steps.ts";
import type { World } from "./world.ts";

const LADDER = ["freeze", "throttle", "block"] as const satisfies readonly Rung[];
type Stage = (typeof LADDER)[number];

/** What has been planned for stronger wants of the same plan. */
export interface Planned {
  candidates: readonly Candidate[];
  touched: ReadonlySet<string>;
}

interface Work {
  input: PlanInput;
  world: World;
  caps: Caps;
  planned: Planned;
  want: Want;
  match: ScopeMatch;
}

interface Outcome {
  candidates: readonly Candidate[];
  leftOut: readonly LeftOut[];
  /** A stronger want of this plan does the rung's work already. */
  isBusy: boolean;
}

/**
 * The steps of one want: one rung above what it has reached, or the next one where that rung has nothing to do; in a dry run all the way.
 * At a rung, workloads that need not go so far are frozen.
 */
export function planWant(work: Work): Outcome {
  const last = lastStage(work.want);
  for (let stage = firstStage(work, last); stage < last; stage++) {
    const outcome = planStage(work, LADDER[stage] ?? "freeze");
    if (outcome.candidates.length > 0 || outcome.isBusy) return outcome;
  }
  return planStage(work, LADDER[last] ?? "freeze");
}

function lastStage({ rung }: Want): number {
  return rung === "human" ? 0 : LADDER.indexOf(rung);
}

function firstStage({ want, input }: Work, last: number): number {
  if (want.atOnce === true || isDryRun(input.settings)) return last;
  const reached = reachedRung(input.holds, familyOf(want, input.wants));
  const next = reached === undefined ? 0 : RUNGS.indexOf(reached) + 1;
  return Math.min(next, last);
}

/** Then nothing is ever held: a ladder would show its first rung for ever. */
export function isDryRun({ mode, layers }: PlanInput["settings"]): boolean {
  return mode === "dry-run" || layers.cluster === "dry-run";
}

/** Policies of the same budget: what one threshold has done, the next one builds on. */
function familyOf(want: Want, wants: readonly Want[]): ReadonlySet<string> {
  const family = wants.filter(({ budget }) => budget !== undefined && budget === want.budget);
  return new Set([want, ...family].map(({ policy }) => policy));
}

function planStage(work: Work, stage: Stage): Outcome {
  const { input, world, caps, planned, want, match } = work;
  const meant = meantBy(want, match, stage, world);
  const leftOut: LeftOut[] = [...meant.leftOut, ...nothingMeant(meant, work)];
  const chosen: Candidate[] = [];
  const touched = new Set(planned.touched);
  const add = (candidates: readonly Candidate[]): void => {
    chosen.push(...candidates);
    for (const { touches } of candidates) for (const uid of touches) touched.add(uid);
  };

  if (stage !== "freeze") {
    const strong = strongOffers(work, meant, stage, touched);
    const allowed = withinCaps(strong.offers, caps);
    const perHour = remainingNeed(work);
    const already = freedBy(planned.candidates);
    const kept = smallestSet(allowed.candidates, { perHour, already, savings: input.savings });
    const isKept = new Set(kept);
    for (const candidate of allowed.candidates) if (!isKept.has(candidate)) caps.giveBack(candidate);
    const isEnough = kept.length < allowed.candidates.length;
    leftOut.push(...strong.leftOut, ...(isEnough ? [] : allowed.leftOut));
    add(kept);
  }
  const wide = wideSteps(input, world, want, meant, stage, touched);
  const broad = withinCaps(
    wide.candidates.map((candidate) => ({ candidate, withAtMost: () => undefined })),
    caps,
  );
  add(broad.candidates);
  const weak = offersOf(work, meant.workloads, ["freeze"], touched);
  const frozen = withinCaps(weak.offers, caps);
  add(frozen.candidates);
  leftOut.push(...wide.leftOut, ...broad.leftOut, ...weak.leftOut, ...frozen.leftOut);
  return { candidates: chosen, leftOut, isBusy: isBusy(meant, planned.touched) };
}

function nothingMeant({ workloads, namespaces, pools, leftOut }: Meant, { input, want }: Work): LeftOut[] {
  if (workloads.length + namespaces.length + pools.length + leftOut.length > 0) return [];
  const subject = `cluster ${input.inventory.cluster}`;
  return [{ subject, policy: want.policy, reason: "nothing in it belongs to the scope" }];
}

function isBusy({ workloads, namespaces }: Meant, touched: ReadonlySet<string>): boolean {
  return (
    workloads.some(({ workload }) => touched.has(workload.ref.uid)) ||
    namespaces.some(({ namespace }) => ownPlaces(namespace.uid).some((place) => touched.has(place)))
  );
}

function strongOffers(work: Work, meant: Meant, stage: "throttle" | "block", touched: ReadonlySet<string>) {
  const need = remainingNeed(work);
  if (need !== undefined && need <= 0n) return { offers: [], leftOut: [] };
  return offersOf(work, meant.workloads, stage === "block" ? ["block", "throttle"] : ["throttle"], touched);
}

function offersOf(
  { input, want }: Work,
  workloads: readonly Eligible[],
  rungs: readonly Stage[],
  touched: ReadonlySet<string>,
): { offers: Offer[]; leftOut: LeftOut[] } {
  const offers: Offer[] = [];
  const leftOut: LeftOut[] = [];
  for (const eligible of workloads) {
    if (touched.has(eligible.workload.ref.uid)) continue;
    const lever = findLever(input, want, eligible, rungs);
    if ("candidate" in lever) {
      offers.push({ candidate: lever.candidate, withAtMost: (pods) => part(input, want, eligible, rungs, pods) });
      continue;
    }
    for (const refusal of lever.refusals) {
      const { kind, namespace = "", name } = eligible.workload.ref;
      leftOut.push({ subject: `${kind} ${namespace}/${name}`, policy: want.policy, ...refusal });
    }
  }
  return { offers, leftOut };
}

function part(
  input: PlanInput,
  want: Want,
  eligible: Eligible,
  rungs: readonly Stage[],
  pods: number,
): Candidate | undefined {
  const lever = findLever(input, want, eligible, rungs, pods);
  return "candidate" in lever ? lever.candidate : undefined;
}

/** The want's need less what its steps save that the bill cannot show yet: they are younger than its data. */
function remainingNeed({ input, want }: Work): Decimal | undefined {
  const need = needPerHour(want, input);
  if (need === undefined || need === "no rate") return undefined;
  const seenUntil = input.now.getTime() - (input.dataAgeHours ?? 0) * 3_600_000;
  const family = familyOf(want, input.wants);
  const unseen = Object.values(input.holds?.holds ?? {})
    .filter(({ state }) => state === "active")
    .flatMap(({ layers }) => layers.filter((layer) => !isLeaving(layer)))
    .filter(({ policy, appliedAt }) => family.has(policy) && Date.parse(appliedAt) > seenUntil);
  return (need - sum(unseen.map(({ savesPerHour }) => savesPerHour))) as Decimal;
}
